/**
 * Starts one service and waits until it is ready.
 *
 * @module
 */

import { joinPath } from "../host/path.ts";
import { KnownError } from "../errors.ts";
import { serviceLogPath } from "../state/environment_paths.ts";
import type { Attempt } from "./attempt.ts";
import { fingerprintOf } from "./document_codec.ts";
import { endedService, endUnits } from "./end_units.ts";
import { type LaunchedUnit, launchUnit } from "./launch.ts";
import type { ServiceDefinition, ServiceRecord } from "./model.ts";
import {
  expectsListener,
  type LaunchFacts,
  launchOf,
  type ServiceLaunch,
} from "./service_launch.ts";
import { rotateLog } from "./service_log.ts";
import {
  failedService,
  failureText,
  readyService,
  type ServiceStart,
  type UnitStart,
} from "./service_outcome.ts";
import { formatMarker } from "./unit_marker.ts";

const TOKEN_BYTES = 16;

/** Starts a service; one that is not ready in time is ended again. */
export async function startService(
  attempt: Attempt,
  start: ServiceStart,
): Promise<UnitStart<ServiceRecord>> {
  const { service, project, facts } = start;
  const begun = await beginRecord(attempt, start);
  const { record } = begun;
  const where = { project: project.name, unit: service.slug };
  attempt.reporter.onUnit({ ...where, state: "starting" });
  let launched: LaunchedUnit;
  try {
    if (begun.problem !== undefined) throw begun.problem;
    launched = await launch(attempt, start, begun);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return failedService(attempt, start, record, {
      why: error.message,
      hint: error.hint,
      reason: "refused",
      exitCode: undefined,
    });
  }
  const { identity, startedAt, exited } = launched;
  const running = { ...record, identity, startedAt } as const;
  const outcome = await start.readiness.wait({
    name: record.name,
    identity,
    exited,
    ready: service.ready,
    port: facts.port,
    logPath: record.logPath,
    logFrom: begun.logFrom,
    timeoutMs: service.timeoutMs,
    allowsRebound: true,
  });
  if (outcome.kind === "failed") {
    const why = failureText(outcome, running);
    const ended = await endFailed(attempt, start, running);
    const { reason, exitCode } = outcome;
    return failedService(attempt, start, ended, {
      why,
      hint: undefined,
      reason,
      exitCode,
    });
  }
  return readyService(attempt, start, running, outcome);
}

/** A service that is not begun, as something that it needs is not there. */
export async function neverStarted(
  attempt: Attempt,
  start: ServiceStart,
  reason: string,
): Promise<UnitStart<ServiceRecord>> {
  const { record } = await beginRecord(attempt, start);
  const why = `${record.name} was not started: ${reason}`;
  return failedService(attempt, start, record, {
    why,
    hint: undefined,
    reason: "needs",
    exitCode: undefined,
  });
}

interface Begun {
  readonly record: ServiceRecord;
  readonly launch: ServiceLaunch;
  readonly logFrom: number;
  readonly problem: KnownError | undefined;
}

async function beginRecord(
  { host, run }: Attempt,
  { service, project, facts }: ServiceStart,
): Promise<Begun> {
  const logPath = serviceLogPath(run, project.name, service.slug);
  rotateLog(host, logPath);
  const { launch, problem } = tryLaunch(service, facts);
  const argvHash = await fingerprintOf(JSON.stringify(launch.command));
  return {
    launch,
    problem,
    logFrom: host.blocking.stat(logPath)?.size ?? 0,
    record: {
      name: `${project.name} ${service.displayName}`,
      project: project.name,
      slug: service.slug,
      identity: undefined,
      cwd: launch.cwd,
      argvHash,
      requestedPort: facts.port,
      actualPort: undefined,
      logPath,
      startedAt: host.clock.now(),
      status: "starting",
      expectsListener: expectsListener(service),
      isCritical: service.isCritical,
      failure: undefined,
      publicUrl: undefined,
      healthUrl: undefined,
    },
  };
}

function tryLaunch(
  service: ServiceDefinition,
  facts: LaunchFacts,
): Pick<Begun, "launch" | "problem"> {
  try {
    return { launch: launchOf(service, facts), problem: undefined };
  } catch (problem) {
    if (!(problem instanceof KnownError)) throw problem;
    const cwd = joinPath(facts.project.root, service.directory);
    const launch = { command: [""], cwd, env: {}, dropped: [] } as const;
    return { launch, problem };
  }
}

async function launch(
  attempt: Attempt,
  { service, project, facts }: ServiceStart,
  { record, launch }: Begun,
): Promise<LaunchedUnit> {
  const { host, place, runId, events, intents } = attempt;
  const where = { project: project.name, unit: service.slug };
  for (const { name: variable, source } of launch.dropped) {
    events.note("service.env_dropped", { ...where, variable, source });
  }
  const marker = formatMarker({
    scope: place.scope,
    run: runId,
    unit: service.slug,
    token: host.random.hex(TOKEN_BYTES),
  });
  const journal = intents.journalOf({
    intentId: host.random.hex(TOKEN_BYTES),
    runId,
    project: project.name,
    unit: service.slug,
    port: facts.port,
    marker,
    argvHash: record.argvHash,
  });
  const launched = await launchUnit(host, {
    name: record.name,
    marker,
    command: launch.command,
    env: launch.env,
    cwd: launch.cwd,
    logPath: record.logPath,
  }, journal);
  events.note("service.launch", {
    ...where,
    pid: launched.identity.pid,
    argv_hash: record.argvHash,
    port: facts.port ?? null,
  });
  return launched;
}

/** What is not ready is of no use, and must not stay behind unseen. */
async function endFailed(
  attempt: Attempt,
  { mode }: ServiceStart,
  record: ServiceRecord,
): Promise<ServiceRecord> {
  const quiet = { ...attempt, reporter: SILENT };
  const outcomes = await endUnits(
    quiet,
    [{ kind: "service", mode, record }],
    "It did not become ready.",
  );
  const [outcome] = outcomes.values();
  return outcome?.kind === "kept" ? endedService(record, outcome) : record;
}

const SILENT = { onPhase() {}, onUnit() {} };
