/**
 * Finishes what commands before this one have left undone: what they were
 * about to start is either part of a saved run, or is ended now.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Change } from "./attempt.ts";
import {
  compactIntents,
  type IntentOutcome,
  readIntents,
  settleIntents,
  type UnresolvedIntent,
} from "./intent_journal.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import type { RunState, UnitIdentity } from "./model.ts";
import type { KnownUnit } from "./orphan_facts.ts";
import { reclaimAll } from "./reclaim.ts";

/**
 * Settles every intent of which it can be known what became of it.
 *
 * @param runs the runs that are recorded.
 * @throws {KnownError} `unusable` when processes cannot be looked at: then
 * nothing may be started, as it might be there already.
 */
export async function settleOldIntents(
  change: Change,
  runs: readonly RunState[],
): Promise<void> {
  const { host, place: { paths }, lease, events } = change;
  const { unresolved } = await readIntents(host, paths);
  if (unresolved.length > 0) {
    const recorded = recordedUnits(runs);
    const isSaved = ({ intent }: UnresolvedIntent) =>
      recorded.some(({ marker }) => marker === intent.marker);
    const lost = unresolved.filter((one) => !isSaved(one));
    const left = lost.length === 0
      ? new Set<string>()
      : await endLost(change, lost, recorded);
    const settled = unresolved.flatMap((one) => {
      const { intentId, marker, unit } = one.intent;
      if (left.has(marker)) return [];
      const outcome: IntentOutcome = isSaved(one) ? "saved" : "gone";
      events.note("intent.resolved", {
        "intent_id": intentId,
        unit,
        outcome,
      });
      return [{ intentId, outcome }];
    });
    await settleIntents(host, paths, settled);
  }
  await compactIntents(host, paths, lease);
}

/** Nobody was asked, so only what is ours for certain is ended. */
const IS_FORCED = false;

/** Ends what nobody recorded; gives the markers of what may be left. */
async function endLost(
  { host, place, signals, events }: Change,
  lost: readonly UnresolvedIntent[],
  recorded: readonly UnitIdentity[],
): Promise<ReadonlySet<string>> {
  const units: readonly KnownUnit[] = [
    ...recorded.map((identity): KnownUnit => ({
      name: identity.marker,
      marker: identity.marker,
      identity,
      knowledge: "active",
    })),
    ...lost.map(({ intent, identity }): KnownUnit => ({
      name: `${intent.project} ${intent.unit}`,
      marker: intent.marker,
      identity,
      knowledge: "intended",
    })),
  ];
  // Only those with a marker of this repository are ended here; what becomes
  // of others is no business of a start.
  const scope = {
    scope: place.scope,
    units,
    isLiving: () => true,
    ports: [],
  };
  const result = await reclaimAll(host, scope, IS_FORCED, { journal: signals });
  if ("unknown" in result) {
    throw new KnownError(
      "unusable",
      `Cannot tell what an earlier command has left: ${result.unknown}`,
      { hint: "See: reeve doctor" },
    );
  }
  for (const { pid, unit, reason } of result.swept) {
    events.note("orphan.swept", { pid, unit, reason });
  }
  for (const { pid, unit, skip_reason: reason } of result.skipped) {
    events.note("orphan.skipped", { pid, unit, reason });
  }
  for (const { pid, failure_reason: reason } of result.failed) {
    events.note("orphan.failed", { pid, reason });
  }
  return await markersOf(host, [
    ...result.skipped.map(({ pid }) => pid),
    ...result.failed.map(({ pid }) => pid),
  ]);
}

async function markersOf(
  { processes }: Change["host"],
  pids: readonly number[],
): Promise<ReadonlySet<string>> {
  if (pids.length === 0) return new Set();
  const markers = await processes.readVariable(MARKER_VARIABLE, pids);
  return new Set(markers.values());
}

function recordedUnits(runs: readonly RunState[]): readonly UnitIdentity[] {
  return runs.flatMap((run) =>
    [...run.services, ...run.dependencies].flatMap(({ identity }) =>
      identity ?? []
    )
  );
}
