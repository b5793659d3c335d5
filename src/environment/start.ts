/**
 * Starts services and dependencies: what is there already stays, what an
 * earlier command has left half done is finished first, and what cannot be
 * started leaves nothing behind.
 *
 * @module
 */

import { beginAttempt, beginChange, type Change } from "./attempt.ts";
import { explaining } from "./host_refusal.ts";
import {
  type LifecycleHost,
  type Reporter,
  type StartReport,
  type StartRequest,
  USUAL_PACE,
} from "./lifecycle.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import { observeStates } from "./observe.ts";
import type { EnvironmentPlace } from "./place.ts";
import { lossError } from "./lost_records.ts";
import { lostRuns, readRuns } from "./run_repository.ts";
import { settleOldIntents } from "./settle_intents.ts";
import { settingsError } from "./settings_read.ts";
import { clearWay } from "./start_clear.ts";
import { finishStart } from "./start_finish.ts";
import { type PreparedStart, prepareStart } from "./start_prepare.ts";
import { joinRuns } from "./start_scope.ts";
import { startUnits } from "./start_units.ts";

export type { LifecycleHost, Reporter, StartReport, StartRequest };

/**
 * Starts what is asked for. Saving the run is what commits it: whatever comes
 * before it is undone by the next command if this one is killed.
 *
 * @param interrupt ends the start; everything it has started is ended again.
 * @throws {KnownError} `lock_busy` while another command changes the
 * environment; the first fault of the settings; whatever forbids a start
 * before anything was changed, such as a missing program of a dependency;
 * `unusable` when the machine refuses something, such as a full disk: then
 * nothing of what was started stays, unless it is recorded.
 */
export async function startEnvironment(
  host: LifecycleHost,
  place: EnvironmentPlace,
  request: StartRequest,
  reporter: Reporter,
  interrupt: AbortSignal,
): Promise<StartReport> {
  const fault = settingsError(place.loaded);
  if (fault !== undefined) throw fault;
  return await explaining(() =>
    startUnderLease(host, place, request, reporter, interrupt)
  );
}

async function startUnderLease(
  ...[host, place, request, reporter, interrupt]: Parameters<
    typeof startEnvironment
  >
): Promise<StartReport> {
  const { command } = request;
  using lease = await takeLease(host, place.paths, `reeve ${command}`);
  const change = beginChange(host, place, lease, { command, reporter });
  const begin = host.clock.elapsed();
  change.events.note("startup.begin", {
    command,
    mode: request.mode,
    projects: request.projects.map(({ name }) => name),
  });
  const end = (outcome: string, report: StartReport | undefined) =>
    change.events.note("startup.end", {
      outcome,
      run_id: report?.run?.runId ?? null,
      duration_ms: Math.round(host.clock.elapsed() - begin),
    });
  try {
    const report = await runStart(change, request, interrupt);
    end(report.kind, report);
    return report;
  } catch (error) {
    end("refused", undefined);
    throw error;
  } finally {
    await change.events.flush();
  }
}

/**
 * Beside units that nobody knows of any more nothing is started: a second one
 * of each would come up.
 */
async function readStored(
  { host, place: { paths } }: Change,
): Promise<readonly RunState[]> {
  const read = await readRuns(host, paths);
  const lost = lossError(lostRuns(read, paths));
  if (lost !== undefined) throw lost;
  return read.runs.map(({ run }) => run);
}

async function runStart(
  change: Change,
  request: StartRequest,
  interrupt: AbortSignal,
): Promise<StartReport> {
  const { host, place } = change;
  const begin = host.clock.elapsed();
  const enter = (phase: string) => {
    change.reporter.onPhase(phase);
    const at = Math.round(host.clock.elapsed() - begin);
    change.events.note("startup.phase", { phase, at_ms: at });
  };
  enter("state");
  const stored = await readStored(change);
  await settleOldIntents(change, stored);
  const observed = await observeStates(host, place, stored);
  const before = joinRuns(observed, request.mode);
  if (request.command === "resume" && (before?.units.length ?? 0) === 0) {
    return { kind: "nothing_to_resume", run: undefined, degraded: [] };
  }
  enter("plan");
  const prepared = await prepareStart(change, request, observed, before);
  if (prepared.kind === "blocked") return prepared.report;
  if (interrupt.aborted) return untouched(before?.run);
  tellUnchanged(change, prepared);
  const attempt = beginAttempt(change, prepared.runId);
  enter("ports");
  const way = await clearWay(attempt, prepared);
  if (way.kind === "blocked") return way.report;
  enter("units");
  const { settings, plans, provisions, there } = prepared;
  const { units, surprise } = await startUnits(attempt, {
    settings,
    mode: request.mode,
    plans,
    provisions,
    there,
    ports: way.ports,
    pace: request.pace ?? USUAL_PACE,
  }, interrupt);
  enter("finish");
  return await finishStart(attempt, prepared, way, {
    units,
    surprise,
    isInterrupted: interrupt.aborted,
  });
}

/** Whoever interrupts early keeps what runs. */
function untouched(run: RunState | undefined): StartReport {
  return {
    kind: "interrupted",
    run,
    failure: "The start was interrupted before it changed anything",
    hint: "Start again: reeve start",
    degraded: [],
  };
}

/** What nothing is done about is told all the same. */
function tellUnchanged({ reporter }: Change, { plans }: PreparedStart): void {
  for (const { project: { name: project }, plan } of plans) {
    for (const { id: unit, status } of plan.there) {
      reporter.onUnit({ project, unit, state: "kept", detail: status });
    }
    for (const { id: unit, reason } of plan.leftOut) {
      if (reason === "not_selected" || reason === "off_in_mode") continue;
      const detail = reason.replaceAll("_", " ");
      reporter.onUnit({ project, unit, state: "left_out", detail });
    }
  }
}
