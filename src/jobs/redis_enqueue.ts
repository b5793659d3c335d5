/**
 * Adding jobs in Redis.
 *
 * @module
 */

import type { Enqueued, NewJob } from "./job.ts";
import { outcomeOf } from "./redis_steps.ts";
import type { Redis } from "./redis_client.ts";
import type { RedisRoom } from "./redis_room.ts";
import type { RedisStore } from "./redis_store.ts";

/** Follows "Cannot". */
const WHAT = "add jobs";

/** Adds checked jobs: all of them, or none when there is no room. */
export async function enqueueJobs(
  store: RedisStore,
  room: RedisRoom,
  queue: string,
  jobs: readonly NewJob[],
): Promise<readonly Enqueued[]> {
  if (jobs.length === 0) return [];
  return await store.run(WHAT, async (client) => {
    await room.take(client, queue, jobs);
    try {
      await store.register(client, queue, WHAT);
      return await add(store, queue, jobs);
    } catch (error) {
      room.forget();
      await explainRefusal(store, client, error);
      throw error;
    }
  });
}

async function add(
  store: RedisStore,
  queue: string,
  jobs: readonly NewJob[],
): Promise<readonly Enqueued[]> {
  const bull = store.queue(queue);
  const [only] = jobs;
  if (
    only !== undefined && jobs.length === 1 && !only.hasOwnId &&
    only.dedupe === undefined
  ) {
    return [{ id: await bull.add(only), status: "enqueued" }];
  }
  const added = await bull.addAll(jobs);
  return added.flatMap((found, index) => {
    const job = jobs[index];
    return job === undefined ? [] : [outcomeOf(job, found)];
  });
}

/** A sealed queue refuses with an error that says nothing to people. */
async function explainRefusal(
  store: RedisStore,
  client: Redis,
  error: unknown,
): Promise<void> {
  if (error instanceof Error && /not an integer/.test(error.message)) {
    await store.proveHere(client, WHAT);
  }
}
