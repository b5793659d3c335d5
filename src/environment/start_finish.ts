/**
 * The end of a start: what has not become what it should is ended again, and
 * the rest is saved. Saving commits the start.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Attempt } from "./attempt.ts";
import {
  type EndableUnit,
  type EndOutcome,
  endUnits,
  keyOf,
} from "./end_units.ts";
import { explained } from "./host_refusal.ts";
import type { StartReport } from "./lifecycle.ts";
import type { RunState } from "./model.ts";
import { encodeRun } from "./run_codec.ts";
import { saveRun } from "./run_repository.ts";
import type { ClearWay } from "./start_clear.ts";
import { settlePorts } from "./start_ports.ts";
import type { PreparedStart } from "./start_prepare.ts";
import { logHint } from "./start_hint.ts";
import { degradedTexts } from "./start_scope.ts";
import { fingerprintAfter, joinProjects, stateAfter } from "./start_state.ts";
import { checkTruth } from "./start_truth.ts";
import { isCritical, type StartedUnit } from "./start_lane.ts";
import type { StartedUnits } from "./start_units.ts";

/** What starting the units has given. */
export interface StartOutcome extends StartedUnits {
  /** Whether somebody has asked to end it. */
  readonly isInterrupted: boolean;
}

/** Ends what failed, saves the run, and says what came of it. */
export async function finishStart(
  attempt: Attempt,
  prepared: PreparedStart,
  { ports, cleared }: ClearWay,
  begun: StartOutcome,
): Promise<StartReport> {
  const { mode } = prepared.request;
  const outcome = await lookAgain(attempt, prepared, begun);
  const { surprise, units } = outcome;
  const isGivenUp = outcome.isInterrupted || surprise !== undefined;
  const doomed = doomedUnits(units, prepared, isGivenUp);
  const ended = await endAgain(attempt, mode, doomed);
  const failure = failureOf(units, outcome, mode);
  const run = stateAfter({
    settings: prepared.settings,
    base: baseOf(attempt, prepared, units, failure?.why),
    kept: prepared.kept,
    cleared,
    started: units,
    ended,
    ports: ports.plans(),
  });
  const isSame = isUnchanged(attempt, prepared, run);
  try {
    if (!isSame) await save(attempt, run);
  } catch (error) {
    // What nobody has recorded must not run.
    const alive = units.filter(({ key }) => !doomed.has(key));
    await endAgain(attempt, mode, new Map(alive.map((one) => [one.key, one])));
    await settlePorts(attempt, undefined, ports.plans());
    throw error;
  }
  await settlePorts(attempt, run, ports.plans());
  await settleIntents(attempt, run);
  if (surprise !== undefined) throw surprise.error;
  const report = reportOf(prepared, run, failure, outcome.isInterrupted);
  const { before } = prepared;
  if (!isSame || before === undefined) return report;
  return { ...report, unchanged: before };
}

/** What cannot be looked at any more is given up like what was interrupted. */
async function lookAgain(
  attempt: Attempt,
  { request: { mode }, settings }: PreparedStart,
  outcome: StartOutcome,
): Promise<StartOutcome> {
  const { isInterrupted, surprise, units } = outcome;
  if (isInterrupted || surprise !== undefined) return outcome;
  try {
    const looked = await checkTruth(attempt, settings, mode, units);
    return { ...outcome, units: looked };
  } catch (error) {
    return { ...outcome, surprise: { error } };
  }
}

/** Everything of the projects that failed, but for what others still need. */
function doomedUnits(
  units: readonly StartedUnit[],
  { request }: PreparedStart,
  isGivenUp: boolean,
): ReadonlyMap<string, StartedUnit> {
  const broken = units.filter((unit) =>
    unit.failure !== undefined && isCritical(unit)
  ).flatMap(({ projects }) => [...projects]);
  const isAll = isGivenUp || request.isAtomic === true && broken.length > 0;
  const failed = new Set(
    isAll ? request.projects.map(({ name }) => name) : broken,
  );
  const doomed = units.filter(({ projects }) =>
    [...projects].every((project) => failed.has(project))
  );
  return new Map(doomed.map((unit) => [unit.key, unit]));
}

async function endAgain(
  attempt: Attempt,
  mode: EndableUnit["mode"],
  doomed: ReadonlyMap<string, StartedUnit>,
): Promise<ReadonlyMap<string, EndOutcome>> {
  const units = [...doomed.values()].filter(({ failure, record }) =>
    // A failed one has ended; external ones are somebody else's.
    record.status !== "termination_failed" && failure === undefined
  ).map(({ kind, record }) => ({ kind, mode, record }) as EndableUnit);
  if (units.length === 0) return new Map();
  const reason = "The start that it belongs to has failed.";
  const outcomes = await endUnits(attempt, units, reason);
  return new Map(
    units.map((unit) => [
      keyOf(unit),
      outcomes.get(keyOf(unit)) ?? { kind: "gone" },
    ]),
  );
}

interface Failure {
  readonly why: string;
  readonly hint: string | undefined;
}

/** The causes come first; what follows from them says nothing new. */
function failureOf(
  units: readonly StartedUnit[],
  { isInterrupted, surprise }: StartOutcome,
  mode: RunState["mode"],
): Failure | undefined {
  if (isInterrupted) {
    return {
      why: "The start was interrupted",
      hint: "Start again: reeve start",
    };
  }
  if (surprise !== undefined) {
    return { why: messageOf(explained(surprise.error)), hint: undefined };
  }
  const failed = units.filter((unit) =>
    unit.failure !== undefined && isCritical(unit)
  );
  const causes = failed.filter(({ isConsequence }) => !isConsequence);
  const told = causes.length > 0 ? causes : failed;
  if (told.length === 0) return undefined;
  const [first] = told;
  return {
    why: told.map(({ failure }) => failure?.why ?? "").join("; "),
    hint: first?.failure?.hint ?? logHint(told, mode),
  };
}

function baseOf(
  { runId, host }: Attempt,
  { before, goesOn, request, fingerprint, kept }: PreparedStart,
  units: readonly StartedUnit[],
  failure: string | undefined,
): RunState {
  const last = before?.run;
  return {
    runId,
    mode: request.mode,
    projects: joinProjects(last?.projects ?? [], request.projects),
    fingerprint: fingerprintAfter(last?.fingerprint, fingerprint, kept, units),
    services: [],
    dependencies: [],
    ports: last?.ports ?? [],
    createdAt: goesOn && last !== undefined ? last.createdAt : host.clock.now(),
    failure,
  };
}

/** A start that changed nothing writes nothing. */
function isUnchanged(
  { place: { scope } }: Attempt,
  { before }: PreparedStart,
  run: RunState,
): boolean {
  const text = (state: RunState) => JSON.stringify(encodeRun(scope, state));
  return before !== undefined && text(before.run) === text(run);
}

async function save(
  { host, place: { paths }, lease, events }: Attempt,
  run: RunState,
): Promise<void> {
  await saveRun(host, paths, lease, run);
  events.note("state.saved", {
    run_id: run.runId,
    services: run.services.length,
    dependencies: run.dependencies.length,
  });
}

/** What is part of the saved run is found there; the rest has ended. */
async function settleIntents(
  { intents }: Attempt,
  run: RunState,
): Promise<void> {
  const saved = new Set(
    [...run.services, ...run.dependencies].flatMap(({ identity }) =>
      identity?.marker ?? []
    ),
  );
  await intents.settle((marker) => saved.has(marker) ? "saved" : "gone");
}

function reportOf(
  { goesOn, request }: PreparedStart,
  run: RunState,
  failure: Failure | undefined,
  isInterrupted: boolean,
): StartReport {
  const degraded = degradedTexts(run);
  if (failure !== undefined) {
    const { why, hint } = failure;
    return {
      kind: isInterrupted ? "interrupted" : "failed",
      run,
      failure: why,
      degraded,
      ...hint === undefined ? {} : { hint },
    };
  }
  const isResumed = goesOn && request.command !== "restart";
  return { kind: isResumed ? "resumed" : "started", run, degraded };
}
