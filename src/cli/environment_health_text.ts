/**
 * How well the environment is and what has failed, as text and as JSON.
 *
 * @module
 */

import type { LogIssue } from "../environment/log_findings.ts";
import type { Mode } from "../environment/model.ts";
import type {
  Health,
  ObservedRun,
  ObservedUnit,
} from "../environment/observe.ts";
import type { JsonObject } from "../state/json_value.ts";
import {
  glyphOf,
  isToldByUnit,
  isTrouble,
  nextSteps,
  reasonOf,
  severityOfUnit,
  shortReasonOf,
  statusWord,
  unitJson,
} from "./environment_unit.ts";
import { toOneLine } from "./one_line.ts";

/** What `health` tells. */
export interface HealthReport {
  /** Mode of the line. */
  readonly mode: Mode;
  /** The verdict on all that was chosen. */
  readonly overall: Health;
  /** Whether the command ends with 0. */
  readonly isFine: boolean;
  /** Chosen units of each run. */
  readonly runs: readonly ObservedRun[];
  /** Names of units without which the environment is broken. */
  readonly critical: readonly ObservedUnit[];
  /** Those that it can do without. */
  readonly optional: readonly ObservedUnit[];
}

/** Whether a command about health ends with 0. */
export function isFine(overall: Health, isStrict: boolean): boolean {
  return overall === "healthy" || overall === "degraded" && !isStrict;
}

/** What `health` tells, as text. */
export function healthText(report: HealthReport): string {
  const units = report.runs.flatMap((run) => run.units);
  const lines = units.map((unit) => {
    const reason = shortReasonOf(unit);
    const optional = unit.isCritical ? "" : " (optional)";
    const why = reason === undefined ? "" : `: ${toOneLine(reason)}`;
    return `${glyphOf(unit)} ${unit.name}${optional} ${statusWord(unit)}${why}`;
  });
  const next = report.isFine ? [] : ["", nextSteps(report.runs)];
  return [...lines, ...lines.length === 0 ? [] : [""], report.overall, ...next]
    .join("\n");
}

/** Every unit with all that speaks for its status. */
export function evidenceText(runs: readonly ObservedRun[]): string {
  const units = runs.flatMap((run) => run.units);
  return units.flatMap((unit) => {
    const { evidence } = unit.truth;
    const optional = unit.isCritical ? "" : " (optional)";
    const { failure } = unit.record;
    const seen = evidence.map(({ text }) => text);
    const all = failure === undefined || seen.includes(failure)
      ? seen
      : [...seen, failure];
    return [
      `${glyphOf(unit)} ${unit.name}${optional} ${statusWord(unit)}`,
      ...all.map((text) => `    ${toOneLine(text)}`),
    ];
  }).join("\n");
}

/** What `health` tells, as a document. */
export function healthJson(report: HealthReport, atMs: number): JsonObject {
  const { critical, isFine, mode, optional, overall, runs } = report;
  const units = runs.flatMap((run) => run.units);
  const count = (...wanted: readonly string[]) =>
    units.filter((unit) => wanted.includes(severityOfUnit(unit))).length;
  return {
    "schema": "environment_health",
    "schema_version": 1,
    "generated_at": new Date(atMs).toISOString(),
    "mode": mode,
    "run_ids": runs.map(({ run }) => run.runId),
    "ok": isFine,
    "overall": overall,
    "counts": {
      "fine": count("fine"),
      "pending": count("pending"),
      "degraded": count("degraded"),
      "critical": count("critical"),
    },
    "critical_failures": critical.map(({ name }) => name),
    "optional_failures": optional.map(({ name }) => name),
    "units": units.map(unitJson),
  };
}

/** What `errors` tells. */
export interface ErrorsReport {
  /** Mode of the line. */
  readonly mode: Mode;
  /** Chosen units of each run. */
  readonly runs: readonly ObservedRun[];
  /** What was found in logs. */
  readonly issues: readonly LogIssue[];
}

/** Units that are not well. */
function failedIn({ runs }: ErrorsReport): readonly ObservedUnit[] {
  return runs.flatMap(({ units }) => units).filter(isTrouble);
}

/** Whether nothing has failed; lines in logs alone are no failure. */
export function isWithoutErrors(report: ErrorsReport): boolean {
  return failedIn(report).length === 0 &&
    report.runs.every(({ run }) => run.failure === undefined);
}

/** What `errors` tells, as text. */
export function errorsText(report: ErrorsReport): string {
  const starts = report.runs.flatMap(({ run }) =>
    run.failure === undefined || isToldByUnit(report.runs, run.failure)
      ? []
      : [`${run.runId}: its start failed: ${toOneLine(run.failure)}`]
  );
  const units = failedIn(report).map((unit) => {
    const reason = reasonOf(unit);
    const why = reason === undefined ? "" : `: ${toOneLine(reason)}`;
    const { logPath } = unit.record;
    const word = statusWord(unit);
    const isTold = logPath === undefined || word === "not started" ||
      reason?.includes(logPath);
    const log = isTold ? "" : `\n  log ${logPath}`;
    return `${glyphOf(unit)} ${unit.name} ${word}${why}${log}`;
  });
  const logs = report.issues.map(({ lines, unit }) =>
    [
      `In the log of ${unit.name}, ${unit.record.logPath ?? "none"}:`,
      ...lines.map((line) => `  ${toOneLine(line)}`),
    ].join("\n")
  );
  const said = isWithoutErrors(report) ? ["Nothing has failed."] : [];
  return [...said, ...starts, ...units, ...logs].join("\n");
}

/** What `errors` tells, as a document. */
export function errorsJson(report: ErrorsReport, atMs: number): JsonObject {
  return {
    "schema": "environment_errors",
    "schema_version": 1,
    "generated_at": new Date(atMs).toISOString(),
    "mode": report.mode,
    "run_ids": report.runs.map(({ run }) => run.runId),
    "ok": isWithoutErrors(report),
    "failed_starts": report.runs.flatMap(({ run }) =>
      run.failure === undefined
        ? []
        : [{ "run_id": run.runId, "failure": run.failure }]
    ),
    "failed_units": failedIn(report).map(unitJson),
    "log_issues": report.issues.map(({ lines, unit }) => ({
      "project": unit.project,
      "id": unit.id,
      "log_path": unit.record.logPath ?? null,
      "lines": lines,
    })),
  };
}
