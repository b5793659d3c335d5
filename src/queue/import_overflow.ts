/**
 * Moves overflow files into the queue.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";
import type { QueueLimits } from "./capacity.ts";
import { captureDraft } from "./capture.ts";
import { type Draft, hashText } from "./envelope.ts";
import { isOvertaken } from "./known.ts";
import { parseOverflow } from "./overflow.ts";
import { quarantineDraft, quarantineText } from "./quarantine.ts";
import { reclaim } from "./reclaim.ts";
import type { Store } from "./store.ts";

/** What an import did. */
export interface ImportReport {
  /** Events that have their place now. */
  readonly imported: number;
  /** Events that were in the queue already. */
  readonly duplicates: number;
  /** Torn or damaged lines, which are in the quarantine now. */
  readonly damaged: number;
}

/** What an import needs to know. */
interface ImportOptions {
  readonly limits: QueueLimits;
  readonly nowMs: number;
}

/** Events of one transaction, so that nobody else waits for long. */
const AT_A_TIME = 250;
/** Most bodies that are given up at a time to make room. */
const RECLAIM_LIMIT = 10_000;

/** Ends an import whose file has to stay. */
class QueueFull extends Error {}

/**
 * Imports one overflow file and empties it after the commit; a crash in between
 * imports it again, which finds the same ids.
 *
 * @returns `full` when the queue has no room for all; then the file stays, and
 * the next import goes on where this one ended.
 */
export function importOverflow(
  host: { readonly blocking: Pick<BlockingFiles, "takeLocked" | "stat"> },
  store: Store,
  path: string,
  options: ImportOptions,
): ImportReport | "full" {
  let report: ImportReport = { imported: 0, duplicates: 0, damaged: 0 };
  if ((host.blocking.stat(path)?.size ?? 0) === 0) return report;
  try {
    host.blocking.takeLocked(path, (text) => {
      report = importText(store, text, options);
    });
  } catch (error) {
    if (error instanceof QueueFull) return "full";
    throw error;
  }
  return report;
}

function importText(
  store: Store,
  text: string,
  options: ImportOptions,
): ImportReport {
  const { drafts, damaged } = parseOverflow(text);
  const tally: Tally = { imported: 0, duplicates: 0, snapshots: new Set() };
  let left = drafts;
  while (left.length > 0) {
    const some = left.slice(0, AT_A_TIME);
    const taken = store.db.transaction(() =>
      importDrafts(store, some, tally, options)
    );
    left = left.slice(taken);
    if (taken < some.length && !makeRoom(store)) throw new QueueFull();
  }
  store.db.transaction(() => {
    for (const line of damaged) {
      // The same torn line, met again after a crash, is the same entry.
      const id = hashText(line).slice(0, 26);
      quarantineText(store, { id, text: line, nowMs: options.nowMs });
    }
  });
  const { imported, duplicates } = tally;
  return { imported, duplicates, damaged: damaged.length };
}

/** What the server has needs no room; nothing else may make way. */
function makeRoom(store: Store): boolean {
  return reclaim(store, { untilMs: Infinity, limit: RECLAIM_LIMIT }) > 0;
}

interface Tally {
  imported: number;
  duplicates: number;
  /** Snapshots of this file, which come in their own order. */
  readonly snapshots: Set<string>;
}

/** Takes as many of the first drafts as there is room for. */
function importDrafts(
  store: Store,
  drafts: readonly Draft[],
  tally: Tally,
  { limits, nowMs }: ImportOptions,
): number {
  for (const [index, draft] of drafts.entries()) {
    if (isOutdated(store, draft, tally)) {
      tally.duplicates++;
      continue;
    }
    // An imported id may come a second time, like one that the caller chose;
    // and what was kept so far is not given up for its class.
    const captured = captureDraft(store, { ...draft, hasOwnId: true }, {
      limits,
      nowMs,
      admitAs: "fact",
    });
    if (captured.kind === "overflow") return index;
    if (captured.kind === "duplicate") tally.duplicates++;
    if (captured.kind === "captured") tally.imported++;
    if (captured.kind === "id_conflict") quarantineDraft(store, draft, nowMs);
  }
  return drafts.length;
}

/** Whether a newer snapshot has overtaken one that waited in the file. */
function isOutdated(
  store: Store,
  { coalesceKey, timestamp }: Draft,
  { snapshots }: Tally,
): boolean {
  if (coalesceKey === null || snapshots.has(coalesceKey)) return false;
  if (isOvertaken(store, coalesceKey, timestamp)) return true;
  snapshots.add(coalesceKey);
  return false;
}
