/**
 * What BullMQ writes down about each job, as our events.
 *
 * @module
 */

import type { JobEvent } from "./backend.ts";
import {
  connect,
  createBlockingClient,
  disconnect,
  type Redis,
} from "./redis_client.ts";
import { toEvent } from "./redis_steps.ts";
import { runScript } from "./redis_scripts.ts";
import type { RedisStore } from "./redis_store.ts";

/** Milliseconds that a read blocks. */
const BLOCK_MS = 5_000;

/** Wait before another try when Redis cannot be read, in milliseconds. */
const AGAIN_MS = 250;

/** Entries of a stream that are read at the same time. */
const COUNT = 500;

/** How far one queue has been read. */
interface Reader {
  readonly queue: string;
  lastId: string;
}

/** Reads the events of all queues of a tenant, over one connection. */
export class RedisEvents {
  readonly #store: RedisStore;
  readonly #listeners = new Set<(event: JobEvent) => void>();
  #end: AbortController | undefined;
  #reading: Promise<void> | undefined;

  /** Makes one that reads nothing yet. */
  constructor(store: RedisStore) {
    this.#store = store;
  }

  /** Tells a listener from now on. */
  subscribe(listener: (event: JobEvent) => void): Disposable {
    // The same function twice is two listeners.
    const own = (event: JobEvent) => listener(event);
    this.#listeners.add(own);
    this.begin();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(own);
        if (this.#listeners.size === 0) this.#end?.abort();
      },
    };
  }

  /** Stops reading; listeners stay. */
  async close(): Promise<void> {
    this.#end?.abort();
    await this.#reading;
  }

  /** Reads, when the store is open and somebody listens. */
  begin(): void {
    if (!this.#store.isOpen || this.#listeners.size === 0) return;
    if (this.#end !== undefined && !this.#end.signal.aborted) return;
    const end = new AbortController();
    this.#end = end;
    // From here on, before anything that is done after this call.
    const tails = this.#tails();
    tails.catch(() => {});
    const before = this.#reading;
    this.#reading = (async () => {
      await before;
      await this.#readAll(tails, end.signal);
    })();
  }

  /** Where each stream ends now. */
  #tails(): Promise<Map<string, Reader>> {
    return this.#store.run("watch jobs", async (client) => {
      const { queues, news, prefix } = this.#store.keys;
      const answer = await runScript(client, "tails", [queues, news, prefix]);
      const names = Array.isArray(answer) ? answer.map(String) : [];
      const readers = new Map<string, Reader>();
      for (let at = 0; at + 1 < names.length; at += 2) {
        const queue = names[at] ?? "";
        const lastId = names[at + 1] ?? "0-0";
        readers.set(this.#keyOf(queue), { queue, lastId });
      }
      return readers;
    });
  }

  /** The name of no queue stands for the stream of new ones. */
  #keyOf(queue: string): string {
    return queue === ""
      ? this.#store.keys.news
      : this.#store.queue(queue).key("events");
  }

  async #readAll(
    tails: Promise<Map<string, Reader>>,
    signal: AbortSignal,
  ): Promise<void> {
    const client = createBlockingClient(this.#store.login);
    const cut = () => void disconnect(client);
    signal.addEventListener("abort", cut);
    let readers: Map<string, Reader> | undefined;
    while (!signal.aborted) {
      try {
        readers ??= await tails;
        await this.#readSome(client, readers);
      } catch {
        if (signal.aborted) break;
        await this.#store.host.clock.sleep(AGAIN_MS, signal);
        if (readers === undefined) tails = this.#tails();
        tails.catch(() => {});
      }
    }
    signal.removeEventListener("abort", cut);
    await disconnect(client);
  }

  async #readSome(
    client: Redis,
    readers: Map<string, Reader>,
  ): Promise<void> {
    if (client.status !== "ready") await connect(client);
    const keys = [...readers.keys()];
    const ids = [...readers.values()].map(({ lastId }) => lastId);
    const streams = await client.xread(
      "COUNT",
      COUNT,
      "BLOCK",
      BLOCK_MS,
      "STREAMS",
      ...keys,
      ...ids,
    );
    for (const [key, entries] of streams ?? []) {
      const reader = readers.get(key);
      if (reader === undefined) continue;
      for (const [id, fields] of entries) {
        reader.lastId = id;
        this.#readEntry(readers, reader, toMap(fields));
      }
    }
  }

  #readEntry(
    readers: Map<string, Reader>,
    reader: Reader,
    fields: ReadonlyMap<string, string>,
  ): void {
    if (reader.queue === "") {
      const queue = fields.get("queue") ?? "";
      const key = this.#keyOf(queue);
      if (readers.has(key)) return;
      readers.set(key, { queue, lastId: "0-0" });
      return;
    }
    const event = toEvent(reader.queue, fields);
    if (event === undefined) return;
    for (const listener of this.#listeners) listener(event);
  }
}

function toMap(fields: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    map.set(fields[at] ?? "", fields[at + 1] ?? "");
  }
  return map;
}
