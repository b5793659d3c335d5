/**
 * Adding jobs to a queue in memory: all of them or none.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Enqueued, NewJob } from "./job.ts";
import type { JobLimits } from "./limits.ts";
import { type MemoryJob, newMemoryJob } from "./memory_job.ts";
import type { MemoryTotals } from "./memory_lists.ts";
import type { MemoryQueue } from "./memory_queue.ts";

/** Where jobs are added, and how many may be there. */
export interface AddContext {
  /** The queue. */
  readonly queue: MemoryQueue;
  /** Counts of all queues together. */
  readonly totals: MemoryTotals;
  /** The most there may be. */
  readonly limits: JobLimits;
}

/**
 * Adds jobs that are not there yet.
 *
 * @throws {KnownError} `queue_full` when they are too many; none is added then.
 */
export function addJobs(
  context: AddContext,
  jobs: readonly NewJob[],
): readonly Enqueued[] {
  const { queue, totals } = context;
  const before = { ...totals, hasHadJobs: queue.hasHadJobs };
  const undo: (() => void)[] = [];
  const added = jobs.map((job) => addOne(context, job, undo));
  const full = whatIsFull(context, before);
  if (full === undefined) return added;
  for (const step of undo.toReversed()) step();
  queue.hasHadJobs = before.hasHadJobs;
  throw new KnownError(
    "queue_full",
    `Cannot add to the queue ${queue.name}: ${full}`,
    { hint: "Let workers finish some jobs first, or raise the limit" },
  );
}

function addOne(
  { queue, totals }: AddContext,
  draft: NewJob,
  undo: (() => void)[],
): Enqueued {
  const { id, dedupe } = draft;
  if (queue.get(id) !== undefined) return { id, status: "duplicate" };
  const holderId = dedupe && queue.keys.holderOf(dedupe.key);
  if (dedupe !== undefined && holderId !== undefined) {
    const holder = queue.get(holderId);
    if (dedupe.mode === "ignore" || holder?.state !== "scheduled") {
      return { id: holderId, status: "duplicate" };
    }
    undo.push(takeOut(queue, holder));
  }
  const job = newMemoryJob(draft, ++totals.lastPlace);
  queue.add(job);
  if (dedupe !== undefined) {
    const { key, ttlMs } = dedupe;
    const until = ttlMs === undefined ? undefined : draft.createdAt + ttlMs;
    queue.keys.take(key, id, until);
  }
  undo.push(() => void takeOut(queue, job));
  return { id, status: holderId === undefined ? "enqueued" : "replaced" };
}

/** Takes a job and its key out; gives how to put both back. */
function takeOut(queue: MemoryQueue, job: MemoryJob): () => void {
  const hold = queue.keys.holdOf(job.key, job.id);
  queue.remove(job);
  queue.keys.onRemove(job.key, job.id);
  return () => {
    queue.add(job);
    if (hold !== undefined) queue.keys.take(hold.key, job.id, hold.until);
  };
}

/** What there is too much of, as words; nothing for what has not grown. */
function whatIsFull(
  { totals, limits }: AddContext,
  before: Pick<MemoryTotals, "bytes" | "jobs">,
): string | undefined {
  const { maxJobs, maxBytes } = limits;
  if (totals.jobs > maxJobs && totals.jobs > before.jobs) {
    return `there would be ${totals.jobs} unfinished jobs, over ${maxJobs}`;
  }
  if (totals.bytes > maxBytes && totals.bytes > before.bytes) {
    return `unfinished jobs would have ${totals.bytes} bytes, over ${maxBytes}`;
  }
  return undefined;
}
