/**
 * The doctor's report as a person reads it.
 *
 * @module
 */

import type { SweepResult } from "../daemon/sweep.ts";
import type { Finding } from "../doctor/findings.ts";
import type { DoctorReport } from "../doctor/report.ts";
import { formatDuration } from "./duration.ts";
import { formatTable, wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** How the text is laid out. */
export interface Layout {
  /** Width in columns. */
  readonly columns: number;
  /** Whether colours are shown. */
  readonly hasColor: boolean;
}

/** Formats the whole report. */
export function formatReport(report: DoctorReport, layout: Layout): string {
  const sections = [
    section("Identity", layout, identityLines(report)),
    section("Tokens", layout, tokenLines(report)),
    section("Storage", layout, [`Directory      ${report.auth_root}`]),
    section("Refresh lock", layout, lockLines(report)),
    section("Daemon", layout, daemonLines(report)),
    section("Orphans", layout, orphanLines(report, layout)),
    section("Findings", layout, findingLines(report, layout)),
  ];
  if (report.reset_result !== undefined) {
    sections.push(
      section("Reset", layout, resetLines(report.reset_result, report)),
    );
  }
  if (report.server_session === undefined) {
    sections.push("To ask the server too: reeve auth doctor --server");
  } else {
    const { error } = report.server_session;
    sections.push(section("Server", layout, [error ?? "session is active"]));
  }
  return sections.join("\n\n");
}

function section(
  title: string,
  { hasColor }: Layout,
  lines: readonly string[],
): string {
  const heading = hasColor ? `\u001b[1m${title}\u001b[0m` : title;
  return [heading, ...lines.map((line) => line && `  ${line}`)].join("\n");
}

function identityLines(report: DoctorReport): readonly string[] {
  return [
    `State root     ${report.singleton_scope_id}`,
    `Reeve          ${report.package_version}`,
    `Signed in      ${signedIn(report)}`,
  ];
}

function signedIn({ session }: DoctorReport): string {
  if (session === null) return "no";
  if (session.source === "env") return "by REEVE_TOKEN";
  const { state, summary } = session;
  if (summary === null || state === "expired") return `no, ${state}`;
  const { email, name, user_id: id, server, workspace } = summary;
  const where = workspace === null ? "no workspace" : `workspace ${workspace}`;
  return toOneLine(`${email || name || id} at ${server}, ${where}`);
}

function tokenLines({ session }: DoctorReport): readonly string[] {
  if (session === null) return ["(not signed in)"];
  const { problem, summary, access_expires_in_s: access } = session;
  if (problem !== null) return [problem];
  if (summary === null) return ["(from the environment)"];
  const refresh = summary.can_refresh
    ? lifeOf(session.refresh_expires_in_s)
    : "(none)";
  return [
    `Access token   ${lifeOf(access)}`,
    `Refresh token  ${refresh}`,
    `Generation     ${summary.generation}, by ${summary.method}`,
  ];
}

function lifeOf(seconds: number | null): string {
  if (seconds === null) return "its end is not known";
  return seconds === 0 ? "has ended" : `${formatDuration(seconds * 1000)} left`;
}

function lockLines({ refresh_lock: lock }: DoctorReport): readonly string[] {
  if (!lock.held) return ["(free)"];
  const age = lock.age_s === null ? "" : `, ${Math.round(lock.age_s)} s`;
  const stuck = lock.stuck ? ", stuck" : "";
  return [
    `Held by process ${lock.holder_pid} on ${lock.holder_host}${age}${stuck}`,
  ];
}

function daemonLines({ daemon }: DoctorReport): readonly string[] {
  if (daemon === null) return ["(none recorded)"];
  const version = daemon.package_version ?? "(unknown)";
  const lines = [
    `State          ${daemon.active ? "healthy" : "not healthy"}`,
    `PID, port      ${daemon.pid ?? "(unknown)"}, ${
      daemon.port ?? "(unknown)"
    }`,
  ];
  if (daemon.active) lines.push(`Version        ${toOneLine(version)}`);
  if (daemon.problem !== null) lines.push(`Problem        ${daemon.problem}`);
  return lines;
}

function orphanLines(
  { orphans, scan }: DoctorReport,
  { columns }: Layout,
): readonly string[] {
  const problem = scan.table_problem === null
    ? []
    : [`The listener table could not be read: ${scan.table_problem}`];
  if (orphans.length === 0) return ["(none)", ...problem];
  const rows = orphans.map((orphan) => [
    String(orphan.pid ?? "(unknown)"),
    String(orphan.port),
    orphan.package_version ?? "(unknown)",
    orphan.cleanup_class,
    orphan.skip_reason ?? "",
    orphan.product ?? "(unknown)",
  ]);
  const table = formatTable(
    [
      { title: "PID", align: "right" },
      { title: "PORT", align: "right" },
      { title: "VERSION", isFlexible: true },
      { title: "CLASS" },
      { title: "REASON" },
      { title: "PRODUCT", isFlexible: true },
    ],
    rows,
    columns - 2,
  );
  return [...table.split("\n"), ...problem];
}

const COLORS: Readonly<Record<Finding["severity"], string>> = {
  critical: "31",
  info: "2",
  warn: "33",
};

function findingLines(
  { findings }: DoctorReport,
  { columns, hasColor }: Layout,
): readonly string[] {
  if (findings.length === 0) return ["(none)"];
  return findings.flatMap(({ id, severity, summary, remediation }) => {
    const label = severity.padEnd(8);
    const shown = hasColor
      ? `\u001b[${COLORS[severity]}m${label}\u001b[0m`
      : label;
    const head = wrap(toOneLine(summary), columns - 18, "  ".repeat(8));
    const next = remediation?.command;
    return [
      ...`${id} ${shown} ${head}`.split("\n"),
      ...(remediation === null
        ? []
        : [" ".repeat(15) + (next ?? remediation.description)]),
    ];
  });
}

/** Formats what a reset did: a line of totals and one line for each entry. */
export function resetLines(
  result: SweepResult,
  report: Pick<DoctorReport, "messages">,
): readonly string[] {
  const { swept, skipped, failed } = result;
  const unclear = skipped.filter((entry) => entry.command !== null);
  const waiting = unclear.length > 0
    ? ` (${unclear.length} operator_required)`
    : "";
  const lines = [
    `swept: ${swept.length} · skipped: ${skipped.length}${waiting} · ` +
    `failed: ${failed.length}`,
    ...swept.map((entry) =>
      `swept   ${entry.port} pid ${entry.pid} ` +
      `${toOneLine(entry.package_version ?? "(unknown)")} ` +
      (entry.cleanup_path === null
        ? "had ended by itself"
        : `via ${entry.cleanup_path}`)
    ),
    ...skipped.map((entry) =>
      `skipped ${entry.port} pid ${entry.pid ?? "(unknown)"} ` +
      `${entry.skip_reason}: ${entry.detail}`
    ),
    ...failed.map((entry) =>
      `failed  ${entry.port} pid ${entry.pid} ${entry.failure_reason}: ` +
      entry.detail
    ),
    ...report.messages,
  ];
  if (unclear.length > 0) {
    lines.push(
      `To stop the ${unclear.length} as well: reeve auth doctor --reset --force`,
    );
  }
  return lines;
}
