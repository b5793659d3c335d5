/**
 * What people do with jobs in Redis: cancelling, replaying, pausing, moving.
 *
 * @module
 */

import type { CancelResult, DeadFilter, MovedJob } from "./backend.ts";
import type { JobState } from "./job.ts";
import type { Redis } from "./redis_client.ts";
import {
  bullPriority,
  rulesOf,
  toJob,
  writeError,
  writeRules,
} from "./redis_codec.ts";
import { findDead, idsAdded, inChunks, type Listed } from "./redis_look.ts";
import { runScript } from "./redis_scripts.ts";
import { dueScore } from "./redis_steps.ts";
import type { RedisStore } from "./redis_store.ts";

/** Takes a job out that has not begun. */
export function cancelJob(
  store: RedisStore,
  queue: string,
  id: string,
): Promise<CancelResult> {
  return store.run("cancel a job", async (client) => {
    const bull = store.queue(queue);
    return await runScript(client, "cancel", [
      bull.key("prioritized"),
      bull.key(""),
      id,
    ]) as CancelResult;
  });
}

/** Makes a scheduled job ready now. */
export function promoteJob(
  store: RedisStore,
  queue: string,
  id: string,
): Promise<boolean> {
  return store.run("promote a job", async (client) => {
    const bull = store.queue(queue);
    const nowMs = store.host.clock.now();
    return await runScript(client, "promote", [
      bull.key("delayed"),
      bull.key(""),
      id,
      nowMs,
      dueScore(nowMs),
    ]) === 1;
  });
}

/** Makes dead jobs ready, or deletes them; gives how many. */
export function changeDead(
  store: RedisStore,
  queue: string,
  change: "purge" | "replay",
  filter?: DeadFilter,
): Promise<number> {
  return store.run(`${change} dead jobs`, async (client) => {
    const bull = store.queue(queue);
    const dead = await findDead(store, client, queue, filter);
    const done = await inChunks(
      dead,
      ({ id }) =>
        runScript(client, change, [bull.key("failed"), bull.key(""), id]),
    );
    return done.filter((answer) => answer === 1).length;
  });
}

/** Closes the place for good, or opens it again. */
export function sealStore(
  store: RedisStore,
  place: string | undefined,
): Promise<void> {
  return store.run("move jobs", async (client) => {
    const { moved, queues, prefix } = store.keys;
    await runScript(client, "seal", [moved, queues, prefix, place ?? ""]);
  });
}

const MOVED_STATES: readonly JobState[] = [
  "ready",
  "scheduled",
  "active",
  "dead",
];

/** Pages through all jobs that move; a sealed store does not change. */
export class RedisExport {
  readonly #store: RedisStore;
  #queue: string | undefined;
  #listed: readonly Listed[] = [];

  /** Makes one at the beginning. */
  constructor(store: RedisStore) {
    this.#store = store;
  }

  /** Jobs after an id, at most so many. */
  page(
    after: { readonly queue: string; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly MovedJob[]> {
    return this.#store.run("move jobs", async (client) => {
      if (after === undefined) this.#queue = undefined;
      const queues = await this.#store.queues(client);
      const moved: MovedJob[] = [];
      for (const queue of queues) {
        if (after !== undefined && queue < after.queue) continue;
        const listed = await this.#list(client, queue);
        const from = after?.queue === queue
          ? listed.findIndex(({ id }) => id === after.id) + 1
          : 0;
        const some = listed.slice(from, from + limit - moved.length);
        const read = await inChunks(
          some,
          (one) => readMoved(this.#store, client, queue, one),
        );
        moved.push(...read.filter((job) => job !== undefined));
        if (moved.length >= limit) break;
      }
      return moved;
    });
  }

  async #list(client: Redis, queue: string): Promise<readonly Listed[]> {
    if (this.#queue !== queue) {
      this.#listed = await idsAdded(this.#store, client, queue, MOVED_STATES);
      this.#queue = queue;
    }
    return this.#listed;
  }
}

async function readMoved(
  store: RedisStore,
  client: Redis,
  queue: string,
  { id, state }: Listed,
): Promise<MovedJob | undefined> {
  const bull = store.queue(queue);
  const fields = await client.hgetall(bull.key(id));
  if (fields["data"] === undefined) return undefined;
  const job = toJob(queue, id, state, fields);
  const rules = rulesOf(fields);
  const dedupeKey = fields["deid"];
  if (dedupeKey === undefined) return { job, rules, dedupe: undefined };
  const key = bull.key(`de:${dedupeKey}`);
  const holder = await client.get(key);
  const until = await endOf(store, client, key);
  const dedupe = holder === id ? { key: dedupeKey, until } : undefined;
  return { job, rules, dedupe };
}

/** When a key ends, in epoch milliseconds. */
async function endOf(
  store: RedisStore,
  client: Redis,
  key: string,
): Promise<number | undefined> {
  try {
    const at = Number(await client.call("PEXPIRETIME", key));
    return at < 0 ? undefined : at;
  } catch {
    // Redis 6 knows only how long it has left.
    const leftMs = await client.pttl(key);
    return leftMs < 0 ? undefined : store.host.clock.now() + leftMs;
  }
}

/** Takes jobs over; gives how many were not here yet. */
export function importJobs(
  store: RedisStore,
  jobs: readonly MovedJob[],
): Promise<number> {
  const what = "move jobs";
  return store.run(what, async (client) => {
    const { moved: movedKey, queues } = store.keys;
    const place = await client.get(movedKey);
    for (const queue of new Set(jobs.map(({ job }) => job.queue))) {
      if (place === null) await store.register(client, queue, what);
      else await client.sadd(queues, queue);
    }
    // A place that is closed takes jobs over too, and stays closed for all
    // else: also for the queues that it did not have before.
    if (place !== null) await sealStore(store, place);
    const done = await inChunks(
      jobs,
      (moved) => runScript(client, "import", importArgs(store, moved)),
    );
    return done.filter((answer) => answer === 1).length;
  });
}

function importArgs(
  store: RedisStore,
  { job, rules, dedupe }: MovedJob,
): readonly (string | number)[] {
  const bull = store.queue(job.queue);
  const priority = bullPriority(job.priority);
  const { runAt, startedAt, finishedAt, error, progress, deadReason } = job;
  const fields: Record<string, string | number> = {
    data: JSON.stringify(job.data),
    r: writeRules(rules),
    timestamp: job.createdAt,
    delay: 0,
    priority,
    atm: job.attempts,
    stc: job.stalls,
    ...(runAt !== undefined && { ra: runAt }),
    ...(startedAt !== undefined && { processedOn: startedAt }),
    ...(finishedAt !== undefined && { finishedOn: finishedAt }),
    ...(error !== undefined &&
      { error: writeError(error), failedReason: error.message }),
    ...(progress !== undefined && { progress: JSON.stringify(progress) }),
    ...(deadReason !== undefined && { reason: deadReason }),
  };
  return [
    bull.key("prioritized"),
    bull.key(""),
    job.id,
    job.state,
    runAt ?? 0,
    finishedAt ?? 0,
    priority,
    dedupe?.key ?? "",
    dedupe?.until ?? "",
    ...Object.entries(fields).flat(),
  ];
}
