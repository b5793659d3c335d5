/**
 * Workers of one process: every handler for every tenant, also for tenants
 * that come while it runs.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { JobEvent, QueueBackend, StopReport } from "../jobs/backend.ts";
import type { WorkerHandle, WorkerLine } from "../jobs/handler.ts";
import type { LoadedHandler } from "../jobs/handler_file.ts";
import { openBackend } from "../jobs/open_backend.ts";
import type { QueueSettings } from "../jobs/settings.ts";
import { TenantRuntimes } from "../jobs/tenants.ts";
import { type TenantQueue, unfinished } from "./queue_text.ts";
import type { QueueCounts } from "./queue_worker_text.ts";

/** What workers run, and who hears of it. */
export interface SessionOptions {
  /** The settings. */
  readonly settings: QueueSettings;
  /** The handlers. */
  readonly handlers: readonly LoadedHandler[];
  /** Most jobs at the same time, over all tenants. */
  readonly concurrency: number;
  /** How long a job is held without a heartbeat, in milliseconds. */
  readonly leaseMs: number | undefined;
  /** Hears that the first queue is ready and work begins. */
  readonly onReady: () => void;
  /** Hears lines. */
  readonly onLine: (tenant: string, line: WorkerLine) => void;
  /** Hears of jobs that die. */
  readonly onDead: (tenant: string, event: JobEvent) => void;
  /** Hears of what is wrong with a backend and does no harm yet. */
  readonly onWarning: (text: string) => void;
  /** Counts what happens in a backend, where somebody wants to know. */
  readonly measure: ((backend: QueueBackend) => Disposable) | undefined;
}

interface TenantWork {
  readonly tenant: string;
  readonly backend: QueueBackend;
  readonly workers: readonly WorkerHandle[];
}

/** What a look at the queues gave. */
export interface Look {
  /** The queues that could be looked at. */
  readonly queues: readonly TenantQueue[];
  /** Whether it is certain that no job is left to run. */
  readonly isEmpty: boolean;
}

/** Runs handlers until it is stopped. */
export class WorkSession {
  readonly #options: SessionOptions;
  readonly #runtimes: TenantRuntimes;
  readonly #works = new Map<string, TenantWork>();

  /** Starts nothing yet. */
  constructor(
    host: Pick<Host, "blocking" | "clock" | "databases" | "env" | "random">,
    options: SessionOptions,
  ) {
    this.#options = options;
    const { settings, onWarning } = options;
    this.#runtimes = new TenantRuntimes(host, {
      open: (tenant) => openBackend(host, settings, tenant),
      slots: options.concurrency,
      observe: (backend) => {
        const observers = new DisposableStack();
        observers.use(backend.subscribe((event) => {
          if (event.kind === "dead") options.onDead(backend.tenant, event);
        }));
        if (options.measure !== undefined) {
          observers.use(options.measure(backend));
        }
        return observers;
      },
      onWarning,
    });
  }

  /** Tenants that it works for. */
  get tenants(): readonly string[] {
    return [...this.#works.keys()];
  }

  /** Jobs that run now. */
  get running(): number {
    return this.#workers().reduce((sum, { running }) => sum + running, 0);
  }

  /** How attempts have ended. */
  get counts(): readonly QueueCounts[] {
    return [...this.#works.values()].flatMap(({ tenant, workers }) =>
      workers.map(({ queue, counts }) => ({ tenant, queue, counts }))
    );
  }

  /**
   * Begins to work for a tenant.
   *
   * @throws {QueueNotReadyError} when its queue is not ready.
   */
  async add(tenant: string): Promise<void> {
    if (this.#works.has(tenant)) return;
    const { handlers, concurrency, settings, onLine } = this.#options;
    const backend = await this.#runtimes.start(tenant);
    if (this.#works.size === 0) this.#options.onReady();
    const workers: WorkerHandle[] = [];
    this.#works.set(tenant, { tenant, backend, workers });
    for (const { queue, handler, ...own } of handlers) {
      const worker = await this.#runtimes.process(tenant, queue, handler, {
        concurrency: Math.min(own.concurrency ?? concurrency, concurrency),
        leaseMs: this.#options.leaseMs ?? own.leaseMs ?? settings.leaseMs,
        onLine: (line) => onLine(tenant, line),
      });
      workers.push(worker);
    }
  }

  /** The queues that it works on, as far as they can be looked at. */
  async look(): Promise<Look> {
    const names = new Set(this.#options.handlers.map(({ queue }) => queue));
    const queues: TenantQueue[] = [];
    let isComplete = true;
    for (const { tenant, backend } of this.#works.values()) {
      try {
        for (const queue of await backend.stats()) {
          if (names.has(queue.queue)) queues.push({ ...queue, tenant });
        }
      } catch (error) {
        isComplete = false;
        const why = messageOf(error);
        this.#options.onWarning(`Cannot look at the jobs of ${tenant}: ${why}`);
      }
    }
    const isEmpty = isComplete &&
      queues.every((queue) => unfinished(queue) === 0);
    return { queues, isEmpty };
  }

  /** Claims nothing more and lets jobs go on until the deadline. */
  async drain(deadlineMs: number): Promise<readonly StopReport[]> {
    return await Promise.all(
      this.#workers().map((worker) => worker.stop({ deadlineMs })),
    );
  }

  /** Ends jobs that are still running now; also while draining. */
  hurry(): void {
    for (const worker of this.#workers()) void worker.stop({ mode: "abort" });
  }

  /** Closes everything. */
  async close(): Promise<void> {
    await this.#runtimes.stopAll({ deadlineMs: 0, mode: "abort" });
  }

  #workers(): readonly WorkerHandle[] {
    return [...this.#works.values()].flatMap(({ workers }) => workers);
  }
}
