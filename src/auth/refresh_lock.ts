/**
 * The lock under which one process refreshes the sign-in: who holds it, since
 * when, and how to release one that is stuck.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { readDocument } from "../state/document.ts";
import type { RefreshLockRecord } from "./schema.ts";

/** Age after which a refresh lock counts as stuck, in seconds. */
export const STUCK_THRESHOLD_SECONDS = 60;

/** The lock as the doctor shows it. */
export interface RefreshLockFacts {
  /** The record of the holder; absent when there is none that can be read. */
  readonly record?: RefreshLockRecord;
  /** Age in seconds, never negative. */
  readonly ageSeconds?: number;
  /** Whether it is older than the threshold. */
  readonly isStuck: boolean;
}

/** Reads the lock file without taking the lock. */
export async function readRefreshLock(
  host: Pick<Host, "clock" | "files">,
  path: string,
  thresholdSeconds: number,
): Promise<RefreshLockFacts> {
  const read = await readDocument(host, path, loadSchema);
  if (read.kind !== "found") return { isStuck: false };
  return judgeRefreshLock(read.value, host.clock.now(), thresholdSeconds);
}

async function loadSchema() {
  return (await import("./schema.ts")).refreshLockSchema;
}

/** Judges the age of a record. */
export function judgeRefreshLock(
  record: RefreshLockRecord,
  now: number,
  thresholdSeconds: number,
): RefreshLockFacts {
  const startedAt = Date.parse(record.started_at);
  if (Number.isNaN(startedAt)) return { record, isStuck: false };
  const ageSeconds = Math.max(0, (now - startedAt) / 1000);
  return { record, ageSeconds, isStuck: ageSeconds > thresholdSeconds };
}

/** What became of releasing a stuck lock. */
export type UnstickOutcome = "not_stuck" | "released" | "still_held";

/** Empties the lock file if it is stuck and nobody really holds the lock. */
export async function unstickRefreshLock(
  host: Pick<Host, "clock" | "files">,
  path: string,
  thresholdSeconds: number,
): Promise<UnstickOutcome> {
  const before = await readRefreshLock(host, path, thresholdSeconds);
  if (!before.isStuck) return "not_stuck";
  const lock = await host.files.tryLock(path, { create: true });
  if (typeof lock === "string") return "still_held";
  using held = lock;
  // Read again under the lock: its holder may have ended in between.
  const now = await readRefreshLock(host, path, thresholdSeconds);
  if (!now.isStuck) return "not_stuck";
  await held.write("");
  return "released";
}
