/**
 * Writing events into files of a directory that a person names: JSON lines in
 * parts, and last the manifest, without which there is no archive.
 *
 * @module
 */

import type { Clock, Files } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import {
  firstLink,
  formatArchiveLine,
  hashManifest,
  nextLink,
} from "./archive_chain.ts";
import type { ArchiveManifest, ArchivePart } from "./archive_schema.ts";
import { byteLength, hashText } from "./envelope.ts";
import {
  type EventFilter,
  type FullEventRow,
  readEvents,
} from "./list_events.ts";
import type { Store } from "./store.ts";

/** Most characters of a part, unless one event alone has more. */
const PART_LETTERS = 4 * 1024 * 1024;
/** Rows that are in memory at once. */
const PAGE_ROWS = 200;

/** What to archive, and where. */
export interface ArchiveOptions {
  /** Which events. */
  readonly filter: EventFilter;
  /** Existing or new directory. */
  readonly directory: string;
  /** Called after each part with the events in it. */
  readonly onDone?: (count: number) => void;
}

/** An archive on disk. */
export interface WrittenArchive {
  /** Path of its manifest. */
  readonly path: string;
  /** The manifest. */
  readonly manifest: ArchiveManifest;
}

interface Draft {
  readonly host: ArchiveHost;
  readonly directory: string;
  readonly name: string;
  readonly parts: ArchivePart[];
  readonly states: Record<string, number>;
  lines: string[];
  letters: number;
  link: string;
  first: number;
  last: number;
  count: number;
}

type ArchiveHost = {
  readonly clock: Pick<Clock, "now">;
  readonly files: Pick<Files, "writeAtomic" | "remove" | "stat">;
};

/**
 * Writes an archive; what was written of one that fails is removed again.
 *
 * @returns `empty` when no event was chosen, `taken` when there is an archive
 * of that name.
 * @throws {HostError} when the disk refuses.
 */
export async function writeArchive(
  host: ArchiveHost,
  store: Store,
  options: ArchiveOptions,
): Promise<WrittenArchive | "empty" | "taken"> {
  const createdAt = new Date(host.clock.now()).toISOString();
  const name = `events-${createdAt.replace(/[:.]/g, "-")}`;
  const path = joinPath(options.directory, `${name}.manifest.json`);
  if (await host.files.stat(path) !== undefined) return "taken";
  const draft: Draft = {
    host,
    directory: options.directory,
    name,
    parts: [],
    states: {},
    lines: [],
    letters: 0,
    link: firstLink({
      "project_uuid": store.projectId,
      "created_at": createdAt,
    }),
    first: 0,
    last: 0,
    count: 0,
  };
  try {
    await writeParts(draft, store, options);
    if (draft.count === 0) return "empty";
    const manifest = manifestOf(draft, store, createdAt);
    const text = JSON.stringify(manifest, null, 2) + "\n";
    await host.files.writeAtomic(path, text);
    return { path, manifest };
  } catch (error) {
    await discard(draft);
    throw error;
  }
}

async function writeParts(
  draft: Draft,
  store: Store,
  { filter, onDone }: ArchiveOptions,
): Promise<void> {
  while (true) {
    const rows = readEvents(store, filter, {
      after: draft.last,
      limit: PAGE_ROWS,
    });
    for (const row of rows) {
      addLine(draft, row);
      if (draft.letters >= PART_LETTERS) await endPart(draft, onDone);
    }
    if (rows.length < PAGE_ROWS) return await endPart(draft, onDone);
  }
}

function addLine(draft: Draft, row: FullEventRow): void {
  const line = formatArchiveLine(row);
  draft.lines.push(line);
  draft.letters += line.length + 1;
  draft.link = nextLink(draft.link, line);
  draft.states[row.state] = (draft.states[row.state] ?? 0) + 1;
  if (draft.count === 0) draft.first = row.seq;
  draft.last = row.seq;
  draft.count++;
}

async function endPart(
  draft: Draft,
  onDone: ArchiveOptions["onDone"],
): Promise<void> {
  const { lines, parts, name } = draft;
  if (lines.length === 0) return;
  const file = `${name}.${`${parts.length + 1}`.padStart(4, "0")}.jsonl`;
  const text = lines.join("\n") + "\n";
  parts.push({
    file,
    count: lines.length,
    bytes: byteLength(text),
    sha256: hashText(text),
  });
  draft.lines = [];
  draft.letters = 0;
  await draft.host.files.writeAtomic(joinPath(draft.directory, file), text);
  onDone?.(lines.length);
}

function manifestOf(
  { count, states, first, last, parts, link }: Draft,
  { projectId, nodeId }: Store,
  createdAt: string,
): ArchiveManifest {
  const manifest = {
    schema: "event_archive",
    "schema_version": 1,
    "project_uuid": projectId,
    "node_id": nodeId,
    "created_at": createdAt,
    count,
    states,
    "seq_from": first,
    "seq_to": last,
    parts: parts.map((part) => ({ ...part })),
    chain: link,
  } as const;
  return { ...manifest, "manifest_sha256": hashManifest(manifest) };
}

/** What stays behind is no archive; it only takes room. */
async function discard({ host, directory, parts }: Draft): Promise<void> {
  for (const { file } of parts) {
    await host.files.remove(joinPath(directory, file)).catch(() => undefined);
  }
}
