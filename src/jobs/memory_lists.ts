/**
 * The jobs of a queue in memory by state, each state in the order in which its
 * jobs leave it.
 *
 * @module
 */

import type { QueueStats } from "./backend.ts";
import type { JobState } from "./job.ts";
import type { MemoryJob } from "./memory_job.ts";
import { SortedList } from "./memory_sorted.ts";

/** Jobs by state. */
export type MemoryLists = Readonly<Record<JobState, SortedList<MemoryJob>>>;

/** What all queues of a store share. */
export interface MemoryTotals {
  /** Jobs that are neither completed nor dead. */
  jobs: number;
  /** Bytes of their data. */
  bytes: number;
  /** The last number given out; jobs, claims and ends each have their own. */
  lastPlace: number;
}

/** Lists without jobs. */
export function newMemoryLists(): MemoryLists {
  return {
    ready: new SortedList((a, b) => b.priority - a.priority || byReadyAt(a, b)),
    scheduled: new SortedList(byReadyAt),
    active: new SortedList((a, b) =>
      a.leaseUntil - b.leaseUntil || a.place - b.place
    ),
    completed: new SortedList(byEnd),
    dead: new SortedList(byEnd),
  };
}

/** Counts and times of such lists. */
export function statsOfLists(
  { ready, scheduled, active, completed, dead }: MemoryLists,
): Pick<QueueStats, "counts" | "nextRunAt" | "oldestReadyAt"> {
  const oldest = [...ready].reduce(
    (at, job) => Math.min(at, job.readyAt),
    Infinity,
  );
  return {
    counts: {
      ready: ready.size,
      scheduled: scheduled.size,
      active: active.size,
      completed: completed.size,
      dead: dead.size,
    },
    oldestReadyAt: ready.size === 0 ? undefined : oldest,
    nextRunAt: scheduled.first?.readyAt,
  };
}

function byReadyAt(a: MemoryJob, b: MemoryJob): number {
  return a.readyAt - b.readyAt || a.place - b.place;
}

function byEnd(a: MemoryJob, b: MemoryJob): number {
  return (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || a.endPlace - b.endPlace;
}
