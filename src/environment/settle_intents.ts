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
  readIntents,
  settleIntents,
} from "./intent_journal.ts";
import type { IntentOutcome, UnresolvedIntent } from "./intent_lines.ts";
import { collectProcesses } from "./facts.ts";
import type { RunState, UnitIdentity } from "./model.ts";

/** What became of processes that earlier commands have left. */
export interface EndedLeftovers {
  /** Names of the units that were ended; several processes may be of one. */
  readonly ended: readonly string[];
  /** Processes that could not be ended, and why. */
  readonly stuck: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Ends what nobody has recorded, and settles every intent of which nothing is
 * left.
 *
 * @param runs the runs that are recorded.
 * @returns what was ended.
 * @throws {KnownError} `unusable` when processes cannot be looked at: then
 * nothing may be started, as it might be there already.
 */
export async function settleOldIntents(
  change: Change,
  runs: readonly RunState[],
): Promise<EndedLeftovers> {
  const { host, place: { paths } } = change;
  const first = await sortIntents(host, paths, runs);
  if (first.left.length === 0) {
    await settle(change, first);
    return { ended: [], stuck: [] };
  }
  const { endLeftovers } = await import("./end_leftovers.ts");
  const ended = await endLeftovers(change, runs);
  if ("unknown" in ended) throw cannotTell(ended.unknown);
  // Only a second look tells what has really ended.
  await settle(change, await sortIntents(host, paths, runs));
  const names = ended.swept.map(({ pid, unit }) => unit ?? `process ${pid}`);
  return {
    ended: [...new Set(names)],
    stuck: ended.failed.map(({ detail, pid }) => ({
      name: `process ${pid} of an earlier command`,
      why: detail.replace(/^Process \d+ |\.$/g, ""),
    })),
  };
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
  change: SettlingChange,
  runs: readonly RunState[],
): Promise<SettledIntents> {
  const sorted = await sortIntents(change.host, change.place.paths, runs);
  await settle(change, sorted);
  return {
    settled: [...sorted.saved, ...sorted.gone].map(nameOf),
    left: sorted.left.map(nameOf),
  };
}

type SettlingChange = Pick<Change, "events" | "host" | "lease" | "place">;

/** Writes down what became of those of which nothing can be left. */
async function settle(
  { host, place: { paths }, lease, events }: SettlingChange,
  { saved, gone }: SortedIntents,
): Promise<void> {
  const become =
    (outcome: IntentOutcome) => ({ intent }: UnresolvedIntent) => ({
      ...intent,
      outcome,
    });
  const settled = [
    ...saved.map(become("saved")),
    ...gone.map(become("gone")),
  ];
  for (const { intentId, unit, outcome } of settled) {
    events.note("intent.resolved", { "intent_id": intentId, unit, outcome });
  }
  await settleIntents(host, paths, settled);
  await compactIntents(host, paths, lease);
}

function nameOf({ intent: { project, unit } }: UnresolvedIntent): string {
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
  const recorded = new Set(recordedUnits(runs).map(({ marker }) => marker));
  const isSaved = ({ intent }: UnresolvedIntent) => recorded.has(intent.marker);
  const saved = unresolved.filter(isSaved);
  const others = unresolved.filter((one) => !isSaved(one));
  if (others.length === 0) return { saved, gone: [], left: [] };
  const { processes } = await collectProcesses(host);
  if (processes.kind === "unknown") throw cannotTell(processes.reason);
  const { byMarker, byPid } = processes.index;
  const isAlive = ({ intent, identity }: UnresolvedIntent) => {
    if (byMarker.has(intent.marker)) return true;
    const row = identity === undefined ? undefined : byPid.get(identity.pid);
    return row !== undefined && row.state !== "zombie" &&
      row.startStamp === identity?.startStamp;
  };
  return {
    saved,
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

function recordedUnits(runs: readonly RunState[]): readonly UnitIdentity[] {
  return runs.flatMap((run) =>
    [...run.services, ...run.dependencies].flatMap(({ identity }) =>
      identity ?? []
    )
  );
}
