/**
 * The wire record of one listener: the 18 keys of schema version 2, and ours.
 *
 * @module
 */

import type { Candidate, Viewpoint } from "./candidate.ts";
import {
  classify,
  type CleanupClass,
  hasSpawnShape,
  type IdentitySource,
  selfReportMatches,
  singletonOf,
  type SkipReason,
  type Verdict,
} from "./classify.ts";
import { collectEvidence, type Evidence } from "./evidence.ts";
import {
  explainVerdict,
  type Remediation,
  remediationFor,
} from "./reason_text.ts";

/** A listener with the verdict on it, as JSON shows it. */
export interface DaemonIdentityRecord {
  /** `sync` or `dashboard`. */
  readonly "daemon_family": string;
  /** Process id of the listener's owner. */
  readonly "pid": number | null;
  /** Port on 127.0.0.1. */
  readonly "port": number;
  /** Protocol that the health answer states. */
  readonly "protocol_version": number | null;
  /** Version that the health answer states. */
  readonly "package_version": string | null;
  /** Canonical scope root of the marker. */
  readonly "singleton_scope_id": string | null;
  /** The same, under its older name. */
  readonly "daemon_root": string | null;
  /** Queue file that the daemon reports. */
  readonly "queue_db_path": string | null;
  /** Sign-in scope that the daemon reports. */
  readonly "auth_scope": string | null;
  /** Server that the daemon reports. */
  readonly "server_url": string | null;
  /** Whether an owner record for it is on disk. */
  readonly "owner_present": boolean;
  /** Which fact identified it. */
  readonly "identity_source": IdentitySource;
  /** Its executable. */
  readonly "executable_summary": string | null;
  /** Whether its argument vector is that of a daemon. */
  readonly "spawn_shape_ok": boolean;
  /** Whether its own report names the pid and port that we see. */
  readonly "self_report_matches_listener": boolean;
  /** Whether the state file names it. */
  readonly "is_recorded_singleton": boolean;
  /** What may be done. */
  readonly "cleanup_class": CleanupClass;
  /** Why not by itself. */
  readonly "skip_reason": SkipReason | null;
  /** `reeve` or `spec-kitty`; `null` when no shape matched. */
  readonly "product": string | null;
  /** The facts behind the verdict. */
  readonly "evidence": readonly Evidence[];
  /** What to do about it. */
  readonly "remediation": Remediation;
  /** Start of its process, ISO 8601 UTC. */
  readonly "started_at": string | null;
  /** Row of the decision table. */
  readonly "row": string;
  /** The verdict in one sentence. */
  readonly "explanation": string;
}

/** Judges a candidate and writes down everything that led to the verdict. */
export function toRecord(
  candidate: Candidate,
  from: Viewpoint,
): DaemonIdentityRecord {
  const verdict = classify(candidate, from);
  return {
    ...identityKeys(candidate, from),
    ...verdictKeys(candidate, from, verdict),
    "evidence": collectEvidence(candidate, from),
    "remediation": remediationFor(verdict),
    "row": verdict.row,
    "explanation": explainVerdict(verdict),
  };
}

function identityKeys(candidate: Candidate, from: Viewpoint) {
  const { health, spawn, process } = candidate;
  const startedAt = process?.startedAt;
  return {
    "daemon_family": health.daemonFamily ?? spawn.family ?? from.family,
    "pid": candidate.pid ?? null,
    "port": candidate.port,
    "protocol_version": health.protocolVersion ?? null,
    "package_version": health.packageVersion ?? null,
    "singleton_scope_id": spawn.scope ?? null,
    "daemon_root": spawn.scope ?? null,
    "queue_db_path": health.queueDbPath ?? null,
    "auth_scope": health.authScope ?? null,
    "server_url": health.serverUrl ?? null,
    "owner_present": candidate.ownerPresent,
    "executable_summary": process?.executable ?? spawn.argv[0] ?? null,
    "product": spawn.product ?? null,
    "started_at": startedAt === undefined
      ? health.startedAt ?? null
      : new Date(startedAt).toISOString(),
  };
}

function verdictKeys(
  candidate: Candidate,
  from: Viewpoint,
  verdict: Verdict,
) {
  return {
    "identity_source": verdict.identitySource,
    "spawn_shape_ok": hasSpawnShape(candidate),
    "self_report_matches_listener": selfReportMatches(candidate),
    "is_recorded_singleton": singletonOf(candidate, from) === "same",
    "cleanup_class": verdict.cleanupClass,
    "skip_reason": verdict.skipReason,
  };
}
