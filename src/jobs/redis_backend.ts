/**
 * Jobs in Redis, kept by BullMQ: for several machines that share them.
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
import { checkDraft } from "./draft.ts";
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
import { DEFAULT_TENANT, tenantOf } from "./names.ts";
import type { Readiness } from "./readiness.ts";
import { parseRedisAddress } from "./redis_address.ts";
import {
  cancelJob,
  changeDead,
  importJobs,
  promoteJob,
  sealStore,
} from "./redis_change.ts";
import { enqueueJobs } from "./redis_enqueue.ts";
import { countJobs, findDead, getJob, listJobs } from "./redis_look.ts";
import { lookAtRedis } from "./redis_ready.ts";
import { RedisSession } from "./redis_session.ts";
import { RedisStore } from "./redis_store.ts";
import type { WorkHost } from "./worker.ts";

/** What a Redis backend needs of the world. */
export type RedisHost = WorkHost;

/** Where Redis is and whose jobs are kept there. */
export interface RedisBackendOptions {
  /** Its address, such as `redis://127.0.0.1:6379`, without a password. */
  readonly url: string;
  /** Its password, if it has one. */
  readonly password?: string;
  /** The user of its access list, instead of the one in the address. */
  readonly username?: string;
  /** Whose jobs. */
  readonly tenant: string;
  /** How many. @default 100,000 jobs and 256 MiB */
  readonly limits?: JobLimits;
}

/**
 * Makes a backend that keeps jobs in Redis; start it before use.
 *
 * @throws {KnownError} `usage` for a wrong address or tenant.
 */
export function createRedisBackend(
  host: RedisHost,
  options: RedisBackendOptions,
): QueueBackend {
  return new RedisBackend(host, options);
}

class RedisBackend implements QueueBackend {
  readonly kind = "redis";
  readonly tenant: string;
  readonly capabilities: Capabilities = {
    durable: true,
    shared: true,
    notifies: true,
  };
  readonly place: string;
  readonly #host: RedisHost;
  readonly #store: RedisStore;
  readonly #session: RedisSession;
  readonly #newId: (nowMs: number) => string;

  constructor(host: RedisHost, options: RedisBackendOptions) {
    const { tenant, limits = DEFAULT_LIMITS } = options;
    const address = parseRedisAddress(options.url);
    this.#host = host;
    this.tenant = tenant === DEFAULT_TENANT ? tenant : tenantOf(tenant);
    this.place = address.place;
    this.#newId = createUlids((bytes) => host.random.hex(bytes));
    this.#store = new RedisStore(host, {
      address,
      username: options.username ?? address.username,
      password: options.password,
    }, this.tenant);
    this.#session = new RedisSession(host, this.#store, limits);
  }

  checkReady(
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<Readiness> {
    const { login, keys } = this.#store;
    return lookAtRedis(this.#host, login, keys, options);
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

  async enqueueMany(
    queue: string,
    drafts: readonly JobDraft[],
  ): Promise<readonly Enqueued[]> {
    const { room } = this.#session.work("add jobs");
    const context = { nowMs: this.#host.clock.now(), newId: this.#newId };
    const jobs = drafts.map((draft) => checkDraft(queue, draft, context));
    return await enqueueJobs(this.#store, room, queue, jobs);
  }

  async claim(request: ClaimRequest): Promise<readonly Claim[]> {
    return await this.#session.work("claim jobs").claims.claim(request);
  }

  async settle(
    settlements: readonly Settlement[],
    next?: ClaimRequest,
  ): Promise<Settled> {
    const { claims } = this.#session.work("end jobs");
    return await claims.settle(settlements, next);
  }

  async heartbeat(
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly boolean[]> {
    const work = this.#session.work("hold jobs");
    return await work.claims.heartbeat(claims, leaseMs);
  }

  async progress(claim: Claim, value: JsonValue): Promise<boolean> {
    const { claims } = this.#session.work("keep progress");
    return await claims.progress(claim, value);
  }

  async waitForWork(queue: string, signal: AbortSignal): Promise<void> {
    await this.#session.waitForWork(queue, signal);
  }

  process(
    queue: string,
    handler: Handler,
    options?: ProcessOptions,
  ): WorkerHandle {
    const { group } = this.#session.work("run jobs");
    return group.process(this, queue, handler, options);
  }

  get(queue: string, id: string): Promise<Job | undefined> {
    return getJob(this.#store, queue, id);
  }

  list(queue: string, filter?: JobFilter): Promise<readonly Job[]> {
    return listJobs(this.#store, queue, filter);
  }

  cancel(queue: string, id: string): Promise<CancelResult> {
    return cancelJob(this.#store, queue, id);
  }

  promote(queue: string, id: string): Promise<boolean> {
    return promoteJob(this.#store, queue, id);
  }

  listDead(queue: string, filter?: DeadFilter): Promise<readonly Job[]> {
    return this.#store.run(
      "list jobs",
      (client) => findDead(this.#store, client, queue, filter),
    );
  }

  replayDead(queue: string, filter?: DeadFilter): Promise<number> {
    return changeDead(this.#store, queue, "replay", filter);
  }

  purgeDead(queue: string, filter?: DeadFilter): Promise<number> {
    return changeDead(this.#store, queue, "purge", filter);
  }

  pause(queue: string): Promise<void> {
    return this.#store.run(
      "pause a queue",
      () => this.#store.queue(queue).pause(),
    );
  }

  resume(queue: string): Promise<void> {
    return this.#store.run(
      "resume a queue",
      () => this.#store.queue(queue).resume(),
    );
  }

  stats(): Promise<readonly QueueStats[]> {
    return countJobs(this.#store);
  }

  subscribe(listener: (event: JobEvent) => void): Disposable {
    return this.#session.events.subscribe(listener);
  }

  seal(place: string | undefined): Promise<void> {
    return sealStore(this.#store, place);
  }

  async exportJobs(
    after: { readonly queue: string; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly MovedJob[]> {
    return await this.#session.work("move jobs").moving.page(after, limit);
  }

  importJobs(jobs: readonly MovedJob[]): Promise<number> {
    return importJobs(this.#store, jobs);
  }
}
