/**
 * Carries out a sweep plan: all daemons at once, one failure never stops the
 * rest, and every planned one ends in exactly one list.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Machine } from "../host/processes.ts";
import { hasCredential } from "./credential.ts";
import type { Journal } from "./journal.ts";
import { FAILURE_TEXT } from "./reason_text.ts";
import {
  type CleanupPath,
  type FailureReason,
  type StopHost,
  type StopOptions,
  type StopOutcome,
  stopTarget,
} from "./stop_target.ts";
import type { PlannedStop, SkippedEntry, SweepPlan } from "./sweep_plan.ts";

/** One daemon that was ended, as JSON shows it. */
export interface SweptEntry {
  /** Process id. */
  readonly "pid": number;
  /** Port. */
  readonly "port": number;
  /** `reeve` or `spec-kitty`. */
  readonly "product": string;
  /** Version it had stated. */
  readonly "package_version": string | null;
  /** Protocol it had stated. */
  readonly "protocol_version": number | null;
  /** The step that ended it; `null` when it ended by itself. */
  readonly "cleanup_path": CleanupPath | null;
  /** Class, and `stale-version` when its version is not ours. */
  readonly "reason": string;
}

/** One daemon that could not be ended, as JSON shows it. */
export interface FailedEntry {
  /** Process id. */
  readonly "pid": number;
  /** Port. */
  readonly "port": number;
  /** Why. */
  readonly "failure_reason": FailureReason;
  /** The same in a sentence, or what surprised us. */
  readonly "detail": string;
}

/** What a sweep did. */
export interface SweepResult {
  /** Ended. */
  readonly "swept": readonly SweptEntry[];
  /** Left alone. */
  readonly "skipped": readonly SkippedEntry[];
  /** Could not be ended. */
  readonly "failed": readonly FailedEntry[];
}

/** Context and limits of {@linkcode sweep}. */
export interface SweepOptions {
  /** Writes down each step. */
  readonly journal: Journal;
  /** Where we are. */
  readonly machine: Machine;
  /** Our own version, to tell stale ones. */
  readonly ownVersion: string;
  /** How long a daemon may take after it agreed to stop. @default 1000 */
  readonly shutdownWaitMs?: number;
  /** How long a daemon may take after SIGTERM. @default 1000 */
  readonly graceMs?: number;
  /** How long it may take after SIGKILL. @default 1000 */
  readonly killWaitMs?: number;
  /** Stops between two steps. */
  readonly interrupt?: AbortSignal;
  /** Called when one daemon is done. */
  readonly onDone?: () => void;
}

/** Stops what the plan names. */
export async function sweep(
  host: StopHost,
  plan: SweepPlan,
  options: SweepOptions,
): Promise<SweepResult> {
  const swept: SweptEntry[] = [];
  const skipped: SkippedEntry[] = [...plan.skipped];
  const failed: FailedEntry[] = [];
  const run = async (
    stop: PlannedStop,
    how: Pick<StopOptions, "canBeAsked" | "onSignalled">,
  ) => {
    const outcome = await stopOne(host, stop, { ...options, ...how });
    if (outcome.kind === "ended") {
      swept.push(sweptEntry(stop, outcome.path, options.ownVersion));
    } else if (outcome.kind === "changed") {
      skipped.push(changedEntry(stop, outcome.reason));
    } else failed.push(failedEntry(stop, outcome));
    options.onDone?.();
  };
  // A daemon that is not asked may need the whole grace: its time begins
  // first, before the work on the others delays its first signal.
  const [asked, unasked] = await splitByAsking(host, plan.stops, options);
  const waiting: Promise<void>[] = [];
  const begun = unasked.map((stop) => {
    const { promise, resolve: onSignalled } = Promise.withResolvers<void>();
    const ended = run(stop, { canBeAsked: false, onSignalled });
    waiting.push(ended);
    return Promise.race([promise, ended]);
  });
  await Promise.all(begun);
  await Promise.all([
    ...waiting,
    ...asked.map((stop) => run(stop, { canBeAsked: true })),
  ]);
  return {
    "swept": swept.toSorted(byPort),
    "skipped": skipped.toSorted(byPort),
    "failed": failed.toSorted(byPort),
  };
}

/** Who answers and, if it is ours, has a credential that we can find. */
async function splitByAsking(
  host: StopHost,
  stops: readonly PlannedStop[],
  { machine }: SweepOptions,
): Promise<readonly [readonly PlannedStop[], readonly PlannedStop[]]> {
  const asked: PlannedStop[] = [];
  const unasked: PlannedStop[] = [];
  for (const stop of stops) {
    const { candidate, target } = stop;
    const isAsked = candidate.health.responded &&
      await hasCredential(host, target, machine);
    (isAsked ? asked : unasked).push(stop);
  }
  return [asked, unasked];
}

function byPort(a: { port: number }, b: { port: number }): number {
  return a.port - b.port;
}

async function stopOne(
  host: StopHost,
  stop: PlannedStop,
  options: SweepOptions & Pick<StopOptions, "canBeAsked" | "onSignalled">,
): Promise<StopOutcome> {
  try {
    return await stopTarget(host, stop.target, {
      ...options,
      reason: stop.reason,
    });
  } catch (error) {
    // A surprise about one daemon must not lose the results of the others.
    const detail = messageOf(error);
    return { kind: "failed", reason: "unknown_failure", detail };
  }
}

function sweptEntry(
  { candidate, target, verdict }: PlannedStop,
  path: CleanupPath | null,
  ownVersion: string,
): SweptEntry {
  const { packageVersion, protocolVersion } = candidate.health;
  const isStale = packageVersion !== undefined && packageVersion !== ownVersion;
  return {
    "pid": target.pid,
    "port": target.port,
    "product": target.family.product,
    "package_version": packageVersion ?? null,
    "protocol_version": protocolVersion ?? null,
    "cleanup_path": path,
    "reason": verdict.cleanupClass + (isStale ? " stale-version" : ""),
  };
}

function changedEntry(stop: PlannedStop, reason: string): SkippedEntry {
  return {
    "pid": stop.target.pid,
    "port": stop.target.port,
    "cleanup_class": stop.verdict.cleanupClass,
    "skip_reason": "pid_port_mismatch",
    "detail": `It changed since it was looked at: ${reason}.`,
    "command": null,
  };
}

function failedEntry(
  { target }: PlannedStop,
  { reason, detail }: Extract<StopOutcome, { kind: "failed" }>,
): FailedEntry {
  return {
    "pid": target.pid,
    "port": target.port,
    "failure_reason": reason,
    "detail": detail ?? FAILURE_TEXT[reason],
  };
}
