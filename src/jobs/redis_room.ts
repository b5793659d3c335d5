/**
 * Whether a tenant may add more jobs. Counting takes a round trip, so the room
 * that was found is used up before it is looked for again, or for a second.
 * Processes that add at the same time do not know of each other's share, so all
 * together may exceed a limit by what the others add within that second.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { NewJob } from "./job.ts";
import { byteLength } from "./json_text.ts";
import type { JobLimits } from "./limits.ts";
import type { Redis } from "./redis_client.ts";
import { runScript } from "./redis_scripts.ts";
import type { RedisStore } from "./redis_store.ts";

/** How long found room may be used, in milliseconds. */
const FRESH_MS = 1_000;

/** Bodies that are looked at in each list to reckon its size. */
const SAMPLES = 64;

/** Room for so much more. */
interface Room {
  jobs: number;
  bytes: number;
  /** On the host's steady clock. */
  readonly foundAt: number;
}

/** So much of it. */
interface Size {
  readonly jobs: number;
  readonly bytes: number;
}

function sizeOf(jobs: readonly NewJob[]): Size {
  const bytes = jobs.reduce((sum, { body }) => sum + byteLength(body), 0);
  return { jobs: jobs.length, bytes };
}

/** Keeps the room of one tenant. */
export class RedisRoom {
  readonly #store: RedisStore;
  readonly #limits: JobLimits;
  #room: Room | undefined;

  /** Watches over these limits. */
  constructor(store: RedisStore, limits: JobLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** @throws {KnownError} `queue_full` when they are too many. */
  async take(
    client: Redis,
    queue: string,
    jobs: readonly NewJob[],
  ): Promise<void> {
    if (this.#takeKnown(sizeOf(jobs))) return;
    await this.#look(client);
    if (this.#takeKnown(sizeOf(jobs))) return;
    // Some of them may be there already.
    const size = await this.#growth(client, queue, jobs);
    if (size.jobs <= 0 && size.bytes <= 0) return;
    if (this.#takeKnown(size)) return;
    const { maxJobs, maxBytes } = this.#limits;
    const isCount = size.jobs > (this.#room?.jobs ?? 0);
    throw new KnownError(
      "queue_full",
      `Cannot add to the queue ${queue}: ` +
        (isCount
          ? `no more than ${maxJobs} jobs may wait`
          : `the data of all jobs that wait may have ${maxBytes} bytes`),
      { hint: "Let workers finish some jobs first, or raise the limit" },
    );
  }

  /** Gives back what was taken for jobs that were not added. */
  forget(): void {
    this.#room = undefined;
  }

  /** How much more there would be with these jobs. */
  async #growth(
    client: Redis,
    queue: string,
    jobs: readonly NewJob[],
  ): Promise<Size> {
    const bull = this.#store.queue(queue);
    const ids = new Set<string>();
    const holders = new Map<string, string | null>();
    let size = { jobs: 0, bytes: 0 };
    for (const job of jobs) {
      const { id, dedupe, body } = job;
      if (ids.has(id) || await client.exists(bull.key(id)) === 1) continue;
      const key = dedupe && bull.key(`de:${dedupe.key}`);
      const holder = key === undefined
        ? null
        : holders.get(key) ?? await client.get(key);
      if (holder !== null && key !== undefined) {
        const isIn = ids.has(holder);
        const delay = await client.zscore(bull.key("delayed"), holder);
        if (dedupe?.mode !== "replace" || isIn || delay === null) continue;
        const old = await client.hget(bull.key(holder), "data") ?? "";
        size = { jobs: size.jobs - 1, bytes: size.bytes - byteLength(old) };
      }
      if (key !== undefined) holders.set(key, id);
      ids.add(id);
      size = { jobs: size.jobs + 1, bytes: size.bytes + byteLength(body) };
    }
    return size;
  }

  #takeKnown({ jobs, bytes }: Size): boolean {
    const room = this.#room;
    if (room === undefined || jobs > room.jobs || bytes > room.bytes) {
      return false;
    }
    const now = this.#store.host.clock.elapsed();
    if (now - room.foundAt > FRESH_MS) return false;
    room.jobs -= jobs;
    room.bytes -= bytes;
    return true;
  }

  async #look(client: Redis): Promise<void> {
    const { keys, host } = this.#store;
    const foundAt = host.clock.elapsed();
    const counted = await runScript(client, "room", [
      keys.queues,
      keys.prefix,
      SAMPLES,
    ]);
    const [jobs, bytes] = Array.isArray(counted) ? counted : [0, 0];
    this.#room = {
      jobs: this.#limits.maxJobs - Number(jobs),
      bytes: this.#limits.maxBytes - Number(bytes),
      foundAt,
    };
  }
}
