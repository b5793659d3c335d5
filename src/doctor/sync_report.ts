/**
 * The report about delivery as JSON: `sync_doctor`, schema version 1.
 *
 * @module
 */

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
export interface SyncReport {
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
  /** The project; `null` where there is none. */
  readonly "project": {
    readonly "id": string | null;
    readonly "slug": string;
    readonly "root": string;
  } | null;
  /** Server that events go to, and where that is said. */
  readonly "server": {
    readonly "url": string | null;
    readonly "origin": string;
  };
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
    "project": project === undefined ? null : {
      "id": project.id ?? null,
      "slug": project.slug,
      "root": project.root,
    },
    "server": {
      "url": settings.serverUrl ?? null,
      "origin": serverOrigin.where,
    },
    "checks": checks.map(({ name, state, reason = null }) => ({
      name,
      state,
      reason,
    })),
    findings,
    "fixed": fixed,
  };
}
