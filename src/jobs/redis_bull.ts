/**
 * The part of BullMQ that we use, and the only module that knows it.
 *
 * BullMQ's worker takes one job after the other and runs it itself, while our
 * workers take several, give them back and prove with each step that they hold
 * them. So this goes one level below BullMQ's `Queue` and `Worker`, to the
 * class by which both reach Redis and that BullMQ exports for other adapters,
 * and where many jobs share a call one level more, to the scripts of that.
 *
 * @module
 */

import { QueueKeys, RedisConnection, RedisQueueBackend } from "bullmq";
import type { Redis } from "./redis_client.ts";
import { tuneScripts } from "./redis_tuned_scripts.ts";

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

  /** One queue. */
  queue(name: string): BullQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const keys = new QueueKeys(this.#prefix);
    const options = { connection: this.#client, prefix: this.#prefix };
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
    this.#queues.set(name, made);
    return made;
  }

  /** Lets go of the client, which stays as it is. */
  async close(): Promise<void> {
    await this.#connection.close();
  }
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

  /** Holds a job for longer; `false` when it is not held any more. */
  async extend(id: string, token: string, leaseMs: number): Promise<boolean> {
    return await this.#backend.extendLock(id, token, leaseMs) === 1;
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
