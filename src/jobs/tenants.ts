/**
 * The queues of several tenants in one process: each opened when it is needed
 * and for itself, all sharing the slots for jobs.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { QueueBackend, StopOptions, StopReport } from "./backend.ts";
import type { Handler, ProcessOptions, WorkerHandle } from "./handler.ts";
import { DEFAULT_TENANT, tenantOf } from "./names.ts";
import { startRuntime, stopRuntime } from "./runtime.ts";
import { SlotPool } from "./slot_pool.ts";
import { MAX_OPEN, type TenantOptions } from "./tenant_options.ts";

/** What is known of one tenant. */
interface Entry {
  readonly tenant: string;
  readonly workers: Set<WorkerHandle>;
  backend: QueueBackend | undefined;
  observer: Disposable | undefined;
  /** Whether it stays open until it is stopped. */
  isKept: boolean;
  /** Ends waiting for it to be ready. */
  hurry: AbortController | undefined;
  /** Calls that use it or wait for it. */
  uses: number;
  /** Settles when the last change of it is over; never rejects. */
  last: Promise<void>;
}

/** The queues of all tenants of a process. */
export class TenantRuntimes {
  readonly #host: Pick<Host, "clock">;
  readonly #options: TenantOptions;
  readonly #pool: SlotPool;
  /** Those that are open or in use; the one that was asked for last is last. */
  readonly #entries = new Map<string, Entry>();
  #opening = 0;

  /** Opens nothing yet. */
  constructor(host: Pick<Host, "clock">, options: TenantOptions) {
    this.#host = host;
    this.#options = options;
    this.#pool = new SlotPool(options.slots);
  }

  /** Tenants whose queues are open; the one that was asked for last is last. */
  get open(): readonly string[] {
    return [...this.#entries.values()]
      .filter(({ backend }) => backend !== undefined)
      .map(({ tenant }) => tenant);
  }

  /**
   * Opens a tenant's queue, which stays open until it is stopped.
   *
   * @throws {QueueNotReadyError} when it cannot; nothing is left open then.
   */
  start(tenant?: string): Promise<QueueBackend> {
    return this.#whenOpen(tenant, (backend, entry) => {
      entry.isKept = true;
      return backend;
    });
  }

  /**
   * Lends a tenant's queue, opened if need be and without a worker; it is not
   * closed before `act` has ended, unless somebody stops it.
   *
   * @throws {QueueNotReadyError} when it cannot be opened.
   */
  async use<T>(
    tenant: string | undefined,
    act: (backend: QueueBackend) => Promise<T>,
  ): Promise<T> {
    const entry = this.#entryOf(tenant);
    entry.uses++;
    try {
      return await act(
        await this.#inOrder(entry, () => this.#opened(entry)),
      );
    } finally {
      this.#endUse(entry);
    }
  }

  /**
   * A tenant's queue, opened if need be. Unless it is kept open by a worker or
   * by {@linkcode start}, it is closed once many others have been used: good
   * for a call right now, while {@linkcode use} is for several.
   *
   * @throws {QueueNotReadyError} when it cannot be opened.
   */
  get(tenant?: string): Promise<QueueBackend> {
    return this.#whenOpen(tenant, (backend) => backend);
  }

  /**
   * Runs a handler for a tenant's jobs; its worker shares the slots with all
   * others. The queue is open at least until the worker stops.
   *
   * @throws {QueueNotReadyError} when the queue cannot be opened.
   */
  process(
    tenant: string | undefined,
    queue: string,
    handler: Handler,
    options: Omit<ProcessOptions, "slots"> = {},
  ): Promise<WorkerHandle> {
    return this.#whenOpen(tenant, (backend, entry) => {
      const limits = this.#options.limits?.(entry.tenant);
      const slots = this.#pool.slotsFor(entry.tenant, limits);
      const worker = backend.process(queue, handler, { ...options, slots });
      const handle: WorkerHandle = {
        queue: worker.queue,
        get running() {
          return worker.running;
        },
        get counts() {
          return worker.counts;
        },
        stop: async (how) => {
          const report = await worker.stop(how);
          entry.workers.delete(handle);
          return report;
        },
      };
      entry.workers.add(handle);
      return handle;
    });
  }

  /** Stops a tenant's workers and queue; `undefined` when it was not open. */
  async stop(
    tenant?: string,
    options: StopOptions = {},
  ): Promise<StopReport | undefined> {
    const entry = this.#entries.get(nameOf(tenant));
    if (entry === undefined) return undefined;
    return await this.#stop(entry, options);
  }

  /**
   * Stops all tenants at the same time.
   *
   * @throws {AggregateError} when some could not stop; the others have.
   */
  async stopAll(
    options: StopOptions = {},
  ): Promise<ReadonlyMap<string, StopReport>> {
    const reports = new Map<string, StopReport>();
    const troubles: unknown[] = [];
    await Promise.all([...this.#entries.values()].map(async (entry) => {
      try {
        const report = await this.#stop(entry, options);
        if (report !== undefined) reports.set(entry.tenant, report);
      } catch (error) {
        troubles.push(error);
      }
    }));
    if (troubles.length === 0) return reports;
    throw new AggregateError(troubles, "Cannot stop the queues of all tenants");
  }

  #entryOf(tenant: string | undefined): Entry {
    const name = nameOf(tenant);
    const entry = this.#entries.get(name) ?? {
      tenant: name,
      workers: new Set(),
      backend: undefined,
      observer: undefined,
      isKept: false,
      hurry: undefined,
      uses: 0,
      last: Promise.resolve(),
    };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry;
  }

  /** What is asked for one tenant takes effect in the order of asking. */
  async #inOrder<T>(entry: Entry, act: () => Promise<T>): Promise<T> {
    entry.uses++;
    const done = entry.last.then(act);
    entry.last = done.then(() => {}, () => {});
    try {
      return await done;
    } finally {
      this.#endUse(entry);
    }
  }

  #endUse(entry: Entry): void {
    entry.uses--;
    if (entry.uses === 0 && entry.backend === undefined) {
      this.#entries.delete(entry.tenant);
    }
  }

  /** Acts before anything that was asked for later, such as a stop. */
  async #whenOpen<T>(
    tenant: string | undefined,
    act: (backend: QueueBackend, entry: Entry) => T,
  ): Promise<T> {
    const entry = this.#entryOf(tenant);
    return await this.#inOrder(
      entry,
      async () => act(await this.#opened(entry), entry),
    );
  }

  async #opened(entry: Entry): Promise<QueueBackend> {
    if (entry.backend !== undefined) return entry.backend;
    this.#opening++;
    try {
      await this.#makeRoom();
      return await this.#start(entry);
    } finally {
      this.#opening--;
    }
  }

  async #start(entry: Entry): Promise<QueueBackend> {
    const { open, policy, observe } = this.#options;
    const { tenant } = entry;
    const backend = await open(tenant);
    if (backend.tenant !== tenant) {
      throw new TypeError(
        `Cannot open the queue of ${tenant}: it is that of ${backend.tenant}`,
      );
    }
    const { signal } = entry.hurry = new AbortController();
    await startRuntime(this.#host, {
      ...this.#options,
      backend,
      policy: () => policy?.(tenant),
      signal,
    });
    entry.backend = backend;
    try {
      entry.observer = observe?.(backend);
    } catch (error) {
      await this.#close(entry, {});
      throw error;
    }
    return backend;
  }

  /** Closes queues that nobody uses, the longest unused first. */
  async #makeRoom(): Promise<void> {
    const { maxOpen = MAX_OPEN, onWarning } = this.#options;
    for (const entry of [...this.#entries.values()]) {
      if (this.open.length + this.#opening <= maxOpen) return;
      if (entry.isKept || entry.uses > 0 || entry.workers.size > 0) continue;
      try {
        await this.#stop(entry, {});
      } catch (error) {
        // That one stays open; it is no reason for another not to open.
        const { tenant } = entry;
        onWarning?.(`Cannot close the queue of ${tenant}: ${messageOf(error)}`);
      }
    }
  }

  #stop(entry: Entry, options: StopOptions): Promise<StopReport | undefined> {
    entry.hurry?.abort();
    return this.#inOrder(entry, () => this.#close(entry, options));
  }

  async #close(
    entry: Entry,
    options: StopOptions,
  ): Promise<StopReport | undefined> {
    const { backend } = entry;
    if (backend === undefined) return undefined;
    // From here on it does not count as open.
    entry.backend = undefined;
    try {
      const report = await stopRuntime({ backend, ...options });
      entry.observer?.[Symbol.dispose]();
      entry.observer = undefined;
      entry.workers.clear();
      entry.isKept = false;
      return report;
    } catch (error) {
      entry.backend = backend;
      throw error;
    }
  }
}

/** Backends themselves say the name that nobody may choose. */
function nameOf(tenant: string | undefined): string {
  return tenant === DEFAULT_TENANT ? tenant : tenantOf(tenant);
}
