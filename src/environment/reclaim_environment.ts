/**
 * Ends what is left over from the units of a repository, and brings the books
 * up to date with it.
 *
 * @module
 */

import { beginChange } from "./attempt.ts";
import { noteReclaim } from "./end_leftovers.ts";
import { readIntents } from "./intent_journal.ts";
import type { LifecycleHost } from "./lifecycle.ts";
import { lookAtLease, takeLease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import {
  collectOrphans,
  type OrphanCandidate,
  type OrphanLook,
  type OrphanScope,
} from "./orphan_facts.ts";
import { orphanScope, readHistory } from "./orphan_scope.ts";
import type { EnvironmentPlace } from "./place.ts";
import { releasePorts, viewPorts } from "./port_ledger.ts";
import {
  type Consent,
  type PlannedEnd,
  planReclaim,
  reclaimAll,
  type ReclaimPlan,
  type ReclaimResult,
} from "./reclaim.ts";
import type { RunIndex } from "./run_index.ts";
import { readIndexCopies, requireIndex } from "./run_index_file.ts";
import { requirePrivatePlace } from "./run_place.ts";
import { readRuns } from "./run_repository.ts";
import { surveyRuns } from "./run_survey.ts";
import { settleGone } from "./settle_intents.ts";

/** No unit is started or stopped by its name here. */
const SILENT = { onPhase() {}, onUnit() {} };

/** What of a repository is left over, before anything is done about it. */
export interface LeftoverLook {
  /** What they are judged by. */
  readonly scope: OrphanScope;
  /** The processes, or why they cannot be known. */
  readonly look: OrphanLook;
}

/**
 * Looks at what is left over; changes nothing.
 *
 * @throws {KnownError} `damaged_file` when the list of runs cannot be read, as
 * then nobody can tell what is up; `unusable` for a place that is not private.
 */
export async function lookAtLeftovers(
  host: LifecycleHost,
  place: EnvironmentPlace,
): Promise<LeftoverLook> {
  const { paths } = place;
  await requirePrivatePlace(host, paths, [paths.runs]);
  const { index } = requireIndex(paths, await readIndexCopies(host, paths));
  const [{ runs }, holder] = await Promise.all([
    surveyRuns(host, paths, index),
    lookAtLease(host, paths),
  ]);
  const scope = await scopeFor(host, place, {
    index,
    runs: runs.map(({ run }) => run),
    isBusy: holder !== undefined,
  });
  return { scope, look: await collectOrphans(host, scope) };
}

async function scopeFor(
  host: LifecycleHost,
  place: EnvironmentPlace,
  { index, runs, isBusy }: {
    readonly index: RunIndex;
    readonly runs: readonly RunState[];
    readonly isBusy: boolean;
  },
): Promise<OrphanScope> {
  const { paths } = place;
  const [history, { unresolved }, { entries }] = await Promise.all([
    readHistory(host, paths, index),
    readIntents(host, paths),
    viewPorts(host, paths),
  ]);
  const ports = entries.filter(({ scope }) => scope === place.scope)
    .map(({ port }) => port);
  const books = { runs, history, intents: unresolved, isBusy };
  return orphanScope(host, place, books, ports);
}

/** How far reclaiming may go. */
export interface ReclaimRequest {
  /** Whether doubtful processes may be ended. */
  readonly isForced: boolean;
  /** Only say what would be done. */
  readonly isDryRun: boolean;
  /** Asks a person about doubtful ones; without it nobody is asked. */
  readonly ask?: (doubtful: readonly PlannedEnd[]) => Promise<boolean>;
  /** Hears how many processes are to be ended, before each round. */
  readonly onStart?: (amount: number) => void;
  /** Hears that one of them is settled. */
  readonly onDone?: () => void;
}

/** What reclaiming came to. */
export type ReclaimOutcome =
  | { readonly kind: "planned"; readonly plan: ReclaimPlan }
  | {
    readonly kind: "done";
    readonly result: ReclaimResult;
    /** Why signals could not be written down, if that happened. */
    readonly problem: string | undefined;
  }
  /** Processes cannot be looked at, so nothing was done. */
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Ends what is left over. A person is asked before the lease is taken, and
 * only what they were shown may be ended then.
 *
 * @throws {KnownError} `lock_busy` while another command changes the
 * environment; and as {@linkcode lookAtLeftovers}.
 */
export async function reclaimEnvironment(
  host: LifecycleHost,
  place: EnvironmentPlace,
  request: ReclaimRequest,
): Promise<ReclaimOutcome> {
  const { look } = await lookAtLeftovers(host, place);
  if (look.kind === "unknown") return look;
  const everybody: Consent = () => request.isForced;
  const plan = planReclaim(look.candidates, everybody);
  if (request.isDryRun) return { kind: "planned", plan };
  const doubtful = plan.ends.filter(({ verdict }) =>
    verdict.orphanClass === "operator_required"
  );
  const agreesTo = doubtful.length === 0 || request.ask === undefined
    ? everybody
    : consentTo(await request.ask(doubtful) ? doubtful : []);
  return await carryOut(host, place, request, agreesTo);
}

/** Consent to the processes that were shown, and to none that came later. */
function consentTo(shown: readonly PlannedEnd[]): Consent {
  const keyOf = ({ row }: OrphanCandidate) => `${row.pid} ${row.startStamp}`;
  const keys = new Set(shown.map(({ candidate }) => keyOf(candidate)));
  return (candidate) => keys.has(keyOf(candidate));
}

async function carryOut(
  host: LifecycleHost,
  place: EnvironmentPlace,
  { onStart = () => {}, onDone = () => {} }: ReclaimRequest,
  agreesTo: Consent,
): Promise<ReclaimOutcome> {
  const { paths } = place;
  using lease = await takeLease(host, paths, "reeve doctor --reclaim");
  const change = beginChange(host, place, lease, {
    command: "doctor",
    reporter: SILENT,
  });
  const runs = (await readRuns(host, paths)).runs.map(({ run }) => run);
  const { index } = requireIndex(paths, await readIndexCopies(host, paths));
  const isBusy = false;
  const scope = await scopeFor(host, place, { index, runs, isBusy });
  const { signals: journal } = change;
  const options = { journal, onStart, onDone };
  const result = await reclaimAll(host, scope, agreesTo, options);
  if ("unknown" in result) return { kind: "unknown", reason: result.unknown };
  noteReclaim(change.events, result);
  await settleGone(change, runs);
  // Entries of who is gone leave the ledger with any change of it.
  await releasePorts(host, paths, []);
  await change.events.flush();
  return { kind: "done", result, problem: journal.problem };
}
