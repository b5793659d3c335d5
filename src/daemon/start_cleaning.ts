/**
 * Cleaning at start: stale daemons of our own scope that prove it in every
 * way, bounded in time, and nothing else.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import type { LockedWork } from "./locked_work.ts";
import { type Scan, scan } from "./scan.ts";
import { NOTHING_SWEPT, sweep, type SweepResult } from "./sweep.ts";
import { planSweep, type SweepPlan } from "./sweep_plan.ts";

/** After this time start-up cleaning begins no further step. */
const LIMIT_MS = 1500;
const SHUTDOWN_WAIT_MS = 500;
const GRACE_MS = 500;
const KILL_WAIT_MS = 300;

/**
 * Whether nothing but one port listens in our range. Only sockets are asked
 * for: whose they are takes ten times longer to find out.
 */
export async function isAloneInRange(
  host: Pick<Host, "processes">,
  { family }: DaemonContext,
  port: number,
): Promise<boolean> {
  const table = await host.processes.listeners(family.ports, []);
  return table.kind === "table" && table.isComplete &&
    table.listeners.every((listener) => listener.port === port);
}

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

/** Scans again under the lock and cleans what may be cleaned by itself. */
export async function cleanAtStart(
  host: DaemonHost,
  { context, journal }: LockedWork,
): Promise<SweepResult> {
  const found = await scan(host, context.families);
  const plan = planStartCleaning(found, context);
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
