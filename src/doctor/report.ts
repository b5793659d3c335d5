/**
 * The doctor's report: `auth_doctor`, schema version 2.
 *
 * @module
 */

import type { SessionSummary } from "../auth/session_schema.ts";
import { classify } from "../daemon/classify.ts";
import {
  type DaemonIdentityRecord,
  toRecord,
} from "../daemon/identity_record.ts";
import type { Scan } from "../daemon/scan.ts";
import type { SweepResult } from "../daemon/sweep.ts";
import type { DoctorFacts, StrangeRecord } from "./doctor_facts.ts";
import { findFindings, type Finding } from "./findings.ts";

/** The report as JSON shows it. */
export interface DoctorReport {
  /** Name of this document. */
  readonly "schema": "auth_doctor";
  /** Version of this document. */
  readonly "schema_version": 2;
  /** ISO 8601 UTC with microseconds. */
  readonly "generated_at": string;
  /** Directory of the sign-in. */
  readonly "auth_root": string;
  /** Canonical state root. */
  readonly "singleton_scope_id": string;
  /** Version that judged. */
  readonly "package_version": string;
  /** The sign-in; `null` without one. */
  readonly "session": SessionReport | null;
  /** The refresh lock. */
  readonly "refresh_lock": RefreshLockReport;
  /** The recorded daemon; `null` without a state file. */
  readonly "daemon": DaemonReport | null;
  /** Listeners that may be cleaned, in order of ports. */
  readonly "orphans": readonly DaemonIdentityRecord[];
  /** Owner records that cannot be acted on from here. */
  readonly "foreign_records": readonly StrangeRecord[];
  /** How the range was looked at. */
  readonly "scan": ScanReport;
  /** What is wrong and what to do. */
  readonly "findings": readonly Finding[];
  /** What `--reset` did; only with it. */
  readonly "reset_result"?: SweepResult;
  /** What `--server` found; only with it. */
  readonly "server_session"?: ServerSession;
  /** What was done, in sentences. */
  readonly "messages": readonly string[];
}

/** The sign-in as JSON shows it. */
export interface SessionReport {
  /** `active`, `refreshable`, `expired`, `unreadable` or `none`. */
  readonly "state": string;
  /** What requests are made with: `env` or `session`. */
  readonly "source": string;
  /** Why the stored session cannot be used. */
  readonly "problem": string | null;
  /** Seconds that the access token is good for; `null` when not known. */
  readonly "access_expires_in_s": number | null;
  /** Seconds that the refresh token is good for; `null` when not known. */
  readonly "refresh_expires_in_s": number | null;
  /** What may be shown of it. */
  readonly "summary": SessionSummary | null;
}

/** The refresh lock as JSON shows it. */
export interface RefreshLockReport {
  /** Whether a holder is recorded. */
  readonly "held": boolean;
  /** Process of the holder. */
  readonly "holder_pid": number | null;
  /** Since when, ISO 8601. */
  readonly "started_at": string | null;
  /** Age in seconds. */
  readonly "age_s": number | null;
  /** Whether it is older than the threshold. */
  readonly "stuck": boolean;
  /** The threshold in seconds. */
  readonly "stuck_threshold_s": number;
  /** Host of the holder. */
  readonly "holder_host": string | null;
}

/** The recorded daemon as JSON shows it. */
export interface DaemonReport {
  /** Whether it proved itself. */
  readonly "active": boolean;
  /** Process that the state file names. */
  readonly "pid": number | null;
  /** Port that the state file names. */
  readonly "port": number | null;
  /** Version that it states. */
  readonly "package_version": string | null;
  /** Protocol that it states. */
  readonly "protocol_version": number | null;
  /** Why it is not active; `null` when it is. */
  readonly "problem": string | null;
}

/** The scan as JSON shows it. */
export interface ScanReport {
  /** First port looked at. */
  readonly "first_port": number;
  /** Last port looked at. */
  readonly "last_port": number;
  /** Listeners found, ours or not. */
  readonly "listeners": number;
  /** Listeners that are never touched. */
  readonly "never_touched": number;
  /** Why the listener table could not be read. */
  readonly "table_problem": string | null;
}

/** The server's view of the session as JSON shows it. */
export interface ServerSession {
  /** Whether the server knows the session. */
  readonly "active": boolean;
  /** Its id. */
  readonly "session_id": string | null;
  /** Why it could not be asked. */
  readonly "error": string | null;
}

/** What was done before the report, if anything. */
export interface ReportAdditions {
  /** What `--reset` did. */
  readonly resetResult?: SweepResult;
  /** What `--server` found. */
  readonly serverSession?: ServerSession;
  /** What was done, in sentences. */
  readonly messages?: readonly string[];
}

/** Builds the report on the facts. */
export function buildReport(
  facts: DoctorFacts,
  additions: ReportAdditions = {},
): DoctorReport {
  const orphans = orphansOf(facts.scan);
  return {
    "schema": "auth_doctor",
    "schema_version": 2,
    "generated_at": formatMoment(facts.generatedAt),
    "auth_root": facts.authRoot,
    "singleton_scope_id": facts.scope,
    "package_version": facts.version,
    "session": sessionReport(facts),
    "refresh_lock": refreshLockReport(facts),
    "daemon": daemonReport(facts),
    orphans,
    "foreign_records": facts.strangeRecords,
    "scan": scanReport(facts.scan),
    "findings": findFindings(facts, orphans),
    ...(additions.resetResult === undefined
      ? {}
      : { "reset_result": additions.resetResult }),
    ...(additions.serverSession === undefined
      ? {}
      : { "server_session": additions.serverSession }),
    "messages": additions.messages ?? [],
  };
}

/** Whether anything critical remains. */
export function isCritical(report: DoctorReport): boolean {
  return report.findings.some(({ severity }) => severity === "critical");
}

/** The records of all listeners that may be cleaned. */
export function orphansOf(scan: Scan): readonly DaemonIdentityRecord[] {
  return scan.candidates
    .filter((candidate) =>
      classify(candidate, scan.viewpoint).cleanupClass !== "never_touch"
    )
    .map((candidate) => toRecord(candidate, scan.viewpoint));
}

function formatMoment(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/Z$/, "000+00:00");
}

function sessionReport(
  { session, generatedAt }: DoctorFacts,
): SessionReport | null {
  if (session === undefined) return null;
  const { state, hasEnvToken, problem, summary } = session;
  const left = (end: string | null | undefined) =>
    end === null || end === undefined
      ? null
      : Math.max(0, Math.floor((Date.parse(end) - generatedAt) / 1000));
  return {
    state,
    "source": hasEnvToken ? "env" : "session",
    "problem": problem?.reason ?? null,
    "access_expires_in_s": left(summary?.access_expires_at),
    "refresh_expires_in_s": left(summary?.refresh_expires_at),
    "summary": summary ?? null,
  };
}

function refreshLockReport(facts: DoctorFacts): RefreshLockReport {
  const { record, ageSeconds, isStuck } = facts.refreshLock;
  return {
    "held": record !== undefined,
    "holder_pid": record?.pid ?? null,
    "started_at": record?.started_at ?? null,
    "age_s": ageSeconds ?? null,
    "stuck": isStuck,
    "stuck_threshold_s": facts.stuckThresholdSeconds,
    "holder_host": record?.host ?? null,
  };
}

function daemonReport({ current }: DoctorFacts): DaemonReport | null {
  if (current.kind === "none") {
    const { read } = current;
    return read.kind === "missing"
      ? null
      : inactive({}, "reason" in read ? read.reason : "it cannot be used");
  }
  if (current.kind === "unhealthy") {
    return inactive(current.state, current.reason);
  }
  const { state, health } = current;
  return {
    "active": true,
    "pid": state.pid,
    "port": state.port,
    "package_version": health.packageVersion ?? null,
    "protocol_version": health.protocolVersion ?? null,
    "problem": null,
  };
}

function inactive(
  state: { readonly pid?: number; readonly port?: number },
  problem: string,
): DaemonReport {
  return {
    "active": false,
    "pid": state.pid ?? null,
    "port": state.port ?? null,
    "package_version": null,
    "protocol_version": null,
    problem,
  };
}

function scanReport(scan: Scan): ScanReport {
  const never = scan.candidates.filter((candidate) =>
    classify(candidate, scan.viewpoint).cleanupClass === "never_touch"
  );
  return {
    "first_port": scan.viewpoint.ports.first,
    "last_port": scan.viewpoint.ports.end - 1,
    "listeners": scan.candidates.length,
    "never_touched": never.length,
    "table_problem": scan.tableProblem ?? null,
  };
}
