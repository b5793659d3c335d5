/**
 * Reading an archive back, line by line: only what has come through that may
 * be removed from the queue.
 *
 * @module
 */

import { type Files, type Host, HostError } from "../host/host.ts";
import { baseName, joinPath, parentPath } from "../host/path.ts";
import { readDocument, requireDocument } from "../state/document.ts";
import {
  firstLink,
  hashManifest,
  nextLink,
  readArchiveLine,
} from "./archive_chain.ts";
import type { ArchiveManifest, ArchivePart } from "./archive_schema.ts";
import { byteLength, hashText } from "./envelope.ts";

/** An archive that was read back and holds what its manifest says. */
export interface ReadArchive {
  /** Name of its manifest. */
  readonly name: string;
  /** Project of its events. */
  readonly projectId: string;
  /** Events in it. */
  readonly count: number;
  /** Place of the last one. */
  readonly lastSeq: number;
  /** Hash of the event at a place, if it is in there. */
  sha256Of(seq: number): string | undefined;
}

/** What reading back gave. */
export type ArchiveVerdict =
  | { readonly kind: "sound"; readonly archive: ReadArchive }
  | { readonly kind: "broken"; readonly faults: readonly string[] };

/** No part is larger than this, whatever a manifest says. */
const PART_BYTES = 64 * 1024 * 1024;
/** A manifest names this many faults of a part. */
const MOST_FAULTS = 5;

/**
 * Reads an archive back by its manifest.
 *
 * @throws {KnownError} when there is no manifest or it cannot be used.
 */
export async function verifyArchive(
  host: Pick<Host, "files">,
  path: string,
  onDone?: (count: number) => void,
): Promise<ArchiveVerdict> {
  const manifest = await readManifest(host, path);
  const walk: Walk = {
    link: firstLink(manifest),
    last: 0,
    hashes: new Map(),
    states: {},
    faults: [],
  };
  if (hashManifest(manifest) !== manifest.manifest_sha256) {
    walk.faults.push("the manifest: its hash is another");
  }
  for (const part of manifest.parts) {
    await readPart(host, joinPath(parentPath(path), part.file), { part, walk });
    onDone?.(part.count);
  }
  compare(manifest, walk);
  const { faults, hashes } = walk;
  if (faults.length > 0) return { kind: "broken", faults };
  return {
    kind: "sound",
    archive: {
      name: baseName(path),
      projectId: manifest.project_uuid,
      count: manifest.count,
      lastSeq: manifest.seq_to,
      sha256Of: (seq) => hashes.get(seq),
    },
  };
}

async function readManifest(
  host: Pick<Host, "files">,
  path: string,
): Promise<ArchiveManifest> {
  const read = await readDocument(host, path, async () => {
    const { archiveManifestSchema } = await import("./archive_schema.ts");
    return archiveManifestSchema;
  });
  const hint = "Name the file that ends in .manifest.json.";
  return requireDocument(read, path, hint);
}

interface Walk {
  link: string;
  last: number;
  readonly hashes: Map<number, string>;
  readonly states: Record<string, number>;
  readonly faults: string[];
}

async function readPart(
  { files }: { readonly files: Pick<Files, "readText"> },
  path: string,
  { part, walk }: { readonly part: ArchivePart; readonly walk: Walk },
): Promise<void> {
  let text: string;
  try {
    text = await files.readText(path, PART_BYTES);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    walk.faults.push(`${part.file}: ${error.code.replaceAll("_", " ")}`);
    return;
  }
  if (byteLength(text) !== part.bytes || hashText(text) !== part.sha256) {
    walk.faults.push(`${part.file}: its hash is another`);
  }
  const lines = text.split("\n").slice(0, -1);
  if (lines.length !== part.count) {
    walk.faults.push(`${part.file}: it has ${lines.length} lines`);
  }
  for (const [index, line] of lines.entries()) {
    const fault = readLine(line, walk);
    if (fault === undefined || walk.faults.length >= MOST_FAULTS) continue;
    walk.faults.push(`${part.file} line ${index + 1}: ${fault}`);
  }
}

function readLine(line: string, walk: Walk): string | undefined {
  walk.link = nextLink(walk.link, line);
  const read = readArchiveLine(line);
  if (typeof read === "string") return read;
  const { seq, sha256, state } = read;
  if (seq <= walk.last) return "its place is not behind the one before";
  walk.last = seq;
  walk.hashes.set(seq, sha256);
  walk.states[state] = (walk.states[state] ?? 0) + 1;
  return undefined;
}

function compare(manifest: ArchiveManifest, walk: Walk): void {
  const { hashes, faults } = walk;
  const [first = 0] = hashes.keys();
  if (hashes.size !== manifest.count) {
    faults.push(`the manifest: ${manifest.count} events, not ${hashes.size}`);
  }
  if (first !== manifest.seq_from || walk.last !== manifest.seq_to) {
    faults.push("the manifest: other places");
  }
  for (const state of Object.keys({ ...manifest.states, ...walk.states })) {
    if (manifest.states[state] === walk.states[state]) continue;
    faults.push(`the manifest: another number of ${state}`);
  }
  if (walk.link !== manifest.chain) {
    faults.push("the chain of hashes is broken");
  }
}
