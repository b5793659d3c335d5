/**
 * What a finding about the job queue is, and what it is about.
 *
 * @module
 */

import type { Remedy, SyncSeverity } from "./sync_finding.ts";

/** What is checked. */
export type JobsCheckName = "backend" | "dead" | "room" | "settings" | "work";

/** One finding. */
export interface JobsFinding {
  /** Stable id. */
  readonly id: string;
  /** What it is about. */
  readonly check: JobsCheckName;
  /** Whose jobs it is about; `null` for all. */
  readonly tenant: string | null;
  /** How bad it is. */
  readonly severity: SyncSeverity;
  /** What was found. */
  readonly summary: string;
  /** What to do. */
  readonly remediation: Remedy;
}

/** One check. */
export interface JobsCheck {
  /** What is checked. */
  readonly name: JobsCheckName;
  /** The worst of what was found; `unknown` could not be made. */
  readonly state: SyncSeverity | "ok" | "skipped" | "unknown";
  /** Why it is unknown or was skipped. */
  readonly reason: string | null;
}

/** What the doctor says. */
export interface JobsVerdict {
  /** No error, and nothing unknown. */
  readonly isHealthy: boolean;
  /** Every check. */
  readonly checks: readonly JobsCheck[];
  /** What is wrong, in the order of the ids. */
  readonly findings: readonly JobsFinding[];
}
