/**
 * The part of BullMQ that we use, and the only module that knows it.
 *
 * BullMQ's worker takes one job after the other and runs it itself, while our
 * workers take several, give them back and prove with each step that they hold
 * them. So this goes one level below BullMQ's `Queue` and `Worker`, to the
 * class by which both reach Redis and that BullMQ exports for other adapters.
 *
 * @module
 */

import {
  type IRedisTransaction,
  type JobJson,
  type MinimalJob,
  QueueKeys,
  RedisConnection,
  RedisQueueBackend,
} from "bullmq";
import type { NewJob } from "./job.ts";
import type { Redis } from "./redis_client.ts";
import { bullOptions, type ClaimedJob } from "./redis_codec.ts";
import type { Added } from "./redis_steps.ts";
import { tuneScripts } from "./redis_tuned_scripts.ts";

/** A step's answer: the job that was claimed, or when one will be due. */
export interface Fetched {
  /** The job. */
  readonly job: ClaimedJob | undefined;
  /** Epoch milliseconds of the next scheduled job, if BullMQ told. */
  readonly nextAt: number | undefined;
}

/** Completed jobs that are kept: so many, for so many seconds. */
const KEEP_COMPLETED = { count: 1000, age: 24 * 60 * 60 };

/** Dead jobs are kept for so many seconds. */
const KEEP_DEAD = { age: 90 * 24 * 60 * 60 };

const NOTHING: Fetched = { job: undefined, nextAt: undefined };

function toFetched(answer: unknown): Fetched {
  if (!Array.isArray(answer) || answer.length === 0) return NOTHING;
  const [job, id, , nextAt] = answer;
  if (job) return { job: { ...job, id: String(id) }, nextAt: undefined };
  return { job: undefined, nextAt: Number(nextAt) || undefined };
}

/** What BullMQ's moves read of a job. */
function jobWith(id: string): MinimalJob {
  return { id, opts: { attempts: Number.MAX_SAFE_INTEGER } } as MinimalJob;
}

function toJson(job: NewJob): JobJson {
  return {
    id: job.id,
    name: "job",
    data: job.body,
    opts: bullOptions(job),
    timestamp: job.createdAt,
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    failedReason: "",
    returnvalue: "",
    ...(job.dedupe !== undefined && { deduplicationId: job.dedupe.key }),
  };
}

/** The numbers with which BullMQ says that a job is not held any more. */
const LOST_CODES: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);

/** Whether BullMQ refused because the job is in other hands or in none. */
export function isLost(error: unknown): boolean {
  return error instanceof Error && LOST_CODES.has(Reflect.get(error, "code"));
}

/** BullMQ's way to Redis; shares a client that it does not own. */
export class BullLink {
  readonly #connection: RedisConnection;
  readonly #client: Redis;
  readonly #prefix: string;
  readonly #queues = new Map<string, BullQueue>();

  private constructor(
    connection: RedisConnection,
    client: Redis,
    prefix: string,
  ) {
    this.#connection = connection;
    this.#client = client;
    this.#prefix = prefix;
  }

  /** Makes one for a client that is connected. */
  static async open(client: Redis, prefix: string): Promise<BullLink> {
    const connection = new RedisConnection(client, {
      shared: true,
      blocking: false,
      skipVersionCheck: true,
    });
    connection.on("error", () => {});
    await connection.client;
    tuneScripts(client);
    return new BullLink(connection, client, prefix);
  }

  /** One queue, for claims that are held so long. */
  queue(name: string, leaseMs: number): BullQueue {
    const key = `${leaseMs} ${name}`;
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const keys = new QueueKeys(this.#prefix);
    const options = {
      connection: this.#client,
      prefix: this.#prefix,
      lockDuration: leaseMs,
    };
    const made = new BullQueue(
      new RedisQueueBackend(
        this.#connection,
        name,
        keys.getKeys(name),
        (type) => keys.toKey(name, type),
        options,
        undefined,
        false,
      ),
    );
    this.#queues.set(key, made);
    return made;
  }

  /** Lets go of the client, which stays as it is. */
  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** Commands of a transaction that BullMQ itself does not use. */
interface Reading {
  exists(key: string): unknown;
  get(key: string): unknown;
}

/** One queue as BullMQ keeps it. */
export class BullQueue {
  readonly #backend: RedisQueueBackend;

  /** Wraps BullMQ's own class. */
  constructor(backend: RedisQueueBackend) {
    this.#backend = backend;
  }

  /** A key of this queue; with "" what all of them begin with. */
  key(name: string): string {
    return this.#backend.toKey(name);
  }

  /** Adds a job; gives the id of the one that is there for it. */
  add(job: NewJob): Promise<string> {
    return this.#backend.addJob(toJson(job), job.id);
  }

  /** Adds jobs in one step; gives what was found for each. */
  async addAll(jobs: readonly NewJob[]): Promise<readonly Added[]> {
    const backend = this.#backend;
    const client = await backend.client;
    const multi = client.multi() as IRedisTransaction & Reading;
    for (const job of jobs) {
      const { dedupe } = job;
      if (job.hasOwnId) multi.exists(this.key(job.id));
      if (dedupe !== undefined) multi.get(this.key(`de:${dedupe.key}`));
      backend.addJobToTransaction(multi, toJson(job), job.id);
    }
    const answers = (await multi.exec() ?? []).values();
    const next = (): unknown => {
      const [error, answer] = answers.next().value ?? [];
      if (error) throw error;
      return answer;
    };
    return jobs.map((job) => {
      const wasThere = job.hasOwnId && next() === 1;
      const holder = job.dedupe === undefined ? undefined : next();
      return {
        wasThere,
        holder: typeof holder === "string" ? holder : undefined,
        id: String(next()),
      };
    });
  }

  /** Claims the next job. */
  async claim(token: string): Promise<Fetched> {
    return toFetched(await this.#backend.moveToActive(token));
  }

  /** Ends a job well, and claims another one under the same token. */
  complete(
    id: string,
    token: string,
    end: { readonly at: number; readonly result: string },
    fetchNext: boolean,
  ): Promise<Fetched> {
    const args = this.#backend.moveToCompletedArgs(
      jobWith(id),
      end.result,
      KEEP_COMPLETED,
      token,
      fetchNext,
    );
    return this.#finish(id, args, end.at);
  }

  /** Ends a job for good. */
  fail(
    id: string,
    token: string,
    end: {
      readonly at: number;
      readonly message: string;
      readonly fields: Readonly<Record<string, string>>;
    },
    fetchNext: boolean,
  ): Promise<Fetched> {
    const args = this.#backend.moveToFailedArgs(
      jobWith(id),
      end.message,
      KEEP_DEAD,
      token,
      fetchNext,
      { ...end.fields },
    );
    return this.#finish(id, args, end.at);
  }

  async #finish(
    id: string,
    args: Parameters<RedisQueueBackend["moveToFinished"]>[1],
    at: number,
  ): Promise<Fetched> {
    // BullMQ reads its own clock, and whole milliseconds put nothing in order.
    args[this.#backend.moveToFinishedKeys.length + 1] = at;
    return toFetched(await this.#backend.moveToFinished(id, args));
  }

  /** Ends an attempt; the next one begins at `runAt`. */
  async retry(
    id: string,
    token: string,
    times: { readonly nowMs: number; readonly runAt: number },
    fields: Readonly<Record<string, string>>,
    fetchNext: boolean,
  ): Promise<Fetched> {
    return toFetched(
      await this.#backend.moveToDelayed(
        id,
        times.nowMs,
        Math.max(0, times.runAt - times.nowMs),
        token,
        { skipAttempt: false, fieldsToUpdate: { ...fields }, fetchNext },
      ),
    );
  }

  /** Holds a job for longer; `false` when it is not held any more. */
  async extend(id: string, token: string, leaseMs: number): Promise<boolean> {
    return await this.#backend.extendLock(id, token, leaseMs) === 1;
  }

  /** Makes a scheduled job ready. */
  promote(id: string): Promise<void> {
    return this.#backend.promote(id);
  }

  /** Holds claims back. */
  pause(): Promise<void> {
    const isPaused = true;
    return this.#backend.pause(isPaused);
  }

  /** Holds claims back no more. */
  resume(): Promise<void> {
    const isPaused = false;
    return this.#backend.pause(isPaused);
  }
}
