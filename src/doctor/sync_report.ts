/**
 * The report about delivery as JSON: `sync_doctor`, schema version 1.
 *
 * @module
 */

import { type ProjectFields, projectFields } from "../config/project.ts";
import type { SyncFacts } from "./sync_facts.ts";
import type { SyncFinding } from "./sync_finding.ts";
import type { CheckState, SyncVerdict } from "./sync_findings.ts";

/** One check as JSON shows it. */
export interface CheckReport {
  /** What is checked. */
  readonly "name": string;
  /** `ok`, `info`, `warn`, `error`, `unknown` or `skipped`. */
  readonly "state": CheckState;
  /** Why it is unknown or was skipped. */
  readonly "reason": string | null;
}

/** The report as JSON shows it. */
export interface SyncReport extends ProjectFields {
  /** Name of this document. */
  readonly "schema": "sync_doctor";
  /** Version of this document. */
  readonly "schema_version": 1;
  /** Whether nothing is wrong and everything that matters could be checked. */
  readonly "ok": boolean;
  /** ISO 8601. */
  readonly "generated_at": string;
  /** State root. */
  readonly "state_root": string;
  /** Base URL of the server that events go to; `null` when none is set. */
  readonly "server": string | null;
  /** Where that is said. */
  readonly "server_origin": string;
  /** Every check. */
  readonly "checks": readonly CheckReport[];
  /** What is wrong and what to do. */
  readonly "findings": readonly SyncFinding[];
  /** What `--fix` did, in sentences. */
  readonly "fixed": readonly string[];
}

/** Builds the report. */
export function buildSyncReport(
  facts: SyncFacts,
  { isHealthy, checks, findings }: SyncVerdict,
  fixed: readonly string[],
): SyncReport {
  const { project, files, settings, serverOrigin, generatedAt } = facts;
  return {
    "schema": "sync_doctor",
    "schema_version": 1,
    "ok": isHealthy,
    "generated_at": new Date(generatedAt).toISOString(),
    "state_root": files.root,
    ...projectFields(project),
    "server": settings.serverUrl ?? null,
    "server_origin": serverOrigin.where,
    "checks": checks.map(({ name, state, reason = null }) => ({
      name,
      state,
      reason,
    })),
    findings,
    "fixed": fixed,
  };
}
