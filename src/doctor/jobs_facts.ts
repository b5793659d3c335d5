/**
 * What can be known about the job queue, gathered without a change.
 *
 * @module
 */

import type { Fault } from "../config/fault.ts";
import { messageOf } from "../errors.ts";
import type { Clock } from "../host/host.ts";
import type { QueueBackend, QueueStats } from "../jobs/backend.ts";
import type { QueueSettings } from "../jobs/settings.ts";
import type { Readiness } from "../jobs/readiness.ts";

/** A queue, and since when its longest job runs. */
export interface JobQueueFacts extends QueueStats {
  /** Epoch milliseconds of the begin of the job that runs longest. */
  readonly oldestActiveAt: number | undefined;
  /** Jobs that are held by a worker that has fallen silent. */
  readonly silent: number;
}

/** The jobs of one tenant. */
export interface TenantFacts {
  /** Whose. */
  readonly tenant: string;
  /** Where they are, without secrets. */
  readonly place: string;
  /** What a look at the backend gave. */
  readonly readiness: Readiness;
  /** Its queues, or why nobody knows. */
  readonly queues: readonly JobQueueFacts[] | { readonly unknown: string };
}

/** Everything that the job queue is judged by. */
export interface JobsFacts {
  /** When they were gathered, in epoch milliseconds. */
  readonly generatedAt: number;
  /** The state root. */
  readonly root: string;
  /** The settings, unless they are faulty. */
  readonly settings: QueueSettings | undefined;
  /** What is wrong with them. */
  readonly faults: readonly Fault[];
  /** Every tenant that was looked at. */
  readonly tenants: readonly TenantFacts[];
}

/** Most running jobs of a queue that are looked at. */
const LOOKED_AT = 100;

/**
 * Looks at the jobs of one tenant and closes everything again.
 *
 * @param exists whether there is something to open; it is not made.
 */
export async function lookAtTenant(
  { clock }: { readonly clock: Pick<Clock, "now"> },
  backend: QueueBackend,
  exists: boolean,
): Promise<TenantFacts> {
  const { tenant, place } = backend;
  const readiness = await backend.checkReady();
  const isUsable = readiness.checks.every(({ level, code }) =>
    level !== "fail" || code === "QUEUE_MOVED"
  );
  if (!exists) return { tenant, place, readiness, queues: [] };
  if (!isUsable) {
    const unknown = "the backend is not ready";
    return { tenant, place, readiness, queues: { unknown } };
  }
  try {
    await backend.start();
    const queues: JobQueueFacts[] = [];
    for (const stats of await backend.stats()) {
      queues.push({ ...stats, ...await lookAtActive(backend, stats, clock) });
    }
    return { tenant, place, readiness, queues };
  } catch (error) {
    const unknown = messageOf(error);
    return { tenant, place, readiness, queues: { unknown } };
  } finally {
    await backend.stop();
  }
}

async function lookAtActive(
  backend: QueueBackend,
  { queue, counts }: QueueStats,
  clock: Pick<Clock, "now">,
): Promise<Pick<JobQueueFacts, "oldestActiveAt" | "silent">> {
  if (counts.active === 0) return { oldestActiveAt: undefined, silent: 0 };
  const active = await backend.list(queue, {
    states: ["active"],
    limit: LOOKED_AT,
  });
  const begins = active.flatMap(({ startedAt }) => startedAt ?? []);
  const now = clock.now();
  return {
    oldestActiveAt: begins.length === 0 ? undefined : Math.min(...begins),
    silent:
      active.filter(({ leaseUntil = Infinity }) => leaseUntil <= now).length,
  };
}
