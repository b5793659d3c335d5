/**
 * Cleaning at start: stale daemons of our own scope that prove it in every
 * way, bounded in time, and nothing else.
 *
 * @module
 */

import type { DaemonContext, DaemonHost } from "./context.ts";
import type { LockedWork } from "./locked_work.ts";
import { isAloneInRange, NOTHING_SWEPT } from "./reuse.ts";
import { type Scan, scan } from "./scan.ts";
import { sweep, type SweepResult } from "./sweep.ts";
import { planSweep, type SweepPlan } from "./sweep_plan.ts";

/** After this time start-up cleaning begins no further step. */
const LIMIT_MS = 1500;
const SHUTDOWN_WAIT_MS = 500;
const GRACE_MS = 500;
const KILL_WAIT_MS = 300;

/** Plans start-up cleaning on the facts of a scan. */
export function planStartCleaning(
  found: Scan,
  context: DaemonContext,
): SweepPlan {
  const cleaned = context.families.filter((row) => row.isCleanedAtStart);
  const ours = found.candidates.filter(({ spawn }) =>
    cleaned.some((row) =>
      row.product === spawn.product && row.name === spawn.family
    )
  );
  return planSweep(ours, found.viewpoint, {
    agreesTo: () => false,
    families: context.families,
  });
}

/** What start-up cleaning would do, on the facts of a scan. */
export async function planCleaning(
  host: DaemonHost,
  context: DaemonContext,
): Promise<{ readonly found: Scan; readonly plan: SweepPlan }> {
  const found = await scan(host, context.families);
  return { found, plan: planStartCleaning(found, context) };
}

/**
 * Scans again under the lock and cleans what may be cleaned by itself.
 *
 * @param ownPort Port of the daemon that stays: if nobody else listens, there
 * is nothing to clean, and whoever waits for the lock need not wait for a scan.
 */
export async function cleanAtStart(
  host: DaemonHost,
  { context, journal }: LockedWork,
  ownPort?: number,
): Promise<SweepResult> {
  const isAlone = ownPort !== undefined &&
    await isAloneInRange(host, context, ownPort);
  if (isAlone) return NOTHING_SWEPT;
  const { found, plan } = await planCleaning(host, context);
  if (plan.stops.length === 0) {
    return { ...NOTHING_SWEPT, "skipped": plan.skipped };
  }
  const late = new AbortController();
  const done = new AbortController();
  host.clock.sleep(LIMIT_MS, done.signal).then(() => late.abort());
  try {
    return await sweep(host, plan, {
      journal,
      machine: found.machine,
      ownVersion: context.version,
      shutdownWaitMs: SHUTDOWN_WAIT_MS,
      graceMs: GRACE_MS,
      killWaitMs: KILL_WAIT_MS,
      interrupt: late.signal,
    });
  } finally {
    done.abort();
  }
}
