/**
 * The two copies of the index on disk. Replacing the first one commits a
 * change; the second one is there for the day on which the first is damaged.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { baseName } from "../host/path.ts";
import { type DocumentRead, readDocumentText } from "../state/document.ts";
import { parseSealed, type SealedForm } from "../state/sealed_document.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { Fix, StateNote } from "./run_fixes.ts";
import {
  decodeIndex,
  emptyIndex,
  formatIndex,
  INDEX_VERSION,
  type RunIndex,
} from "./run_index.ts";
import type { IndexDocument } from "./run_index_schema.ts";

/** One copy of the index. */
export interface IndexCopy {
  /** Its file. */
  readonly path: string;
  /** What reading it gave. */
  readonly read: DocumentRead<RunIndex>;
}

/** What the two copies say together. */
export type IndexVerdict =
  /** There is an index; `broken` copies must be set aside, `stale` ones written. */
  | {
    readonly kind: "found";
    readonly index: RunIndex;
    readonly broken: readonly IndexCopy[];
    readonly stale: readonly IndexCopy[];
  }
  /** There never was one, or both copies have been taken away. */
  | { readonly kind: "missing" }
  /** No copy can be used, or they contradict each other. */
  | { readonly kind: "broken"; readonly reason: string };

const FORM: SealedForm<IndexDocument, RunIndex> = {
  version: INDEX_VERSION,
  decode: decodeIndex,
  loadSchema: async () => (await import("./run_index_schema.ts")).indexSchema,
};

/** Reads both copies; most of the time they are the same, and checked once. */
export async function readIndexCopies(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
): Promise<readonly IndexCopy[]> {
  const [first, second] = await Promise.all([
    readDocumentText(host, paths.index),
    readDocumentText(host, paths.indexBackup),
  ]);
  const read = await readCopy(paths, first);
  return [
    { path: paths.index, read },
    {
      path: paths.indexBackup,
      read: typeof second === "string" && second === first
        ? read
        : await readCopy(paths, second),
    },
  ];
}

async function readCopy(
  paths: EnvironmentPaths,
  text: Awaited<ReturnType<typeof readDocumentText>>,
): Promise<DocumentRead<RunIndex>> {
  if (typeof text !== "string") return text;
  const read = await parseSealed(text, FORM);
  const isForeign = read.kind === "found" && read.value.scope !== paths.scope;
  const reason = "it belongs to another repository";
  return isForeign ? { kind: "damaged", reason } : read;
}

/**
 * Decides which copy counts: the newest one. Two that are equally new and
 * different are both refused, as nobody can tell which of them is true.
 *
 * @throws {KnownError} `newer_file` for a copy of a newer program.
 */
export function judgeCopies(copies: readonly IndexCopy[]): IndexVerdict {
  for (const { path, read } of copies) {
    if (read.kind === "too_new") throw tooNew(path, read.version);
  }
  const found = copies.flatMap(({ read }) =>
    read.kind === "found" ? [read.value] : []
  ).toSorted((a, b) => b.generation - a.generation);
  const broken = copies.filter(({ read }) => isBroken(read));
  const [index, other] = found;
  if (index === undefined) {
    if (broken.length === 0) return { kind: "missing" };
    return { kind: "broken", reason: reasonOf(broken) };
  }
  const isSplit = other !== index &&
    other?.generation === index.generation &&
    formatIndex(other) !== formatIndex(index);
  if (isSplit) {
    const reason = `its two copies contradict each other`;
    return { kind: "broken", reason };
  }
  const stale = copies.filter(({ read }) =>
    read.kind !== "found" || read.value.generation !== index.generation
  );
  return { kind: "found", index, broken, stale };
}

function isBroken(read: DocumentRead<RunIndex>): boolean {
  return read.kind === "damaged" || read.kind === "unreadable";
}

function reasonOf(broken: readonly IndexCopy[]): string {
  return broken.map(({ path, read }) =>
    "reason" in read ? `${baseName(path)}: ${read.reason}` : baseName(path)
  ).join("; ");
}

function tooNew(path: string, version: number): KnownError {
  return new KnownError(
    "newer_file",
    `Cannot use ${path}: it has version ${version}`,
    { hint: "It is from a newer reeve: upgrade this one, or move it away." },
  );
}

/** An index that can be used, and what should be done about its copies. */
export interface UsableIndex {
  /** The index. */
  readonly index: RunIndex;
  /** Repairs of its copies. */
  readonly fixes: readonly Fix[];
  /** What was found wrong. */
  readonly notes: readonly StateNote[];
}

/**
 * The index that the copies give.
 *
 * @throws {KnownError} `damaged_file` when there is none to be had.
 */
export function requireIndex(
  paths: EnvironmentPaths,
  copies: readonly IndexCopy[],
): UsableIndex {
  const verdict = judgeCopies(copies);
  switch (verdict.kind) {
    case "missing":
      return { index: emptyIndex(paths.scope), fixes: [], notes: [] };
    case "broken":
      throw new KnownError(
        "damaged_file",
        `Cannot read the list of runs in ${paths.directory}: ${verdict.reason}`,
        { hint: "Build it again from what is there: reeve doctor --repair" },
      );
    case "found":
      return {
        index: verdict.index,
        fixes: [
          ...verdict.broken.map(({ path }): Fix => ({
            kind: "set_aside",
            path,
          })),
          ...verdict.stale.map(({ path }): Fix => ({
            kind: "write",
            path,
            text: formatIndex(verdict.index),
          })),
        ],
        notes: verdict.stale.map(({ path, read }): StateNote => ({
          kind: "repaired",
          path,
          message: `One copy of the list of runs was ${
            "reason" in read ? `unusable: ${read.reason}` : "behind the other"
          }`,
        })),
      };
  }
}
