/**
 * The index of the runs of a repository: which there are, which projects each
 * owns, and which revision of it counts. Pure: values in, values out.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { JsonObject } from "../state/json_value.ts";
import { sealText } from "../state/sealed_document.ts";
import { formatDocument } from "./document_codec.ts";
import type { Mode, RunState } from "./model.ts";
import type { IndexDocument } from "./run_index_schema.ts";

/** Version of the index. */
export const INDEX_VERSION = 1;
/** Runs that are over and still listed. */
export const HISTORY_LIMIT = 50;
/** Runs that are over and no longer listed, but still fenced. */
export const FENCE_LIMIT = 500;

/** One revision of a run. */
export interface Revision {
  /** `<utc>-<12 hex>`, the name of its directory. */
  readonly name: string;
  /** Fingerprint of its documents, which the name starts with. */
  readonly fingerprint: string;
}

/** One run in the index. */
export interface IndexEntry {
  /** Its id. */
  readonly runId: string;
  /** Its mode. */
  readonly mode: Mode;
  /** Projects that it owns; none when it is over. */
  readonly owned: readonly string[];
  /** Projects that a later run has taken over. */
  readonly lost: readonly string[];
  /** Whether it is over: it can never be saved again. */
  readonly isRetired: boolean;
  /** Generation of its last change; the highest is the latest run. */
  readonly sequence: number;
  /** The revision that counts. */
  readonly current: Revision;
  /** The one before. */
  readonly previous: Revision | undefined;
}

/** The index. */
export interface RunIndex {
  /** Repository. */
  readonly scope: string;
  /** Grows by one with each change. */
  readonly generation: number;
  /** Runs, the oldest first. */
  readonly entries: readonly IndexEntry[];
  /** Ids of runs that are over and no longer listed, the oldest first. */
  readonly fenced: readonly string[];
}

/** The index of a repository without a run. */
export function emptyIndex(scope: string): RunIndex {
  return { scope, generation: 0, entries: [], fenced: [] };
}

/** The runs that are not over, the latest first. */
export function activeEntries(index: RunIndex): readonly IndexEntry[] {
  return index.entries.filter(({ isRetired }) => !isRetired)
    .toSorted((a, b) => b.sequence - a.sequence);
}

/**
 * Puts a revision of a run into the index. Projects that are new to the run
 * become its own; a run that has none left is over.
 *
 * @throws {KnownError} `drift` for a run that is over, or for a project that a
 * later run has taken over.
 */
export function withRevision(
  index: RunIndex,
  run: Pick<RunState, "runId" | "mode" | "projects">,
  revision: Revision,
): RunIndex {
  const found = index.entries.find(({ runId }) => runId === run.runId);
  const owned = [...new Set(run.projects.map(({ name }) => name))].sort();
  refuse(index, found, run, owned);
  const sequence = index.generation + 1;
  const isSame = found?.current.name === revision.name;
  const entry: IndexEntry = {
    runId: run.runId,
    mode: run.mode,
    owned,
    lost: found?.lost ?? [],
    isRetired: false,
    sequence,
    current: revision,
    previous: isSame ? found?.previous : found?.current,
  };
  const others = index.entries.filter(({ runId }) => runId !== run.runId)
    .map((other) => takeOver(other, entry));
  return shorten({
    ...index,
    generation: sequence,
    entries: [...others, entry],
  });
}

function refuse(
  index: RunIndex,
  found: IndexEntry | undefined,
  run: Pick<RunState, "runId" | "mode">,
  owned: readonly string[],
): void {
  if (found?.isRetired || index.fenced.includes(run.runId)) {
    throw drift(`${run.runId} is over: a later command has stopped it`);
  }
  if (found !== undefined && found.mode !== run.mode) {
    throw drift(`${run.runId} is a run of mode ${found.mode}`);
  }
  const lost = owned.filter((name) => found?.lost.includes(name));
  if (lost.length > 0) {
    throw drift(`a later run has taken over ${lost.join(", ")}`);
  }
}

function drift(reason: string): KnownError {
  return new KnownError("drift", `Cannot save this run: ${reason}`, {
    hint: "Look at what runs now, then try again: reeve status",
  });
}

function takeOver(other: IndexEntry, by: IndexEntry): IndexEntry {
  if (other.isRetired || other.mode !== by.mode) return other;
  const taken = other.owned.filter((name) => by.owned.includes(name));
  if (taken.length === 0) return other;
  const owned = other.owned.filter((name) => !taken.includes(name));
  return {
    ...other,
    owned,
    lost: [...other.lost, ...taken].sort(),
    isRetired: owned.length === 0,
  };
}

/** Declares a run over; its revisions stay. One that is not there stays so. */
export function withoutRun(index: RunIndex, runId: string): RunIndex {
  const found = index.entries.find((entry) => entry.runId === runId);
  if (found === undefined || found.isRetired) return index;
  const entries = index.entries.map((entry) =>
    entry === found ? { ...entry, owned: [], isRetired: true } : entry
  );
  return shorten({ ...index, generation: index.generation + 1, entries });
}

/** Old runs leave the list, but not the fence. */
function shorten(index: RunIndex): RunIndex {
  const retired = index.entries.filter(({ isRetired }) => isRetired);
  const old = new Set(
    retired.slice(0, Math.max(0, retired.length - HISTORY_LIMIT)),
  );
  return {
    ...index,
    entries: index.entries.filter((entry) => !old.has(entry)),
    fenced: [...index.fenced, ...[...old].map(({ runId }) => runId)]
      .slice(-FENCE_LIMIT),
  };
}

/** A run without the projects that it does not own any more. */
export function narrowRun(run: RunState, owned: readonly string[]): RunState {
  const lost = new Set(
    run.projects.map(({ name }) => name)
      .filter((name) => !owned.includes(name)),
  );
  if (lost.size === 0) return run;
  // What is shared belongs to a project that need not be of the run.
  const isKept = ({ project }: { readonly project: string }) =>
    !lost.has(project);
  return {
    ...run,
    projects: run.projects.filter(({ name }) => !lost.has(name)),
    services: run.services.filter(isKept),
    dependencies: run.dependencies.filter(isKept),
    ports: run.ports.filter(isKept),
  };
}

/** The text of an index. */
export function formatIndex(index: RunIndex): string {
  return sealText(formatDocument({
    "schema": "run_index",
    "schema_version": INDEX_VERSION,
    "scope": index.scope,
    "generation": index.generation,
    "entries": index.entries.map(encodeEntry),
    "fenced": index.fenced,
  }));
}

/** The index of a checked document. */
export function decodeIndex(document: IndexDocument): RunIndex {
  return {
    scope: document.scope,
    generation: document.generation,
    entries: document.entries.map((entry) => ({
      runId: entry.run_id,
      mode: entry.mode,
      owned: entry.owned,
      lost: entry.lost,
      isRetired: entry.retired,
      sequence: entry.sequence,
      current: decodeRevision(entry.current),
      previous: entry.previous === null
        ? undefined
        : decodeRevision(entry.previous),
    })),
    fenced: document.fenced,
  };
}

function decodeRevision({ name, fingerprint }: Revision): Revision {
  return { name, fingerprint };
}

function encodeEntry(entry: IndexEntry): JsonObject {
  return {
    "run_id": entry.runId,
    "mode": entry.mode,
    "owned": entry.owned,
    "lost": entry.lost,
    "retired": entry.isRetired,
    "sequence": entry.sequence,
    "current": encodeRevision(entry.current),
    "previous": entry.previous === undefined
      ? null
      : encodeRevision(entry.previous),
  };
}

function encodeRevision({ name, fingerprint }: Revision): JsonObject {
  return { "name": name, "fingerprint": fingerprint };
}

const WORD = "[0-9]{8}T[0-9]{9}Z-";
const REVISION = new RegExp(`^${WORD}[0-9a-f]{12}$`);
const FINGERPRINT_LETTERS = 12;

/** Whether a text may name a revision. */
export function isRevisionName(text: string): boolean {
  return REVISION.test(text);
}

/** The name of a revision: names of later ones sort behind earlier ones. */
export function revisionOf(fingerprint: string, now: number): Revision {
  const time = new Date(now).toISOString().replace(/[-:.]/g, "");
  return {
    name: `${time}-${fingerprint.slice(0, FINGERPRINT_LETTERS)}`,
    fingerprint,
  };
}

/** When a revision was written, in epoch milliseconds. */
export function timeOfRevision(name: string): number {
  const [date = "", time = ""] = name.split("T");
  const day = date.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
  const part = time.slice(0, 9);
  const clock = part.replace(/^(\d\d)(\d\d)(\d\d)(\d{3})$/, "$1:$2:$3.$4");
  return Date.parse(`${day}T${clock}Z`);
}

/** Whether documents with this fingerprint may be of a revision. */
export function isNamedAfter(name: string, fingerprint: string): boolean {
  return name.endsWith(`-${fingerprint.slice(0, FINGERPRINT_LETTERS)}`);
}
