/**
 * What is wrong and what to do about it, decided on the facts alone.
 *
 * @module
 */

import type { DaemonIdentityRecord } from "../daemon/identity_record.ts";
import { compareVersions } from "../version.ts";
import type { DoctorFacts } from "./doctor_facts.ts";
import { sessionFindings } from "./session_findings.ts";

/** How bad a finding is. Only `critical` changes the exit code. */
export type Severity = "critical" | "info" | "warn";

/** One finding. */
export interface Finding {
  /** Stable id. */
  readonly id: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** What was found. */
  readonly summary: string;
  /** What to do; `null` when there is nothing to do. */
  readonly remediation: {
    /** Command to type, when there is one. */
    readonly command: string | null;
    /** What it does, or what to do by hand. */
    readonly description: string;
  } | null;
}

function finding(
  id: string,
  severity: Severity,
  summary: string,
  command: string | null,
  description: string,
): Finding {
  return { id, severity, summary, remediation: { command, description } };
}

/** Lists the findings in the order of their ids. */
export function findFindings(
  facts: DoctorFacts,
  orphans: readonly DaemonIdentityRecord[],
): readonly Finding[] {
  return [
    ...sessionFindings(facts),
    ...orphanFindings(orphans),
    ...lockFindings(facts),
    ...daemonFindings(facts),
    ...fileFindings(facts),
  ].toSorted((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function orphanFindings(
  orphans: readonly DaemonIdentityRecord[],
): readonly Finding[] {
  if (orphans.length === 0) return [];
  const ports = orphans.map((orphan) => orphan.port).join(", ");
  const isSafe = (orphan: DaemonIdentityRecord) =>
    orphan.cleanup_class === "safe_auto";
  const safe = orphans.filter(isSafe).length;
  const unseen =
    orphans.filter((orphan) => orphan.skip_reason === "missing_pid").length;
  const unsafe = orphans.length - safe - unseen;
  const command = safe > 0
    ? "reeve auth doctor --reset"
    : unsafe > 0
    ? "reeve auth doctor --reset --force"
    : null;
  const rest = safe > 0 && unsafe > 0
    ? ` The other ${unsafe} also need --force.`
    : "";
  return [finding(
    "F-002",
    "warn",
    `${count(orphans.length, "orphan daemon")} on ${
      plural(orphans.length, "port")
    } ${ports}.`,
    command,
    safe > 0
      ? `Stops ${count(safe, "stale daemon")} of this state root.${rest}`
      : unsafe > 0
      ? `Stops ${count(unsafe, "daemon")} whose state only you can judge.`
      : "Look again as the user that they belong to, or as root.",
  )];
}

function count(amount: number, noun: string): string {
  return `${amount} ${plural(amount, noun)}`;
}

function plural(amount: number, noun: string): string {
  return amount === 1 ? noun : `${noun}s`;
}

function lockFindings(facts: DoctorFacts): readonly Finding[] {
  const { record, isStuck, ageSeconds = 0 } = facts.refreshLock;
  if (record === undefined) return [];
  const found: Finding[] = [];
  if (isStuck) {
    found.push(finding(
      "F-003",
      "critical",
      `The refresh lock has been held for ${Math.round(ageSeconds)} s by ` +
        `process ${record.pid}.`,
      "reeve auth doctor --unstick-lock",
      "Releases it if nobody really holds it.",
    ));
  }
  if (record.host !== facts.host) {
    found.push(finding(
      "F-007",
      "warn",
      `The refresh lock is held on another host: ${record.host}.`,
      null,
      "Look there: a process of another host cannot be judged from here.",
    ));
  }
  return found;
}

function daemonFindings(facts: DoctorFacts): readonly Finding[] {
  const { current, version, isRolloutEnabled } = facts;
  if (current.kind === "healthy") return versionFindings(facts);
  if (current.kind === "unhealthy") {
    return [finding(
      "F-005",
      "info",
      `The recorded daemon is not healthy: ${current.reason}.`,
      "reeve daemon restart",
      "Replaces it after proving what it is.",
    )];
  }
  if (current.read.kind !== "missing") {
    const reason = "reason" in current.read ? current.read.reason : "";
    return [finding(
      "F-005",
      "info",
      `The state file cannot be used: ${reason}.`,
      "reeve daemon start",
      `Starts the daemon ${version} and writes the file anew.`,
    )];
  }
  return isRolloutEnabled
    ? [finding(
      "F-005",
      "info",
      "No daemon is running.",
      "reeve daemon start",
      `Starts the daemon ${version}.`,
    )]
    : [];
}

function versionFindings(
  { current, version }: DoctorFacts,
): readonly Finding[] {
  const running = current.kind === "healthy"
    ? current.health.packageVersion ?? "unknown"
    : version;
  if (running === version) return [];
  const isNewer = compareVersions(running, version) > 0;
  return [finding(
    "F-004",
    "warn",
    `The daemon is ${running}, this reeve is ${version}.`,
    isNewer ? "reeve daemon restart --force" : "reeve daemon restart",
    isNewer
      ? "The newer daemon is used as it is; this would put the older in place."
      : "Hands over to a daemon of this version.",
  )];
}

function fileFindings(facts: DoctorFacts): readonly Finding[] {
  const modes = facts.looseModes.map(({ path, mode, expected }) =>
    finding(
      "F-009",
      "warn",
      `Others can use ${path}: its mode is ${mode.toString(8)}.`,
      `chmod ${expected.toString(8)} '${path.replaceAll("'", "'\\''")}'`,
      "Makes it yours alone.",
    )
  );
  const records = facts.strangeRecords.map(({ path, status, host }) =>
    finding(
      "F-011",
      "info",
      `The owner record ${path} is not acted on: ` +
        `${status.replaceAll("_", " ")}${host ? ` (${host})` : ""}.`,
      null,
      recordAdvice(status),
    )
  );
  return [...modes, ...records, ...settingsFindings(facts)];
}

function settingsFindings({ settings }: DoctorFacts): readonly Finding[] {
  if ("fault" in settings) {
    const { message, hint } = settings.fault;
    return [finding("F-012", "warn", `${message}.`, null, hint ?? "")];
  }
  return settings.warnings.map((message) => ({
    id: "F-012",
    severity: "warn",
    summary: `${message}.`,
    remediation: null,
  }));
}

/** What becomes of a record that is not acted on. */
function recordAdvice(status: string): string {
  return status === "earlier_boot"
    ? "The next start removes it: its process ended with that boot."
    : "It is left as it is; remove it by hand if nobody needs it.";
}
