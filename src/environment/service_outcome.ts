/**
 * What the start of a service has come to, told and written down.
 *
 * @module
 */

import type { Attempt } from "./attempt.ts";
import type {
  Mode,
  Project,
  ServiceDefinition,
  ServiceRecord,
} from "./model.ts";
import type { UnitChange } from "./lifecycle.ts";
import type { Readiness, ReadyOutcome } from "./readiness.ts";
import { addressesOf, type LaunchFacts } from "./service_launch.ts";

/** One service to start. */
export interface ServiceStart {
  /** The service. */
  readonly service: ServiceDefinition;
  /** Its project. */
  readonly project: Project;
  /** Mode of its run. */
  readonly mode: Mode;
  /** What it is filled in with. */
  readonly facts: LaunchFacts;
  /** Waits for it. */
  readonly readiness: Readiness;
  /** Whether a person has set its port, so that no other one will do. */
  readonly isPortFixed: boolean;
  /**
   * What it is filled in with on another port.
   *
   * @throws {KnownError} `no_free_port` when there is none.
   */
  readonly movePort: () => Promise<LaunchFacts>;
  /** Called when it fails after it was ready, while we still run. */
  readonly onCrash: () => void;
}

/** What became of a unit. */
export type UnitStart<R> =
  | { readonly kind: "ready"; readonly record: R }
  | {
    readonly kind: "failed";
    /** What is left of it, or what there would be. */
    readonly record: R;
    /** Why, as a sentence without its full stop. */
    readonly why: string;
    /** The next step, where there is one. */
    readonly hint: string | undefined;
  };

/** Why a service is not ready, with what its log says and where that is. */
export function failureText(
  outcome: Extract<ReadyOutcome, { readonly kind: "failed" }>,
  { logPath }: ServiceRecord,
): string {
  const { message, lastWords, reason } = outcome;
  const quoted = reason === "timeout" && lastWords !== undefined
    ? `${message}; its log ends with: ${lastWords}`
    : message;
  return `${quoted} (log: ${logPath})`;
}

/** Why a service is not ready. */
export interface ServiceFailure {
  /** In a sentence without its full stop. */
  readonly why: string;
  /** The next step, where there is one. */
  readonly hint: string | undefined;
  /** The same in a word, without anything of its log. */
  readonly reason: string;
  /** Exit code of one that ended. */
  readonly exitCode: number | undefined;
}

/** A service that is not ready; whatever there was of it has been ended. */
export function failedService(
  { reporter, events }: Attempt,
  { service, project }: ServiceStart,
  record: ServiceRecord,
  { why, hint, reason, exitCode }: ServiceFailure,
): UnitStart<ServiceRecord> {
  const where = { project: project.name, unit: service.slug };
  reporter.onUnit({ ...where, ...stepOf(why, reason, record) });
  const { isCritical } = service;
  events.note("service.failure", {
    ...where,
    reason,
    exit_code: exitCode ?? null,
    critical: isCritical,
  });
  return {
    kind: "failed",
    why,
    hint,
    record: afterFailure(record, why, reason),
  };
}

/** Nothing is wrong with one that was interrupted, or that never began. */
function stepOf(
  why: string,
  reason: string,
  { name, status }: ServiceRecord,
): Pick<UnitChange, "detail" | "state"> {
  if (status === "termination_failed") return { state: "failed", detail: why };
  if (reason === "interrupted") return { state: "given_up" };
  if (reason !== "needs") return { state: "failed", detail: why };
  const said = `${name} was not started: `;
  const detail = why.startsWith(said) ? why.slice(said.length) : why;
  return { state: "not_started", detail };
}

function afterFailure(
  record: ServiceRecord,
  why: string,
  reason: string,
): ServiceRecord {
  if (record.status === "termination_failed") {
    return { ...record, failure: why };
  }
  // Nothing is wrong with one that nobody wanted to wait for.
  if (reason === "interrupted") {
    return { ...record, status: "stopped", identity: undefined };
  }
  const status = record.isCritical ? "stale" : "degraded";
  return { ...record, status, failure: why };
}

/** A service that is ready. */
export function readyService(
  { reporter, events }: Attempt,
  { service, project, facts }: ServiceStart,
  record: ServiceRecord,
  { port, afterMs }: Extract<ReadyOutcome, { readonly kind: "ready" }>,
): UnitStart<ServiceRecord> {
  const where = { project: project.name, unit: service.slug };
  const actual = port ?? facts.port;
  if (facts.port !== undefined && actual !== facts.port) {
    const [requested, found] = [facts.port, actual ?? null];
    events.note("port.rebound", { ...where, requested, actual: found });
  }
  events.note("service.ready", {
    ...where,
    port: actual ?? null,
    after_ms: Math.round(afterMs),
  });
  const detail = actual === undefined ? {} : { detail: `port ${actual}` };
  reporter.onUnit({ ...where, state: "ready", ...detail });
  return {
    kind: "ready",
    record: {
      ...record,
      actualPort: actual,
      status: service.ready.kind === "exit" ? "finished" : "running",
      ...addressesOf(service, actual, facts.settings.publicHost),
    },
  };
}
