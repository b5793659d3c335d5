/**
 * One service or dependency as commands show it: the one view that all of them
 * share, so that none tells another story.
 *
 * @module
 */

import { type Severity, severityOf } from "../environment/evidence.ts";
import type { ServiceStatus } from "../environment/model.ts";
import type { ObservedRun, ObservedUnit } from "../environment/observe.ts";
import { hasAddress } from "../environment/runtime_map.ts";
import type { JsonObject } from "../state/json_value.ts";

/** Statuses in which nothing of a unit is known to run. */
const OVER: readonly ServiceStatus[] = ["finished", "stale", "stopped"];

const GLYPHS: Readonly<Record<ServiceStatus, string>> = {
  degraded: "⚠",
  finished: "✓",
  running: "✓",
  stale: "✗",
  starting: "•",
  stopped: "○",
  "termination_failed": "✗",
  unreachable: "✗",
  unverified: "⚠",
};

/** How many units are named in a command to type. */
const MOST_NAMED = 3;

/** The sign of what a unit is doing. */
export function glyphOf({ truth }: ObservedUnit): string {
  return GLYPHS[truth.status];
}

/**
 * What a unit is doing, as commands show it: with why nothing of it runs, where
 * that was recorded.
 */
export type ShownStatus = ServiceStatus | "failed" | "not_started";

/** What a unit is doing. */
export function shownStatus(unit: ObservedUnit): ShownStatus {
  if (wasNeverStarted(unit)) return "not_started";
  const hasFailed = unit.truth.status === "stale" &&
    unit.record.failure !== undefined;
  return hasFailed ? "failed" : unit.truth.status;
}

/** The same in words. */
export function statusWord(unit: ObservedUnit): string {
  return shownStatus(unit).replaceAll("_", " ");
}

/** Whether a unit could not even be begun, so that there was nothing to end. */
function wasNeverStarted({ record, truth }: ObservedUnit): boolean {
  const { failure, identity } = record;
  const isOwn = "slug" in record || record.mode === "command" ||
    record.mode === "native";
  return isOwn && identity === undefined && failure !== undefined &&
    (truth.status === "stale" || truth.status === "degraded");
}

/** The name of a unit within its project. */
export function nameInProject({ name, project }: ObservedUnit): string {
  return name.startsWith(`${project} `) ? name.slice(project.length + 1) : name;
}

/** How bad the state of a unit is. */
export function severityOfUnit({ isCritical, truth }: ObservedUnit): Severity {
  return severityOf(truth.status, isCritical);
}

/** Process id of what runs, or `undefined` when nothing does. */
export function pidOf({ record, truth }: ObservedUnit): number | undefined {
  return OVER.includes(truth.status) ? undefined : record.identity?.pid;
}

/** Port that a unit listens on or should, the first of a dependency. */
export function unitPort({ record, truth }: ObservedUnit): number | undefined {
  if (truth.actualPort !== undefined) return truth.actualPort;
  return "slug" in record
    ? record.actualPort ?? record.requestedPort
    : Object.values(record.ports)[0];
}

/** Address for people, only where it leads to the unit now. */
export function unitUrl(unit: ObservedUnit): string | undefined {
  const { record, truth } = unit;
  if (!hasAddress(truth.status)) return undefined;
  if (!("slug" in record)) return record.url;
  const recorded = record.actualPort ?? record.requestedPort;
  return withPort(record.publicUrl, recorded, truth.actualPort);
}

/** The address for health checks, only where it leads to the unit now. */
export function healthUrlOf(
  { record, truth }: ObservedUnit,
): string | undefined {
  if (!("slug" in record) || !hasAddress(truth.status)) return undefined;
  const recorded = record.actualPort ?? record.requestedPort;
  return withPort(record.healthUrl, recorded, truth.actualPort);
}

/** An address that was made for one port, for the port that really listens. */
function withPort(
  url: string | undefined,
  recorded: number | undefined,
  actual: number | undefined,
): string | undefined {
  if (url === undefined || actual === undefined || actual === recorded) {
    return url;
  }
  return url.replace(`:${recorded}`, `:${actual}`);
}

/** Where a unit is: its address, else its port. */
export function whereText(unit: ObservedUnit): string {
  const url = unitUrl(unit);
  if (url !== undefined) return url;
  const port = unitPort(unit);
  if (port === undefined) return "-";
  return hasAddress(unit.truth.status) ? `port ${port}` : `(port ${port})`;
}

/** Why a unit is not well, in a sentence without its point. */
export function reasonOf(unit: ObservedUnit): string | undefined {
  const severity = severityOfUnit(unit);
  const isRebound = unit.truth.evidence.some(({ fact }) => fact === "rebound");
  if (severity === "fine" && !isRebound) return undefined;
  const seen = unit.truth.evidence.map(({ text }) => text);
  const { failure } = unit.record;
  if (wasNeverStarted(unit) && failure !== undefined) {
    const said = `${unit.name} was not started: `;
    return failure.startsWith(said) ? failure.slice(said.length) : failure;
  }
  // Why it has ended says more than that it has.
  if (failure !== undefined && OVER.includes(unit.truth.status)) return failure;
  const words = unit.lastWords;
  const all = [
    ...seen,
    ...failure === undefined || seen.includes(failure) ? [] : [failure],
    ...words === undefined ? [] : [`its log says: ${words}`],
  ];
  return all.length === 0 ? undefined : all.join("; ");
}

/** The same beside the name and the log of the unit. */
export function shortReasonOf(unit: ObservedUnit): string | undefined {
  const { logPath } = unit.record;
  const heads = [`${unit.name}: `, `${unit.name} `];
  return reasonOf(unit)?.replace(` (log: ${logPath})`, "").split("; ")
    .map((part) => {
      const head = heads.find((one) => part.startsWith(one)) ?? "";
      return part.slice(head.length);
    })
    .join("; ");
}

/** Whether a unit of runs says the same of itself. */
export function isToldByUnit(
  runs: readonly Pick<ObservedRun, "units">[],
  failure: string,
): boolean {
  return runs.some(({ units }) =>
    units.some((unit) => reasonOf(unit)?.includes(failure))
  );
}

/** Where to find out why something is not well, and what brings it back. */
export function nextSteps(runs: readonly ObservedRun[]): string {
  const [first] = runs.filter(({ run, units }) =>
    run.failure !== undefined || units.some(isTrouble)
  );
  const flag = first?.run.mode === "trees" ? " --trees" : "";
  const units = first?.units.filter(isTrouble) ?? [];
  const ids = units.filter((unit) =>
    unit.record.logPath !== undefined && shownStatus(unit) !== "not_started"
  ).map(({ id }) => ` ${id}`);
  const logs = ids.length > MOST_NAMED ? "" : [...new Set(ids)].join("");
  return `Why: reeve errors${flag}, reeve logs${logs}${flag}\n` +
    `Bring back what is missing: reeve resume${flag}`;
}

/** Whether a unit is not well. */
export function isTrouble(unit: ObservedUnit): boolean {
  const severity = severityOfUnit(unit);
  return severity === "critical" || severity === "degraded";
}

/** A unit as documents show it. */
export function unitJson(unit: ObservedUnit): JsonObject {
  const { isCritical, id, kind, name, project, record, truth } = unit;
  const foreign = truth.foreignOwner;
  return {
    "kind": kind,
    "project": project,
    "id": id,
    "name": name,
    "critical": isCritical,
    "status": shownStatus(unit),
    "severity": severityOfUnit(unit),
    "pid": pidOf(unit) ?? null,
    "port": unitPort(unit) ?? null,
    "ports": "slug" in record ? {} : { ...record.ports },
    "url": unitUrl(unit) ?? null,
    "health_url": healthUrlOf(unit) ?? null,
    "log_path": record.logPath ?? null,
    "reason": reasonOf(unit) ?? null,
    "evidence": truth.evidence.map(({ fact, text }) => ({
      "fact": fact,
      "text": text,
    })),
    "foreign_owner": foreign === undefined ? null : {
      "pid": foreign.pid ?? null,
      "program": foreign.program ?? null,
    },
  };
}
