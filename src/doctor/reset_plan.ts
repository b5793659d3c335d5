/**
 * The plan file of a reset: what would be done, on which facts, so that it can
 * be read, kept and carried out later, exactly or not at all.
 *
 * @module
 */

import type { Candidate } from "../daemon/candidate.ts";
import type { FamilyName } from "../daemon/family.ts";
import type { Scan } from "../daemon/scan.ts";
import type { SweepPlan } from "../daemon/sweep_plan.ts";
import type { Host } from "../host/host.ts";
import { readDocument, requireDocument } from "../state/document.ts";

/** One daemon that the plan stops. */
export interface PlannedTarget {
  /** Process id. */
  readonly "pid": number;
  /** Port. */
  readonly "port": number;
  /** Start stamp of the process. */
  readonly "start_stamp": string;
  /** `reeve` or `spec-kitty`. */
  readonly "product": string;
  /** Canonical scope root of its marker. */
  readonly "singleton_scope_id": string | null;
  /** Class of the verdict. */
  readonly "cleanup_class": string;
  /** Row of the decision table. */
  readonly "row": string;
  /** Why it may be stopped. */
  readonly "reason": string;
}

/** The plan file. */
export interface ResetPlan {
  /** Name of this document. */
  readonly "schema": "reset_plan";
  /** Version of this document. */
  readonly "schema_version": 1;
  /** ISO 8601 UTC. */
  readonly "created_at": string;
  /** Host, boot and namespace it was made on. */
  readonly "machine": {
    readonly "host": string;
    readonly "boot_id": string | null;
    readonly "pid_namespace": string | null;
  };
  /** Scope that it was judged from. */
  readonly "singleton_scope_id": string;
  /** Kind of daemons. */
  readonly "daemon_family": FamilyName;
  /** Whether `operator_required` ones are stopped too. */
  readonly "force": boolean;
  /** SHA-256 of the facts about every target. */
  readonly "facts_hash": string;
  /** What is stopped. */
  readonly "targets": readonly PlannedTarget[];
}

/** Writes a plan down. */
export async function toResetPlan(
  plan: SweepPlan,
  found: Scan,
  options: { readonly scope: string; readonly isForced: boolean },
): Promise<ResetPlan> {
  const { machine, viewpoint } = found;
  return {
    "schema": "reset_plan",
    "schema_version": 1,
    "created_at": new Date(viewpoint.takenAt).toISOString(),
    "machine": {
      "host": machine.host,
      "boot_id": machine.bootId ?? null,
      "pid_namespace": machine.pidNamespace ?? null,
    },
    "singleton_scope_id": options.scope,
    "daemon_family": viewpoint.family,
    "force": options.isForced,
    "facts_hash": await hashFacts(plan.stops.map((stop) => stop.candidate)),
    "targets": plan.stops.map(({ target, verdict, reason }) => ({
      "pid": target.pid,
      "port": target.port,
      "start_stamp": target.startStamp,
      "product": target.family.product,
      "singleton_scope_id": target.scope ?? null,
      "cleanup_class": verdict.cleanupClass,
      "row": verdict.row,
      reason,
    })),
  };
}

async function loadSchema() {
  return (await import("./schema.ts")).resetPlanSchema;
}

/**
 * Reads a plan file.
 *
 * @throws {KnownError} `not_found`, `unreadable`, `damaged_file`, `newer_file`.
 */
export async function readResetPlan(
  host: Pick<Host, "files">,
  path: string,
): Promise<ResetPlan> {
  const read = await readDocument(host, path, loadSchema);
  return requireDocument(
    read,
    path,
    "Make a new plan with: reeve auth doctor --plan FILE",
  );
}

/** Lists in words what differs between a plan and the world as it is now. */
export function findDrift(plan: ResetPlan, now: ResetPlan): readonly string[] {
  const drift: string[] = [];
  const isHere = plan.machine.boot_id !== null &&
    plan.machine.boot_id === now.machine.boot_id &&
    plan.machine.pid_namespace === now.machine.pid_namespace;
  if (!isHere) {
    drift.push("the plan was made on another machine or before a restart");
  }
  if (plan.singleton_scope_id !== now.singleton_scope_id) {
    drift.push(`the plan is for the state root ${plan.singleton_scope_id}`);
  }
  const key = (target: PlannedTarget) => JSON.stringify(target);
  const before = new Map(plan.targets.map((row) => [row.port, row]));
  const after = new Map(now.targets.map((row) => [row.port, row]));
  for (const [port, row] of before) {
    const found = after.get(port);
    if (found === undefined) {
      drift.push(`port ${port}: process ${row.pid} may no longer be stopped`);
    } else if (key(found) !== key(row)) {
      drift.push(`port ${port}: process ${row.pid} is not what it was`);
    }
  }
  for (const [port, row] of after) {
    if (!before.has(port)) drift.push(`port ${port}: ${row.pid} is new`);
  }
  if (drift.length === 0 && plan.facts_hash !== now.facts_hash) {
    drift.push("a fact about a target has changed");
  }
  return drift;
}

/** SHA-256 over the facts of the targets, in hexadecimal. */
export async function hashFacts(
  candidates: readonly Candidate[],
): Promise<string> {
  const text = canonicalJson(candidates.toSorted((a, b) => a.port - b.port));
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** JSON with sorted keys, so that equal facts have equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const isPlain = typeof inner === "object" && inner !== null &&
      !Array.isArray(inner);
    if (!isPlain) return inner;
    const entries = Object.entries(inner);
    return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : 1));
  });
}
