/**
 * Jobs in memory, for tests of programs that use queues: every promise of the
 * other backends but that jobs outlive the process, without any file or socket,
 * and on the host's clock, so that a test can let time pass.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import { createUlids } from "../state/ulid.ts";
import type {
  CancelResult,
  Capabilities,
  ClaimRequest,
  DeadFilter,
  JobEvent,
  JobFilter,
  MovedJob,
  QueueBackend,
  QueueStats,
  Settled,
  StopOptions,
  StopReport,
} from "./backend.ts";
import type { DraftContext } from "./draft.ts";
import type { Handler, ProcessOptions, WorkerHandle } from "./handler.ts";
import type {
  Claim,
  Enqueued,
  Job,
  JobDraft,
  JobOptions,
  Settlement,
} from "./job.ts";
import { DEFAULT_LIMITS, type JobLimits } from "./limits.ts";
import { toJob } from "./memory_job.ts";
import { MEMORY_PLACE, readinessOfMemory } from "./memory_moved.ts";
import type { MemoryQueue } from "./memory_queue.ts";
import { MemorySession } from "./memory_session.ts";
import { MemoryStore } from "./memory_store.ts";
import { waitInMemory } from "./memory_wait.ts";
import { DEFAULT_TENANT, tenantOf } from "./names.ts";
import type { Readiness } from "./readiness.ts";
import type { WorkHost } from "./worker.ts";

/** How to keep jobs in memory. */
export interface MemoryOptions {
  /** Whose jobs. @default "_default" */
  readonly tenant?: string;
  /** How many. @default 100,000 jobs and 256 MiB */
  readonly limits?: JobLimits;
  /** Jobs that other backends share. @default its own, empty */
  readonly store?: MemoryStore;
}

const DEFAULT_LIST_LIMIT = 50;

/** Makes a backend that keeps jobs in memory; start it before use. */
export function createMemoryBackend(
  host: WorkHost,
  options: MemoryOptions = {},
): QueueBackend {
  return new MemoryBackend(host, options);
}

class MemoryBackend implements QueueBackend {
  readonly kind = "memory";
  readonly tenant: string;
  readonly capabilities: Capabilities = {
    durable: false,
    shared: false,
    notifies: true,
  };
  readonly place = MEMORY_PLACE;
  readonly #host: WorkHost;
  readonly #session: MemorySession;
  readonly #store: MemoryStore;
  readonly #limits: JobLimits;
  readonly #newId: DraftContext["newId"];

  constructor(host: WorkHost, { tenant, limits, store }: MemoryOptions) {
    this.#host = host;
    this.#session = new MemorySession(host);
    this.tenant = tenant === DEFAULT_TENANT ? tenant : tenantOf(tenant);
    this.#limits = limits ?? DEFAULT_LIMITS;
    this.#store = store ?? new MemoryStore();
    this.#newId = createUlids((bytes) => host.random.hex(bytes));
  }

  checkReady(): Promise<Readiness> {
    return Promise.resolve(readinessOfMemory(this.#store.movedTo));
  }

  start(): Promise<void> {
    return this.#session.start();
  }

  stop(options?: StopOptions): Promise<StopReport> {
    return this.#session.stop(options);
  }

  async enqueue(
    queue: string,
    data: JsonValue,
    options: JobOptions = {},
  ): Promise<Enqueued> {
    const [added] = await this.enqueueMany(queue, [{ data, options }]);
    if (added === undefined) throw new TypeError("Nothing was enqueued");
    return added;
  }

  enqueueMany(
    queue: string,
    drafts: readonly JobDraft[],
  ): Promise<readonly Enqueued[]> {
    return this.#step("add jobs", (nowMs) => {
      const context = { nowMs, newId: this.#newId };
      return this.#store.enqueue(queue, drafts, context, this.#limits);
    });
  }

  claim(request: ClaimRequest): Promise<readonly Claim[]> {
    return this.#step(
      "claim jobs",
      (nowMs) => this.#store.claim(request, nowMs),
    );
  }

  settle(
    settlements: readonly Settlement[],
    next?: ClaimRequest,
  ): Promise<Settled> {
    return this.#step("end jobs", (nowMs) => {
      const results = this.#store.settle(settlements, nowMs);
      // What has ended counts also where nothing can be claimed any more.
      const canClaim = next !== undefined && this.#store.movedTo === undefined;
      return {
        results,
        claims: canClaim ? this.#store.claim(next, nowMs) : [],
      };
    });
  }

  heartbeat(
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly boolean[]> {
    return this.#step(
      "hold jobs",
      (nowMs) =>
        claims.map((claim) =>
          this.#store.queue(claim.queue, nowMs).hold(claim, nowMs + leaseMs)
        ),
    );
  }

  progress(claim: Claim, value: JsonValue): Promise<boolean> {
    return this.#at(
      claim.queue,
      "keep progress",
      (queue) => queue.keepProgress(claim, JSON.stringify(value)),
    );
  }

  async waitForWork(queue: string, signal: AbortSignal): Promise<void> {
    const work = this.#session.started("wait for work");
    await waitInMemory(this.#host, {
      nextAt: (nowMs) => this.#store.queue(queue, nowMs).nextAt(nowMs),
      onChange: (callback) => this.#store.onChange(callback),
    }, AbortSignal.any([signal, work.signal]));
  }

  process(
    queue: string,
    handler: Handler,
    options?: ProcessOptions,
  ): WorkerHandle {
    const { group } = this.#session.started("run jobs");
    return group.process(this, queue, handler, options);
  }

  get(queue: string, id: string): Promise<Job | undefined> {
    return this.#at(queue, "show a job", (jobs) => {
      const job = jobs.get(id);
      return job && toJob(queue, job);
    });
  }

  list(
    queue: string,
    { states, limit = DEFAULT_LIST_LIMIT }: JobFilter = {},
  ): Promise<readonly Job[]> {
    return this.#at(queue, "list jobs", (jobs) =>
      jobs.all()
        .filter(({ state }) => states?.includes(state) ?? true)
        .slice(0, limit)
        .map((job) => toJob(queue, job)));
  }

  cancel(queue: string, id: string): Promise<CancelResult> {
    return this.#at(queue, "cancel a job", (jobs) => jobs.cancel(id));
  }

  promote(queue: string, id: string): Promise<boolean> {
    return this.#at(
      queue,
      "promote a job",
      (jobs, nowMs) => jobs.promote(id, nowMs),
    );
  }

  listDead(
    queue: string,
    filter: DeadFilter = {},
  ): Promise<readonly Job[]> {
    return this.#at(
      queue,
      "list jobs",
      (jobs) => jobs.dead(filter).map((job) => toJob(queue, job)),
    );
  }

  replayDead(queue: string, filter: DeadFilter = {}): Promise<number> {
    return this.#at(queue, "replay jobs", (jobs) => jobs.replay(filter));
  }

  purgeDead(queue: string, filter: DeadFilter = {}): Promise<number> {
    return this.#at(queue, "delete jobs", (jobs) => jobs.purge(filter));
  }

  pause(queue: string): Promise<void> {
    return this.#at(queue, "pause a queue", (jobs) => {
      jobs.isPaused = true;
    });
  }

  resume(queue: string): Promise<void> {
    return this.#at(queue, "resume a queue", (jobs) => {
      jobs.isPaused = false;
    });
  }

  stats(): Promise<readonly QueueStats[]> {
    return this.#step(
      "count jobs",
      (nowMs) => this.#store.queues(nowMs).map((queue) => queue.stats()),
    );
  }

  subscribe(listener: (event: JobEvent) => void): Disposable {
    return this.#store.subscribe(listener);
  }

  seal(place: string | undefined): Promise<void> {
    return this.#step("move jobs", () => {
      this.#store.movedTo = place;
    });
  }

  exportJobs(
    after: { readonly queue: string; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly MovedJob[]> {
    return this.#step(
      "move jobs",
      (nowMs) => this.#store.exportJobs(after, limit, nowMs),
    );
  }

  importJobs(jobs: readonly MovedJob[]): Promise<number> {
    return this.#step(
      "move jobs",
      (nowMs) => jobs.filter((job) => this.#store.importJob(job, nowMs)).length,
    );
  }

  #at<T>(
    queue: string,
    what: string,
    act: (queue: MemoryQueue, nowMs: number) => T,
  ): Promise<T> {
    return this.#step(
      what,
      (nowMs) => act(this.#store.queue(queue, nowMs), nowMs),
    );
  }

  /** Does something that nobody can look into; afterwards all may differ. */
  #step<T>(what: string, act: (nowMs: number) => T): Promise<T> {
    return Promise.try(() => {
      this.#session.started(what);
      const result = act(this.#host.clock.now());
      this.#store.wake();
      return result;
    });
  }
}
