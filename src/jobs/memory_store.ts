/**
 * The jobs of one tenant in memory. Several backends of one program may share
 * a store, as processes share a file.
 *
 * @module
 */

import type { ClaimRequest, JobEvent, MovedJob } from "./backend.ts";
import { checkDraft, type DraftContext } from "./draft.ts";
import type {
  Claim,
  Enqueued,
  JobDraft,
  Settlement,
  SettleResult,
} from "./job.ts";
import type { JobLimits } from "./limits.ts";
import { addJobs } from "./memory_enqueue.ts";
import { isUnfinished, movedMemoryJob, toJob } from "./memory_job.ts";
import type { MemoryTotals } from "./memory_lists.ts";
import { proveNotMoved } from "./memory_moved.ts";
import { MemoryQueue } from "./memory_queue.ts";

/** Whoever hears of what happens to jobs. */
export type JobListener = (event: JobEvent) => void;

/** Every queue of one tenant. */
export class MemoryStore {
  /** Counts of all queues together. */
  readonly totals: MemoryTotals = { jobs: 0, bytes: 0, lastPlace: 0 };
  /** Where the jobs have moved to, if they have. */
  movedTo: string | undefined;
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #listeners = new Set<JobListener>();
  readonly #waiting = new Set<() => void>();

  /** A queue as it is now; one that nobody has used is empty. */
  queue(name: string, nowMs: number): MemoryQueue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new MemoryQueue(name, this.totals, (event) => this.tell(event));
      this.#queues.set(name, queue);
    }
    queue.pass(nowMs);
    return queue;
  }

  /** Every queue that has ever had a job, by name. */
  queues(nowMs: number): readonly MemoryQueue[] {
    const queues = [...this.#queues.values()]
      .filter(({ hasHadJobs }) => hasHadJobs);
    for (const queue of queues) queue.pass(nowMs);
    return queues.sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** Adds jobs, all of them or none. */
  enqueue(
    name: string,
    drafts: readonly JobDraft[],
    context: DraftContext,
    limits: JobLimits,
  ): readonly Enqueued[] {
    proveNotMoved(this.movedTo);
    const jobs = drafts.map((draft) => checkDraft(name, draft, context));
    const queue = this.queue(name, context.nowMs);
    const added = addJobs({ queue, totals: this.totals, limits }, jobs);
    for (const { id, status } of added) {
      if (status === "duplicate") continue;
      this.tell({ kind: "enqueued", queue: name, id });
    }
    return added;
  }

  /** Claims what is due. */
  claim(request: ClaimRequest, nowMs: number): readonly Claim[] {
    proveNotMoved(this.movedTo);
    const { queue, limit, leaseMs } = request;
    return this.queue(queue, nowMs).claim(limit, leaseMs, nowMs);
  }

  /** Ends claims. */
  settle(
    settlements: readonly Settlement[],
    nowMs: number,
  ): readonly SettleResult[] {
    return settlements.map((settlement) =>
      this.queue(settlement.claim.queue, nowMs).settle(settlement, nowMs)
    );
  }

  /** Tells listeners what happened, once it is over. */
  tell(event: JobEvent): void {
    for (const listener of this.#listeners) {
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener(event);
      });
    }
  }

  /** Adds a listener. */
  subscribe(listener: JobListener): Disposable {
    // The same function may listen twice.
    const own: JobListener = (event) => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Calls back after each step of anybody. */
  onChange(callback: () => void): Disposable {
    const own = () => callback();
    this.#waiting.add(own);
    return { [Symbol.dispose]: () => void this.#waiting.delete(own) };
  }

  /** Lets whoever waits look again. */
  wake(): void {
    for (const callback of [...this.#waiting]) callback();
  }

  /** Unfinished and dead jobs after one, in the order of their being added. */
  exportJobs(
    after: { readonly queue: string; readonly id: string } | undefined,
    limit: number,
    nowMs: number,
  ): readonly MovedJob[] {
    // Without the job it went on from, it begins again: what was taken over
    // already is left alone there.
    const last = after && this.#queues.get(after.queue)?.get(after.id)?.place;
    return this.queues(nowMs)
      .flatMap((queue) => queue.all().map((job) => ({ queue, job })))
      .filter(({ job }) => isUnfinished(job) || job.state === "dead")
      .filter(({ job }) => job.place > (last ?? 0))
      .sort((a, b) => a.job.place - b.job.place)
      .slice(0, limit)
      .map(({ queue, job }) => ({
        job: toJob(queue.name, job),
        rules: job.rules,
        dedupe: queue.keys.holdOf(job.key, job.id),
      }));
  }

  /** Takes a job over; `false` when it is here already. */
  importJob(moved: MovedJob, nowMs: number): boolean {
    const { job: { id, queue: name }, dedupe } = moved;
    const queue = this.queue(name, nowMs);
    if (queue.get(id) !== undefined) return false;
    const place = ++this.totals.lastPlace;
    queue.add(movedMemoryJob(moved, { place, endPlace: place }));
    if (dedupe !== undefined && queue.keys.holderOf(dedupe.key) === undefined) {
      queue.keys.take(dedupe.key, id, dedupe.until);
    }
    return true;
  }
}
