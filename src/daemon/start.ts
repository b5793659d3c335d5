/**
 * Makes sure that exactly one daemon of our scope runs: use the one there is,
 * take back a lost one, or start a new one and hand over.
 *
 * @module
 */

import { acquireLock } from "../state/lock.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import { readCurrent } from "./current.ts";
import {
  isAloneInRange,
  judgeHealthy,
  NOTHING_SWEPT,
  reuse,
  type StartOutcome,
} from "./reuse.ts";

/**
 * How long a daemon may take to answer before the lock is asked for, in
 * milliseconds. Where many start at once, it answers late; whoever gives up
 * early only asks it again, and keeps the others from the lock meanwhile.
 */
const EARLY_LOOK_MS = 400;

/** Options of {@linkcode startDaemon}. */
export interface StartOptions {
  /** Replaces a daemon of any other version. @default false */
  readonly isForced?: boolean;
  /** The command, as the journal names it. @default "daemon start" */
  readonly command?: string;
  /** How long to wait for the lock, in milliseconds. @default 10000 */
  readonly lockWaitMs?: number;
}

/**
 * Starts the daemon, or finds the one that runs.
 *
 * @throws {KnownError} `lock_busy`, `newer_daemon`, `start_failed`.
 */
export async function startDaemon(
  host: DaemonHost,
  context: DaemonContext,
  options: StartOptions = {},
): Promise<StartOutcome> {
  const early = await reuseWithoutLock(host, context, options);
  if (early !== undefined) return early;
  const reused: { outcome?: StartOutcome } = {};
  const lock = await acquireLock(host, context.paths.daemonLock, {
    ...(options.lockWaitMs === undefined ? {} : { waitMs: options.lockWaitMs }),
    async isStillNeeded() {
      const outcome = await reuseWithoutLock(host, context, options);
      if (outcome !== undefined) reused.outcome = outcome;
      return outcome === undefined;
    },
  });
  if (lock === "not_needed") {
    if (reused.outcome !== undefined) return reused.outcome;
    throw new TypeError("Cannot go on: no lock and no daemon");
  }
  using held = lock;
  const { startUnderLock } = await import("./start_locked.ts");
  return await startUnderLock(host, held, context, options);
}

/** A healthy daemon that we may use and nothing to clean: no lock needed. */
async function reuseWithoutLock(
  host: DaemonHost,
  context: DaemonContext,
  options: StartOptions,
): Promise<StartOutcome | undefined> {
  const current = await readCurrent(host, context, [EARLY_LOOK_MS]);
  if (current.kind !== "healthy") return undefined;
  const { action } = judgeHealthy(context, current, options);
  if (action !== "use") return undefined;
  if (await isAloneInRange(host, context, current.state.port)) {
    return reuse(context, current, NOTHING_SWEPT);
  }
  const { planCleaning } = await import("./start_cleaning.ts");
  const { plan } = await planCleaning(host, context);
  if (plan.stops.length > 0) return undefined;
  return reuse(context, current, {
    ...NOTHING_SWEPT,
    "skipped": plan.skipped,
  });
}
