/**
 * What the parts of the Redis backend share: the connection, BullMQ's way over
 * it, the names of the keys and the queues that are known to Redis.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { QueueNotReadyError } from "./readiness.ts";
import { BullLink, type BullQueue } from "./redis_bull.ts";
import type { Redis, RedisLogin } from "./redis_client.ts";
import { LAYOUT, type TenantKeys, tenantKeys } from "./redis_keys.ts";
import { notReady, RedisLink } from "./redis_link.ts";
import { defineScripts, runScript } from "./redis_scripts.ts";
import type { WorkHost } from "./worker.ts";

/** The error for jobs that have moved to another place. */
export function movedError(
  place: string,
  what: string,
  movedTo: string,
): QueueNotReadyError {
  return new QueueNotReadyError(
    `Cannot ${what}: the jobs have moved to ${movedTo}`,
    {
      reason: "QUEUE_MOVED",
      backend: "redis",
      endpoint: place,
      check: "jobs are here",
    },
    { hint: `Use the backend at ${movedTo}` },
  );
}

/** The shared part of a Redis backend. */
export class RedisStore {
  /** Time and chance. */
  readonly host: WorkHost;
  /** The keys of the tenant. */
  readonly keys: TenantKeys;
  /** Who we are for Redis. */
  readonly login: RedisLogin;
  readonly #link: RedisLink;
  readonly #registered = new Set<string>();
  #bull: BullLink | undefined;

  /** Makes a store that is not open. */
  constructor(host: WorkHost, login: RedisLogin, tenant: string) {
    this.host = host;
    this.login = login;
    this.keys = tenantKeys(tenant);
    this.#link = new RedisLink(host, login);
  }

  /** Where it is, for people. */
  get place(): string {
    return this.#link.place;
  }

  /** Connects, and checks that the keys are laid out as we know them. */
  async open(): Promise<void> {
    const what = "start the queue";
    try {
      await this.#link.open();
      const { client } = this.#link;
      defineScripts(client);
      this.#bull = await BullLink.open(client, this.keys.prefix);
      await client.setnx(this.keys.layout, LAYOUT);
      this.#proveLayout(what, await client.get(this.keys.layout));
    } catch (error) {
      await this.close();
      throw this.#link.explain(what, error);
    }
  }

  #proveLayout(what: string, layout: string | null): void {
    if (layout === LAYOUT) return;
    throw notReady(this.place, what, {
      code: "QUEUE_REDIS_LAYOUT",
      detail: "Its keys were written by another version of Reeve.",
      hint: "Use that version, or another database of Redis.",
    }, "layout");
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    const bull = this.#bull;
    this.#bull = undefined;
    await bull?.close();
    await this.#link.close();
    this.#registered.clear();
  }

  /** Whether it is open; everything else throws when it is not. */
  get isOpen(): boolean {
    return this.#bull !== undefined;
  }

  /** Runs commands, on a connection that is made anew when it was lost. */
  async run<T>(
    what: string,
    commands: (client: Redis) => Promise<T>,
  ): Promise<T> {
    this.proveOpen(what);
    return await this.#link.run(what, commands);
  }

  /** @throws {KnownError} `not_ready` when it is not open. */
  proveOpen(what: string): void {
    if (this.isOpen) return;
    throw new KnownError(
      "not_ready",
      `Cannot ${what}: the queue backend in Redis is stopped`,
      { hint: "Start it first" },
    );
  }

  /** One queue as BullMQ keeps it. */
  queue(name: string): BullQueue {
    if (this.#bull === undefined) throw new TypeError("The store is not open");
    return this.#bull.queue(name);
  }

  /**
   * Makes a queue known, once; after that {@linkcode seal} reaches it.
   *
   * @throws {QueueNotReadyError} when the jobs have moved.
   */
  async register(client: Redis, queue: string, what: string): Promise<void> {
    if (this.#registered.has(queue)) return;
    const { moved, queues, news } = this.keys;
    const place = await runScript(client, "register", [
      moved,
      queues,
      news,
      queue,
    ]);
    if (typeof place === "string") throw movedError(this.place, what, place);
    this.#registered.add(queue);
  }

  /** @throws {QueueNotReadyError} when the jobs have moved. */
  async proveHere(client: Redis, what: string): Promise<void> {
    const place = await client.get(this.keys.moved);
    if (place !== null) throw movedError(this.place, what, place);
  }

  /** Names of all queues, in order. */
  async queues(client: Redis): Promise<readonly string[]> {
    return (await client.smembers(this.keys.queues)).sort();
  }
}
