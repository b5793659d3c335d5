/**
 * The report about delivery as a person reads it.
 *
 * @module
 */

import type { SyncFinding } from "../doctor/sync_finding.ts";
import type { CheckState } from "../doctor/sync_findings.ts";
import type { CheckReport, SyncReport } from "../doctor/sync_report.ts";
import type { Layout } from "./doctor_text.ts";
import { wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** Formats the whole report. */
export function formatSyncReport(report: SyncReport, layout: Layout): string {
  const sections = [
    placeLines(report),
    section(
      "Checks",
      layout,
      report.checks.map((one) => checkLine(one, layout)),
    ),
    section("Findings", layout, findingLines(report.findings, layout)),
  ];
  if (report.fixed.length > 0) {
    const lines = report.fixed.flatMap((line) =>
      wrap(toOneLine(line), layout.columns - 2, "  ").split("\n")
    );
    sections.push(section("Done", layout, lines));
  }
  return [...sections, conclusion(report)].join("\n\n");
}

function placeLines({ server, ...report }: SyncReport): string {
  const { project_id: id, project_slug: slug } = report;
  const name = slug === null
    ? "none around here"
    : `${slug} (${id ?? "no identity yet"})`;
  return [
    `Project     ${name}`,
    `State root  ${report.state_root}`,
    `Server      ${server ?? "none is configured"}` +
    (server === null ? "" : ` (${report.server_origin})`),
  ].join("\n");
}

function section(
  title: string,
  { hasColor }: Layout,
  lines: readonly string[],
): string {
  const heading = hasColor ? `\u001b[1m${title}\u001b[0m` : title;
  return [heading, ...lines.map((line) => `  ${line}`)].join("\n");
}

const COLORS: Readonly<Record<CheckState, string>> = {
  error: "31",
  info: "2",
  ok: "32",
  skipped: "2",
  unknown: "35",
  warn: "33",
};

function label(state: CheckState, { hasColor }: Layout): string {
  const text = state.padEnd(7);
  return hasColor ? `\u001b[${COLORS[state]}m${text}\u001b[0m` : text;
}

function checkLine(
  { name, state, reason }: CheckReport,
  layout: Layout,
): string {
  const head = `${label(state, layout)}  ${name.replaceAll("_", " ")}`;
  return reason === null ? head : `${head}: ${toOneLine(reason)}`;
}

const INDENT = " ".repeat(17);

function findingLines(
  findings: readonly SyncFinding[],
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
      INDENT + (remediation.command ?? remediation.description),
    ];
  });
}

function conclusion({ ok, checks, findings }: SyncReport): string {
  const count = (severity: string) =>
    findings.filter((finding) => finding.severity === severity).length;
  const unknown = checks.filter(({ state }) => state === "unknown");
  const gaps = unknown.length === 0
    ? ""
    : ` Not known: ${
      unknown.map(({ name }) => name.replaceAll("_", " ")).join(", ")
    }.`;
  if (ok) {
    const warnings = count("warn");
    const rest = warnings === 0
      ? ""
      : `, but see ${amount(warnings, "warning")}`;
    return `Nothing is wrong with delivery${rest}.${gaps}`;
  }
  const errors = count("error");
  return (errors === 0
    ? "Delivery cannot be called healthy."
    : `${amount(errors, "error")}, ${amount(count("warn"), "warning")}.`) +
    gaps;
}

function amount(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
