/**
 * Ends what earlier commands and runs of a repository have left, where it is
 * ours for certain. Nobody is asked, so nothing doubtful is touched.
 *
 * @module
 */

import type { Change } from "./attempt.ts";
import { readIntents } from "./intent_journal.ts";
import type { RunState } from "./model.ts";
import { knownUnits, readHistory } from "./orphan_scope.ts";
import { reclaimAll, type ReclaimResult } from "./reclaim.ts";
import { readIndexCopies, requireIndex } from "./run_index_file.ts";

/** Nobody was asked. */
const NOBODY = () => false;

/**
 * Ends processes with a marker of this repository that no run needs any more
 * and that are proved to be what was started: of intents that nobody finished
 * and of runs that are over.
 *
 * @param runs runs that are not over; nothing of them is ended.
 * @returns the reason when processes cannot be looked at.
 * @throws {KnownError} `damaged_file` when the list of runs cannot be read.
 */
export async function endLeftovers(
  { host, place, signals, events }: Change,
  runs: readonly RunState[],
): Promise<ReclaimResult | { readonly unknown: string }> {
  const { paths, scope } = place;
  const { index } = requireIndex(paths, await readIndexCopies(host, paths));
  const [history, { unresolved }] = await Promise.all([
    readHistory(host, paths, index),
    readIntents(host, paths),
  ]);
  const books = { runs, history, intents: unresolved, isBusy: false };
  // What others have left is no business of a start.
  const orphans = {
    scope,
    units: knownUnits(books),
    isLiving: () => true,
    ports: [],
  };
  const result = await reclaimAll(host, orphans, NOBODY, { journal: signals });
  if (!("unknown" in result)) noteReclaim(events, result);
  return result;
}

/** Writes down what was ended and what was not. */
export function noteReclaim(
  events: Change["events"],
  { swept, skipped, failed }: ReclaimResult,
): void {
  for (const { pid, unit, reason } of swept) {
    events.note("orphan.swept", { pid, unit, reason });
  }
  for (const { pid, unit, skip_reason: reason } of skipped) {
    events.note("orphan.skipped", { pid, unit, reason });
  }
  for (const { pid, failure_reason: reason } of failed) {
    events.note("orphan.failed", { pid, reason });
  }
}
