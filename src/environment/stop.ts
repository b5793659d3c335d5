/**
 * Stops services and dependencies: exactly those that were started, each
 * proved to be it. What cannot be ended stays recorded.
 *
 * @module
 */

import { baseName } from "../host/path.ts";
import { beginChange, type Change } from "./attempt.ts";
import {
  type EndableUnit,
  endedDependency,
  endedService,
  type EndOutcome,
  endUnits,
  keyOf,
  nameOf,
  wasOver,
} from "./end_units.ts";
import { explaining } from "./host_refusal.ts";
import type {
  LifecycleHost,
  Reporter,
  StopReport,
  StopRequest,
} from "./lifecycle.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import type { EnvironmentPlace } from "./place.ts";
import { type Release, releasePorts } from "./port_ledger.ts";
import {
  lostRuns,
  readRuns,
  retireRun,
  saveRun,
  selectRuns,
} from "./run_repository.ts";
import type { StoredRun } from "./run_survey.ts";
import { settleOldIntents } from "./settle_intents.ts";
import { resourceUnit } from "./port_entry.ts";

export type { StopReport, StopRequest };

/** Tells what of the recorded runs shall be stopped. */
export type ChooseStop = (runs: readonly StoredRun[]) => StopRequest;

/**
 * Stops recorded units, whoever needs another one before that one. Those that
 * were stopped stay recorded as such until nothing of their run is left.
 *
 * @param choose tells what is meant of the runs that there are; what it throws
 * ends the command before anything has changed.
 * @throws {KnownError} `lock_busy` while another command changes the
 * environment; `unusable` when the machine refuses something, such as a full
 * disk; and as `readRuns` and `saveRun`.
 */
export async function stopEnvironment(
  host: LifecycleHost,
  place: EnvironmentPlace,
  choose: ChooseStop,
  reporter: Reporter,
): Promise<StopReport> {
  return await explaining(async () => {
    using lease = await takeLease(host, place.paths, "reeve stop");
    const context = { command: "stop", reporter };
    const change = beginChange(host, place, lease, context);
    try {
      return await runStop(change, choose);
    } finally {
      await change.events.flush();
    }
  });
}

async function runStop(
  change: Change,
  choose: ChooseStop,
): Promise<StopReport> {
  const { host, place } = change;
  const read = await readRuns(host, place.paths);
  const { runs } = read;
  const which = choose(runs);
  const left = await settleOldIntents(change, runs.map(({ run }) => run));
  const selected = selectRuns(runs, which.mode, which.projects ?? []);
  const before: StopReport = {
    stopped: left.ended,
    gone: [],
    kept: [
      ...left.stuck,
      // What they have started may be of any mode and of any project.
      ...lostRuns(read, place.paths).map(({ message, path }) => ({
        name: baseName(path),
        why: message,
      })),
    ],
  };
  const parts = await Promise.all(
    selected.map(({ run }) => endRun(change, run, which)),
  );
  const free = parts.flatMap((part) => part.free);
  const [committed, released] = await Promise.allSettled([
    commitAll(change, parts),
    releasePorts(host, place.paths, free),
  ]);
  for (const one of [committed, released]) {
    if (one.status === "rejected") throw one.reason;
  }
  const total = parts.reduce((sum, { report }) => join(sum, report), before);
  change.events.note("stop.end", {
    stopped: total.stopped.length,
    gone: total.gone.length,
    kept: total.kept.length,
  });
  return total;
}

function join(a: StopReport, b: StopReport): StopReport {
  return {
    stopped: [...a.stopped, ...b.stopped],
    gone: [...a.gone, ...b.gone],
    kept: [...a.kept, ...b.kept],
  };
}

interface EndedRun {
  readonly after: RunState;
  readonly report: StopReport;
  readonly free: readonly Release[];
}

async function endRun(
  change: Change,
  run: RunState,
  which: StopRequest,
): Promise<EndedRun> {
  const units = chosenUnits(run, which);
  change.events.trace(run.runId);
  change.events.note("stop.begin", {
    mode: run.mode,
    units: units.map(nameOf),
  });
  const outcomes = await endUnits(change, units, "A person has stopped it.");
  const of = (kind: EndOutcome["kind"]) =>
    units.filter((unit) => outcomes.get(keyOf(unit))?.kind === kind);
  return {
    after: recordEnds(run, outcomes),
    free: [...of("gone"), ...of("stopped")].flatMap((unit) =>
      portsOf(change, unit)
    ),
    report: {
      stopped: of("stopped").map(nameOf),
      gone: of("gone").filter((unit) => !wasOver(unit)).map(nameOf),
      kept: of("kept").map((unit) => {
        const outcome = outcomes.get(keyOf(unit));
        const why = outcome?.kind === "kept" ? outcome.why : "";
        return { name: nameOf(unit), why };
      }),
    },
  };
}

/** Those of a run that are meant and were not stopped before. */
function chosenUnits(
  run: RunState,
  { chosen, projects }: StopRequest,
): readonly EndableUnit[] {
  const all = unitsOf(run);
  const isMeant = (unit: EndableUnit) => {
    const isInside = projects === undefined || projects.length === 0 ||
      projects.includes(unit.record.project);
    return isInside && (chosen === "everything" || chosen.has(keyOf(unit)));
  };
  const meant = all.filter(isMeant);
  const isLast = chosen === "everything" &&
    all.every((unit) => unit.kind === "dependency" || meant.includes(unit));
  // Nobody is left who needs what projects share.
  return isLast ? all : meant;
}

/** What of a run may still be there. */
export function unitsOf(run: RunState): readonly EndableUnit[] {
  const { mode } = run;
  return [
    ...run.services.map((record): EndableUnit => ({
      kind: "service",
      mode,
      record,
    })),
    ...run.dependencies.map((record): EndableUnit => ({
      kind: "dependency",
      mode,
      record,
    })),
  ].filter(({ record }) => record.status !== "stopped");
}

/** A run after the end of some of its units. */
export function recordEnds(
  run: RunState,
  outcomes: ReadonlyMap<string, EndOutcome>,
): RunState {
  const { mode } = run;
  return {
    ...run,
    services: run.services.map((record) => {
      const end = outcomes.get(keyOf({ kind: "service", mode, record }));
      return end === undefined ? record : endedService(record, end);
    }),
    dependencies: run.dependencies.map((record) => {
      const end = outcomes.get(keyOf({ kind: "dependency", mode, record }));
      return end === undefined ? record : endedDependency(record, end);
    }),
  };
}

/** One after the other: each is a change of the same index. */
async function commitAll(
  change: Change,
  parts: readonly EndedRun[],
): Promise<void> {
  for (const { after } of parts) await commit(change, after);
}

async function commit(change: Change, run: RunState): Promise<void> {
  const { host, place: { paths }, lease, events } = change;
  if (unitsOf(run).length === 0) {
    await retireRun(host, paths, lease, run.runId);
    return;
  }
  await saveRun(host, paths, lease, run);
  events.note("state.saved", {
    run_id: run.runId,
    services: run.services.length,
    dependencies: run.dependencies.length,
  });
}

function portsOf(
  { place: { scope } }: Change,
  { kind, record }: EndableUnit,
): readonly Release[] {
  const { project, identity } = record;
  if (identity === undefined) return [];
  if (kind === "service") {
    const port = record.actualPort ?? record.requestedPort;
    const { slug: unit } = record;
    return port === undefined ? [] : [{ scope, project, unit, port, identity }];
  }
  return Object.entries(record.ports).map(([resource, port]) => {
    const unit = resourceUnit(record.id, resource);
    return { scope, project, unit, port, identity };
  });
}
