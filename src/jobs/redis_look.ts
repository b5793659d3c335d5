/**
 * Looking at the jobs in Redis.
 *
 * @module
 */

import type { DeadFilter, JobFilter, QueueStats } from "./backend.ts";
import { type Job, JOB_STATES, type JobState } from "./job.ts";
import type { BullQueue } from "./redis_bull.ts";
import type { Redis } from "./redis_client.ts";
import { DELAY_STEP, runAtOf, toJob } from "./redis_codec.ts";
import { dueScore, stateOf } from "./redis_steps.ts";
import { runScript } from "./redis_scripts.ts";
import type { RedisStore } from "./redis_store.ts";

const DEFAULT_LIST_LIMIT = 50;

/** Jobs that are read at the same time. */
const CHUNK = 500;

/** One job. */
export function getJob(
  store: RedisStore,
  queue: string,
  id: string,
): Promise<Job | undefined> {
  return store.run("show a job", async (client) => {
    const bull = store.queue(queue);
    const answers = await client.multi()
      .hgetall(bull.key(id))
      .zscore(bull.key("prioritized"), id)
      .zscore(bull.key("delayed"), id)
      .zscore(bull.key("completed"), id)
      .zscore(bull.key("failed"), id)
      .exec() ?? [];
    const [fields, ...scores] = answers.map(([, answer]) => answer);
    const [ready, scheduled, completed, dead] = scores.map(textOf);
    const state = stateOf({
      ready: ready ?? null,
      scheduled: scheduled ?? null,
      completed: completed ?? null,
      dead: dead ?? null,
    }, store.host.clock.now());
    const known = fieldsOf(fields);
    return known["data"] === undefined
      ? undefined
      : toJob(queue, id, state, known);
  });
}

function textOf(answer: unknown): string | null {
  return typeof answer === "string" ? answer : null;
}

function fieldsOf(answer: unknown): Record<string, string> {
  return typeof answer === "object" && answer !== null
    ? answer as Record<string, string>
    : {};
}

/** Ids of the jobs in one state. */
export async function idsIn(
  client: Redis,
  bull: BullQueue,
  state: JobState,
  nowMs: number,
): Promise<string[]> {
  const due = dueScore(nowMs);
  switch (state) {
    case "active":
      return await client.lrange(bull.key("active"), 0, -1);
    case "completed":
      return await client.zrange(bull.key("completed"), 0, "-1");
    case "dead":
      return await client.zrange(bull.key("failed"), 0, "-1");
    case "scheduled":
      return await client.zrangebyscore(bull.key("delayed"), `(${due}`, "+inf");
    case "ready": {
      const [waiting, late] = await Promise.all([
        client.zrange(bull.key("prioritized"), 0, "-1"),
        client.zrangebyscore(bull.key("delayed"), 0, due),
      ]);
      return waiting.concat(late);
    }
  }
}

/** A job's id and where it is. */
export interface Listed {
  /** Its id. */
  readonly id: string;
  /** Its state. */
  readonly state: JobState;
}

/** Ids in the order of their being added. */
export async function idsAdded(
  store: RedisStore,
  client: Redis,
  queue: string,
  states: readonly JobState[],
): Promise<readonly Listed[]> {
  const bull = store.queue(queue);
  const nowMs = store.host.clock.now();
  const lists = await Promise.all(states.map(async (state) => {
    const ids = await idsIn(client, bull, state, nowMs);
    return ids.map((id) => ({ id, state }));
  }));
  const numbered = await inChunks(lists.flat(), async (listed) => ({
    listed,
    number: Number(await client.hget(bull.key(listed.id), "name") ?? 0),
  }));
  return numbered.sort((a, b) => a.number - b.number)
    .map(({ listed }) => listed);
}

/** Does the same for many, some at a time. */
export async function inChunks<T, R>(
  items: readonly T[],
  each: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += CHUNK) {
    results.push(...await Promise.all(items.slice(at, at + CHUNK).map(each)));
  }
  return results;
}

/** Some jobs, the ones that were added first. */
export function listJobs(
  store: RedisStore,
  queue: string,
  { states = JOB_STATES, limit = DEFAULT_LIST_LIMIT }: JobFilter = {},
): Promise<readonly Job[]> {
  return store.run("list jobs", async (client) => {
    const listed = await idsAdded(store, client, queue, states);
    return await readJobs(store, client, queue, listed.slice(0, limit));
  });
}

async function readJobs(
  store: RedisStore,
  client: Redis,
  queue: string,
  listed: readonly { readonly id: string; readonly state: JobState }[],
): Promise<readonly Job[]> {
  const bull = store.queue(queue);
  const jobs = await inChunks(listed, async ({ id, state }) => {
    const fields = await client.hgetall(bull.key(id));
    if (fields["data"] === undefined) return undefined;
    const job = toJob(queue, id, state, fields);
    if (state !== "active") return job;
    // Below nothing there is no lease any more.
    const leftMs = await client.pttl(bull.key(`${id}:lock`));
    const leaseUntil = store.host.clock.now() + Math.max(0, leftMs);
    return { ...job, leaseUntil };
  });
  return jobs.filter((job) => job !== undefined);
}

/** Dead jobs that are meant, the ones that died first. */
export async function findDead(
  store: RedisStore,
  client: Redis,
  queue: string,
  { ids, reason, before, limit = Infinity }: DeadFilter = {},
): Promise<readonly Job[]> {
  const wanted = ids === undefined ? undefined : new Set(ids);
  const dead = (await client.zrangebyscore(
    store.queue(queue).key("failed"),
    "-inf",
    before === undefined ? "+inf" : `(${before}`,
  )).filter((id) => wanted?.has(id) ?? true);
  const found: Job[] = [];
  for (let at = 0; at < dead.length && found.length < limit; at += CHUNK) {
    const some = dead.slice(at, at + CHUNK)
      .map((id) => ({ id, state: "dead" as const }));
    const jobs = await readJobs(store, client, queue, some);
    found.push(
      ...jobs.filter(({ deadReason }) =>
        reason === undefined || deadReason === reason
      ),
    );
  }
  return found.slice(0, limit);
}

/** Counts of every queue. */
export function countJobs(store: RedisStore): Promise<readonly QueueStats[]> {
  return store.run("count jobs", async (client) => {
    const queues = await store.queues(client);
    return await Promise.all(
      queues.map((queue) => countQueue(store, client, queue)),
    );
  });
}

async function countQueue(
  store: RedisStore,
  client: Redis,
  queue: string,
): Promise<QueueStats> {
  const bull = store.queue(queue);
  const nowMs = store.host.clock.now();
  const due = dueScore(nowMs);
  const delayed = bull.key("delayed");
  const [waiting, late, scheduled, active, completed, dead] = await Promise.all(
    [
      client.zcard(bull.key("prioritized")),
      client.zcount(delayed, "-inf", due),
      client.zcount(delayed, `(${due}`, "+inf"),
      client.llen(bull.key("active")),
      client.zcard(bull.key("completed")),
      client.zcard(bull.key("failed")),
    ],
  );
  const [paused, next, oldestReadyAt] = await Promise.all([
    client.hget(bull.key("meta"), "paused"),
    client.zrangebyscore(
      delayed,
      `(${due}`,
      "+inf",
      "WITHSCORES",
      "LIMIT",
      0,
      1,
    ),
    oldestReady(client, bull, nowMs),
  ]);
  return {
    queue,
    isPaused: paused !== null,
    counts: { ready: waiting + late, scheduled, active, completed, dead },
    oldestReadyAt,
    nextRunAt: next[1] === undefined
      ? undefined
      : Math.floor(Number(next[1]) / DELAY_STEP),
  };
}

async function oldestReady(
  client: Redis,
  bull: BullQueue,
  nowMs: number,
): Promise<number | undefined> {
  const [heads, late] = await Promise.all([
    runScript(client, "heads", [bull.key("prioritized"), bull.key("")]),
    client.zrangebyscore(
      bull.key("delayed"),
      0,
      dueScore(nowMs),
      "LIMIT",
      0,
      1,
    ),
  ]);
  const ids = (Array.isArray(heads) ? heads.map(String) : []).concat(late);
  const times = await inChunks(ids, async (id) => {
    const fields = await client.hgetall(bull.key(id));
    return fields["data"] === undefined ? Infinity : runAtOf(fields);
  });
  const oldest = Math.min(...times);
  return oldest === Infinity ? undefined : Math.min(oldest, nowMs);
}
