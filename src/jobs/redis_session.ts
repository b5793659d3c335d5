/**
 * Whether a Redis backend is started, and what there is while it is.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { StopOptions, StopReport } from "./backend.ts";
import type { JobLimits } from "./limits.ts";
import { RedisExport } from "./redis_change.ts";
import { RedisClaims } from "./redis_claims.ts";
import { RedisEvents } from "./redis_events.ts";
import { RedisRoom } from "./redis_room.ts";
import type { RedisStore } from "./redis_store.ts";
import { QueueWait } from "./redis_wait.ts";
import { WorkerGroup } from "./worker_group.ts";
import type { WorkHost } from "./worker.ts";

/** What there is from a start to the end of the next stop. */
export interface RedisWork {
  /** Its workers. */
  readonly group: WorkerGroup;
  /** Claims and their ends. */
  readonly claims: RedisClaims;
  /** The room for more jobs. */
  readonly room: RedisRoom;
  /** Jobs on their way out. */
  readonly moving: RedisExport;
}

interface Open extends RedisWork {
  readonly waits: Map<string, QueueWait>;
  readonly end: AbortController;
}

const NOTHING_STOPPED: StopReport = { finished: 0, returned: 0, ms: 0 };

/** Starts and stops, in this order or another. */
export class RedisSession {
  readonly #host: WorkHost;
  readonly #store: RedisStore;
  readonly #limits: JobLimits;
  /** Those who watch, also over a stop. */
  readonly events: RedisEvents;
  #open: Open | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<StopReport> | undefined;

  /** Makes a stopped one. */
  constructor(host: WorkHost, store: RedisStore, limits: JobLimits) {
    this.#host = host;
    this.#store = store;
    this.#limits = limits;
    this.events = new RedisEvents(store);
  }

  /** Opens it, after a stop that is under way; calls share one start. */
  start(): Promise<void> {
    this.#starting ??= this.#begin()
      .finally(() => this.#starting = undefined);
    return this.#starting;
  }

  /** Stops the workers and closes it; calls share one stop. */
  stop(options?: StopOptions): Promise<StopReport> {
    this.#stopping ??= this.#close(options)
      .finally(() => this.#stopping = undefined);
    return this.#stopping;
  }

  /** What there is while it is open. @throws {KnownError} when it is not. */
  work(what: string): RedisWork {
    return this.#started(what);
  }

  /** Settles when a queue may have work, on abort, or some time later. */
  async waitForWork(queue: string, signal: AbortSignal): Promise<void> {
    const { waits, claims, end } = this.#started("wait for jobs");
    let wait = waits.get(queue);
    if (wait === undefined) {
      wait = new QueueWait(this.#store, queue, claims.outlook(queue));
      waits.set(queue, wait);
    }
    await wait.wait(AbortSignal.any([signal, end.signal]));
  }

  #started(what: string): Open {
    if (this.#open !== undefined) return this.#open;
    throw new KnownError(
      "not_ready",
      `Cannot ${what}: the queue backend in Redis is stopped`,
      { hint: "Start it first" },
    );
  }

  async #begin(): Promise<void> {
    await this.#stopping;
    if (this.#open !== undefined) return;
    await this.#store.open();
    this.#open = {
      group: new WorkerGroup(this.#host),
      claims: new RedisClaims(this.#store),
      room: new RedisRoom(this.#store, this.#limits),
      moving: new RedisExport(this.#store),
      waits: new Map(),
      end: new AbortController(),
    };
    this.events.begin();
  }

  async #close(options?: StopOptions): Promise<StopReport> {
    await this.#starting?.catch(() => {});
    if (this.#open === undefined) return NOTHING_STOPPED;
    const { group, waits, end } = this.#open;
    // Handlers that still run may add jobs and end theirs.
    const report = await group.stop(options);
    this.#open = undefined;
    end.abort();
    const closing = [
      this.events.close(),
      ...[...waits.values()].map((wait) => wait.close()),
    ];
    // What these still wait for fails at once without its connection.
    await this.#store.close();
    await Promise.all(closing);
    return report;
  }
}
