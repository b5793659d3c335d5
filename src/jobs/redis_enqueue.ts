/**
 * Adding jobs in Redis.
 *
 * @module
 */

import type { Enqueued, NewJob } from "./job.ts";
import { SEALED } from "./redis_add_script.ts";
import type { Redis } from "./redis_client.ts";
import { pushArguments } from "./redis_codec.ts";
import type { RedisRoom } from "./redis_room.ts";
import { runScript } from "./redis_scripts.ts";
import { inSteps, outcomeOf } from "./redis_steps.ts";
import type { RedisStore } from "./redis_store.ts";

/** Follows "Cannot". */
const WHAT = "add jobs";

/** Adding so many takes Redis a quarter of a second. */
const MOST_JOBS = 10_000;

/** Characters of bodies that Redis holds twice for a moment. */
const MOST_CHARACTERS = 2 ** 26;

/**
 * Adds checked jobs: all of them, or none when there is no room. They have one
 * time of being added, which is the first one's.
 *
 * Others wait while Redis adds, so very many jobs are added in several steps.
 * Only the first of them are there when Redis is lost in between.
 */
export async function enqueueJobs(
  store: RedisStore,
  room: RedisRoom,
  queue: string,
  jobs: readonly NewJob[],
): Promise<readonly Enqueued[]> {
  const added: Enqueued[] = [];
  for (const some of inSteps(jobs, MOST_JOBS, MOST_CHARACTERS)) {
    const wanted = added.length === 0 ? jobs : [];
    for (const one of await addStep(store, room, queue, { wanted, some })) {
      added.push(one);
    }
  }
  return added;
}

/** @param wanted jobs for which room is taken before `some` are added. */
async function addStep(
  store: RedisStore,
  room: RedisRoom,
  queue: string,
  { wanted, some }: {
    readonly wanted: readonly NewJob[];
    readonly some: readonly NewJob[];
  },
): Promise<readonly Enqueued[]> {
  return await store.run(WHAT, async (client) => {
    if (wanted.length > 0) await room.take(client, queue, wanted);
    try {
      await store.register(client, queue, WHAT);
      return await add(store, client, queue, some);
    } catch (error) {
      room.forget();
      await explainRefusal(store, client, error);
      throw error;
    }
  });
}

async function add(
  store: RedisStore,
  client: Redis,
  queue: string,
  jobs: readonly NewJob[],
): Promise<readonly Enqueued[]> {
  const bull = store.queue(queue);
  const args = [bull.key("prioritized"), bull.key(""), jobs[0]?.createdAt ?? 0];
  for (const job of jobs) pushArguments(args, job);
  const answers = await runScript(client, "add", args);
  if (!Array.isArray(answers)) throw new TypeError("Nothing was added");
  return jobs.map(({ id }, at) => outcomeOf(id, answers[at]));
}

/** A sealed queue refuses with an error that says nothing to people. */
async function explainRefusal(
  store: RedisStore,
  client: Redis,
  error: unknown,
): Promise<void> {
  if (error instanceof Error && error.message.startsWith(SEALED)) {
    await store.proveHere(client, WHAT);
  }
}
