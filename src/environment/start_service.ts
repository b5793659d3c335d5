/**
 * Starts one service and waits until it is ready.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { serviceLogPath } from "../state/environment_paths.ts";
import type { Attempt } from "./attempt.ts";
import { fingerprintOf } from "./document_codec.ts";
import { endedService, endUnits } from "./end_units.ts";
import { explainHostError } from "./host_refusal.ts";
import type { LaunchedUnit } from "./launch.ts";
import type { ServiceDefinition, ServiceRecord } from "./model.ts";
import { holderOf, holderText, type PortHolder } from "./port_holder.ts";
import type { ReadyOutcome } from "./readiness.ts";
import {
  directoryOf,
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
  type ServiceFailure,
  type ServiceStart,
  type UnitStart,
} from "./service_outcome.ts";
import { launchFor } from "./start_launch.ts";

/** How many other ports a service is tried on. */
const MAX_PORT_RETRIES = 3;

/** A service that is not ready, and what is left of it. */
interface Setback {
  readonly record: ServiceRecord;
  readonly failure: ServiceFailure;
}

/**
 * Starts a service; one that is not ready in time is ended again. One that
 * ended while somebody else took its port is tried on the next one.
 */
export async function startService(
  attempt: Attempt,
  first: ServiceStart,
): Promise<UnitStart<ServiceRecord>> {
  const where = { project: first.project.name, unit: first.service.slug };
  attempt.reporter.onUnit({ ...where, state: "starting" });
  let start = first;
  for (let retry = 0;; retry++) {
    const tried = await tryService(attempt, start);
    if ("kind" in tried) return tried;
    const fail = (failure: ServiceFailure) =>
      failedService(attempt, start, tried.record, failure);
    const taken = start.facts.port;
    const holder = await thiefOf(attempt, start, tried);
    if (taken === undefined || holder === undefined) return fail(tried.failure);
    if (start.isPortFixed || retry === MAX_PORT_RETRIES) {
      return fail(stolen(tried.failure, taken, holder));
    }
    try {
      start = { ...start, facts: await start.movePort() };
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      return fail({ ...tried.failure, why: error.message, hint: error.hint });
    }
    const { port: next = taken } = start.facts;
    attempt.events.note("port.retried", { ...where, taken, next });
  }
}

/**
 * Who has the port of a service that has ended. What the service wrote about it
 * is no evidence.
 */
async function thiefOf(
  { host }: Attempt,
  { facts: { port } }: ServiceStart,
  { record, failure }: Setback,
): Promise<PortHolder | undefined> {
  const isOver = failure.reason === "ended" &&
    record.status !== "termination_failed";
  if (!isOver || port === undefined) return undefined;
  return await holderOf(host, port);
}

function stolen(
  failure: ServiceFailure,
  port: number,
  holder: PortHolder,
): ServiceFailure {
  const why = `${failure.why}; its port ${port} is taken by ` +
    holderText(holder);
  return { ...failure, why, hint: "Free the port, or set another one." };
}

/** Starts a service once; gives what it became, or why it did not. */
async function tryService(
  attempt: Attempt,
  start: ServiceStart,
): Promise<Setback | UnitStart<ServiceRecord>> {
  const { service, facts } = start;
  const begun = await beginRecord(attempt, start);
  const { record } = begun;
  let launched: LaunchedUnit;
  try {
    if (begun.problem !== undefined) throw begun.problem;
    launched = await launch(attempt, start, begun);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { record, failure: refusal(error.message, error.hint) };
  }
  const { identity, startedAt, exited } = launched;
  const running = { ...record, identity, startedAt } as const;
  let outcome: ReadyOutcome;
  try {
    outcome = await start.readiness.wait({
      name: record.name,
      identity,
      exited,
      ready: service.ready,
      port: facts.port,
      logPath: record.logPath,
      logFrom: begun.logFrom,
      timeoutMs: service.timeoutMs,
      allowsRebound: !start.isPortFixed,
    });
  } catch (error) {
    const ended = await endFailed(attempt, start, running);
    if (!(error instanceof HostError)) throw error;
    const { hint, message } = explainHostError(error);
    const why = `${record.name} cannot be waited for: ${message}`;
    return { record: ended, failure: refusal(why, hint) };
  }
  if (outcome.kind === "ready") {
    exited.then((code) => code === 0 || start.onCrash());
    return readyService(attempt, start, running, outcome);
  }
  const { reason, exitCode } = outcome;
  const why = failureText(outcome, running);
  const ended = await endFailed(attempt, start, running);
  const hint = outcome.lastWords === undefined
    ? `Run it by hand in ${record.cwd} to see why`
    : undefined;
  return { record: ended, failure: { why, hint, reason, exitCode } };
}

function refusal(why: string, hint: string | undefined): ServiceFailure {
  return { why, hint, reason: "refused", exitCode: undefined };
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
    const cwd = directoryOf(service, facts.project);
    const launch = { command: [""], cwd, env: {}, dropped: [] } as const;
    return { launch, problem };
  }
}

async function launch(
  attempt: Attempt,
  { service: { slug: unit }, project, facts: { port } }: ServiceStart,
  { record, launch }: Begun,
): Promise<LaunchedUnit> {
  const where = { project: project.name, unit };
  for (const { name: variable, source } of launch.dropped) {
    attempt.events.note("service.env_dropped", { ...where, variable, source });
  }
  const { argvHash, logPath, name } = record;
  const { command, cwd, env } = launch;
  return await launchFor(attempt, { ...where, port, argvHash }, {
    name,
    command,
    env,
    cwd,
    logPath,
  });
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
