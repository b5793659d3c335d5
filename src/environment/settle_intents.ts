/**
 * Finishes what commands before this one have left undone: what they were
 * about to start is either part of a saved run, or is ended now.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { Change } from "./attempt.ts";
import {
  compactIntents,
  type IntentOutcome,
  readIntents,
  settleIntents,
  type UnresolvedIntent,
} from "./intent_journal.ts";
import { collectProcesses, MARKER_VARIABLE } from "./facts.ts";
import type { RunState, UnitIdentity } from "./model.ts";
import type { KnownUnit } from "./orphan_facts.ts";
import { reclaimAll, type ReclaimResult } from "./reclaim.ts";

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

/** What became of the intents that nobody had settled. */
export interface SettledIntents {
  /** Names of units that are recorded, or of which nothing runs any more. */
  readonly settled: readonly string[];
  /** Names of units of which something runs that nobody has recorded. */
  readonly left: readonly string[];
}

/**
 * Settles the intents whose unit is recorded or of which nothing runs; ends
 * nothing.
 *
 * @throws {KnownError} `unusable` when processes cannot be looked at.
 */
export async function settleGone(
  { host, place: { paths }, lease, events }: Pick<
    Change,
    "events" | "host" | "lease" | "place"
  >,
  runs: readonly RunState[],
): Promise<SettledIntents> {
  const { saved, gone, left } = await sortIntents(host, paths, runs);
  const settled = [
    ...saved.map((one) => ({ ...one.intent, outcome: "saved" as const })),
    ...gone.map((one) => ({ ...one.intent, outcome: "gone" as const })),
  ];
  for (const { intentId, unit, outcome } of settled) {
    events.note("intent.resolved", { "intent_id": intentId, unit, outcome });
  }
  await settleIntents(host, paths, settled);
  await compactIntents(host, paths, lease);
  return {
    settled: settled.map(nameOf),
    left: left.map((one) => nameOf(one.intent)),
  };
}

function nameOf({ project, unit }: UnresolvedIntent["intent"]): string {
  return `${project} ${unit}`;
}

/** Intents that are not settled, by what is known of their units. */
export interface SortedIntents {
  /** Those whose unit is recorded. */
  readonly saved: readonly UnresolvedIntent[];
  /** Those of which nothing runs. */
  readonly gone: readonly UnresolvedIntent[];
  /** Those of which something runs. */
  readonly left: readonly UnresolvedIntent[];
}

/**
 * Tells what became of the intents that are not settled. Changes nothing.
 *
 * @throws {KnownError} `unusable` when processes cannot be looked at.
 */
export async function sortIntents(
  host: Pick<Host, "env" | "files" | "processes">,
  paths: EnvironmentPaths,
  runs: readonly RunState[],
): Promise<SortedIntents> {
  const { unresolved } = await readIntents(host, paths);
  if (unresolved.length === 0) return { saved: [], gone: [], left: [] };
  const { processes } = await collectProcesses(host);
  if (processes.kind === "unknown") throw cannotTell(processes.reason);
  const { byMarker, byPid } = processes.index;
  const recorded = new Set(recordedUnits(runs).map(({ marker }) => marker));
  const isSaved = ({ intent }: UnresolvedIntent) => recorded.has(intent.marker);
  const isAlive = ({ intent, identity }: UnresolvedIntent) => {
    if (byMarker.has(intent.marker)) return true;
    const row = identity === undefined ? undefined : byPid.get(identity.pid);
    return row !== undefined && row.state !== "zombie" &&
      row.startStamp === identity?.startStamp;
  };
  const others = unresolved.filter((one) => !isSaved(one));
  return {
    saved: unresolved.filter(isSaved),
    gone: others.filter((one) => !isAlive(one)),
    left: others.filter(isAlive),
  };
}

function cannotTell(reason: string): KnownError {
  return new KnownError(
    "unusable",
    `Cannot tell what an earlier command has left: ${reason}`,
    { hint: "See: reeve doctor" },
  );
}

/** Nobody was asked, so only what is ours for certain is ended. */
const NOBODY = () => false;

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
  const result = await reclaimAll(host, scope, NOBODY, { journal: signals });
  if ("unknown" in result) {
    throw cannotTell(result.unknown);
  }
  noteReclaim(events, result);
  return await markersOf(host, [
    ...result.skipped.map(({ pid }) => pid),
    ...result.failed.map(({ pid }) => pid),
  ]);
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
