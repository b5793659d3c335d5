/**
 * The lock under which one process changes the sign-in: who holds it, since
 * when, and how to release one that is stuck.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import {
  type FileLock,
  type Files,
  type Host,
  HostError,
} from "../host/host.ts";
import { readDocument } from "../state/document.ts";
import { acquireLock, type Lock } from "../state/lock.ts";
import { cliVersion } from "../version.ts";
import type { RefreshLockRecord } from "./schema.ts";

/** What {@linkcode withRefreshLock} needs of the world. */
export type RefreshLockHost = Pick<
  Host,
  "clock" | "env" | "files" | "processes"
>;

/** What became of work that needs the lock. */
export type Locked<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "busy"; readonly reason: string }
  | { readonly kind: "not_needed" };

/**
 * Does some work while no other process changes the sign-in; waits up to 10
 * seconds for that. The file names us meanwhile.
 *
 * @param isStillNeeded asked while waiting: `false` ends the wait.
 */
export async function withRefreshLock<T>(
  host: RefreshLockHost,
  path: string,
  work: (lock: Lock) => Promise<T>,
  isStillNeeded?: () => Promise<boolean>,
): Promise<Locked<T>> {
  const taken: FileLock[] = [];
  const tryLock: Files["tryLock"] = async (at, options) => {
    const file = await host.files.tryLock(at, options);
    if (typeof file === "object") taken.push(file);
    return file;
  };
  try {
    const files = { ...host.files, tryLock };
    const lock = await acquireLock(
      { ...host, files },
      path,
      isStillNeeded === undefined ? {} : { isStillNeeded },
    );
    if (lock === "not_needed") return { kind: "not_needed" };
    using held = lock;
    await note(taken, JSON.stringify(await describeHolder(host)) + "\n");
    try {
      return { kind: "done", value: await work(held) };
    } finally {
      await note(taken, "");
    }
  } catch (error) {
    if (!(error instanceof KnownError) || error.code !== "lock_busy") {
      throw error;
    }
    return { kind: "busy", reason: error.message };
  }
}

/** The record only tells people; the lock is the kernel's. */
async function note(taken: readonly FileLock[], text: string): Promise<void> {
  try {
    await taken.at(-1)?.write(text);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}

async function describeHolder(
  host: RefreshLockHost,
): Promise<RefreshLockRecord> {
  return {
    "schema_version": 1,
    "host": (await host.processes.machine()).host,
    "pid": host.env.pid,
    "started_at": new Date(host.clock.now()).toISOString(),
    "version": cliVersion(host.env),
  };
}

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
