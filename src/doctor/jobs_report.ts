/**
 * The report about the job queue as JSON: `queue_doctor`, schema version 1.
 *
 * @module
 */

import type { ReadyCheck } from "../jobs/readiness.ts";
import type { JobsFacts } from "./jobs_facts.ts";
import type { JobsCheck, JobsFinding, JobsVerdict } from "./jobs_finding.ts";

/** The report as JSON shows it. */
export interface JobsReport {
  /** Name of this document. */
  readonly "schema": "queue_doctor";
  /** Version of this document. */
  readonly "schema_version": 1;
  /** Whether nothing is wrong and everything could be checked. */
  readonly "ok": boolean;
  /** ISO 8601. */
  readonly "generated_at": string;
  /** State root. */
  readonly "state_root": string;
  /** Which backend; `null` with faulty settings. */
  readonly "backend": "redis" | "sqlite" | null;
  /** Every tenant and what its backend answered. */
  readonly "tenants": readonly {
    readonly "tenant": string;
    readonly "place": string;
    readonly "ready": boolean;
    readonly "latency_ms": number;
    readonly "checks": readonly ReadyCheck[];
  }[];
  /** Every check. */
  readonly "checks": readonly JobsCheck[];
  /** What is wrong and what to do. */
  readonly "findings": readonly JobsFinding[];
}

/** Builds the report. */
export function buildJobsReport(
  { generatedAt, root, settings, tenants }: JobsFacts,
  { isHealthy, checks, findings }: JobsVerdict,
): JobsReport {
  return {
    "schema": "queue_doctor",
    "schema_version": 1,
    "ok": isHealthy,
    "generated_at": new Date(generatedAt).toISOString(),
    "state_root": root,
    "backend": settings?.backend ?? null,
    "tenants": tenants.map(({ tenant, place, readiness }) => ({
      tenant,
      place,
      "ready": readiness.ok,
      "latency_ms": Math.round(readiness.latencyMs * 10) / 10,
      "checks": readiness.checks,
    })),
    checks,
    findings,
  };
}
