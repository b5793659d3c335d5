/**
 * The report about the job queue as a person reads it.
 *
 * @module
 */

import type { JobsCheck, JobsFinding } from "../doctor/jobs_finding.ts";
import type { JobsReport } from "../doctor/jobs_report.ts";
import type { ReadyCheck } from "../jobs/readiness.ts";
import type { Layout } from "./doctor_text.ts";
import { wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** Formats the whole report. */
export function formatJobsReport(report: JobsReport, layout: Layout): string {
  return [
    placeLines(report),
    ...report.tenants.map(({ tenant, place, checks }) =>
      section(
        `${tenant} at ${place}`,
        layout,
        checks.map((check) => readyLine(check, layout)),
      )
    ),
    section(
      "Checks",
      layout,
      report.checks.map((check) => checkLine(check, layout)),
    ),
    section("Findings", layout, findingLines(report.findings, layout)),
    conclusion(report),
  ].join("\n\n");
}

function placeLines(report: JobsReport): string {
  return [
    `Backend     ${report.backend ?? "unknown: the settings are faulty"}`,
    `State root  ${report.state_root}`,
  ].join("\n");
}

function section(
  title: string,
  { hasColor }: Layout,
  lines: readonly string[],
): string {
  const clean = toOneLine(title);
  const heading = hasColor ? `\u001b[1m${clean}\u001b[0m` : clean;
  return [heading, ...lines.map((line) => `  ${line}`)].join("\n");
}

const COLORS: Readonly<Record<JobsCheck["state"] | "fail", string>> = {
  error: "31",
  fail: "31",
  info: "2",
  ok: "32",
  skipped: "2",
  unknown: "35",
  warn: "33",
};

function label(
  state: JobsCheck["state"] | ReadyCheck["level"],
  { hasColor }: Layout,
): string {
  const text = state.padEnd(7);
  return hasColor ? `\u001b[${COLORS[state]}m${text}\u001b[0m` : text;
}

function readyLine({ check, level, detail }: ReadyCheck, layout: Layout) {
  const line = toOneLine(`${check}: ${detail}`);
  const room = layout.columns - 2;
  return `${label(level, layout)}  ${wrap(line, room - 9, " ".repeat(11))}`;
}

function checkLine({ name, state, reason }: JobsCheck, layout: Layout): string {
  const head = `${label(state, layout)}  ${name}`;
  return reason === null ? head : `${head}: ${toOneLine(reason)}`;
}

const INDENT = " ".repeat(17);

function findingLines(
  findings: readonly JobsFinding[],
  layout: Layout,
): readonly string[] {
  if (findings.length === 0) return ["(none)"];
  return findings.flatMap(({ id, severity, summary, remediation }) => {
    const room = layout.columns - 2 - INDENT.length;
    const [first = "", ...rest] = wrap(toOneLine(summary), room).split("\n");
    return [
      `${id}  ${label(severity, layout)}   ${first}`,
      ...rest.map((line) => INDENT + line),
      // A line to type is never wrapped: it is meant to be copied.
      ...(remediation.command === null
        ? wrap(toOneLine(remediation.description), room).split("\n")
          .map((line) => INDENT + line)
        : [INDENT + remediation.command]),
    ];
  });
}

function conclusion({ ok, checks, findings }: JobsReport): string {
  const count = (severity: string) =>
    findings.filter((finding) => finding.severity === severity).length;
  const amount = (number: number, noun: string) =>
    `${number} ${noun}${number === 1 ? "" : "s"}`;
  const warnings = count("warn");
  if (ok) {
    return warnings === 0
      ? "Nothing is wrong with the job queue."
      : "Nothing is wrong with the job queue, but see " +
        `${amount(warnings, "warning")}.`;
  }
  const unknown = checks.filter(({ state }) => state === "unknown");
  const gaps = unknown.length === 0
    ? ""
    : ` Not known: ${unknown.map(({ name }) => name).join(", ")}.`;
  return `${amount(count("error"), "error")}, ` +
    `${amount(warnings, "warning")}.${gaps}`;
}
