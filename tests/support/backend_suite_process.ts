/**
 * What every backend promises about running jobs.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Job, JobOptions } from "../../src/jobs/job.ts";
import {
  type BackendWorld,
  type CheckBackend,
  HOUR_MS,
  pause,
  pauseUntil,
  QUEUE,
} from "./backend_world.ts";
import { waitUntil } from "./wait_until.ts";

const SOON: JobOptions = {
  backoff: { type: "fixed", baseMs: 20, capMs: 20, jitter: "none" },
};

/** Waits until a job is in a state. */
export async function waitForState(
  world: BackendWorld,
  id: string,
  state: Job["state"],
): Promise<Job> {
  let job = await world.job(id);
  await waitUntil(`the job ${id} is ${state}`, async () => {
    job = await world.job(id);
    return job.state === state;
  });
  return job;
}

/** Registers the tests about running jobs. */
export function processSuite(check: CheckBackend): void {
  runTests(check);
  failTests(check);
  timeTests(check);
  sharedTests(check);
}

function runTests(check: CheckBackend): void {
  check("a handler gets the job, and its result is kept", async (world) => {
    const seen: unknown[] = [];
    world.backend.process(QUEUE, (job) => {
      const { id, queue, tenant, data, attempt, maxAttempts } = job;
      seen.push({ id, queue, tenant, data, attempt, maxAttempts });
      return { doubled: Number(data) * 2 };
    });
    const id = await world.add(21, { attempts: 3 });
    const job = await waitForState(world, id, "completed");
    assertEquals([job.result, job.attempts], [{ doubled: 42 }, 1]);
    const { tenant } = world.backend;
    assertEquals(seen, [
      { id, queue: QUEUE, tenant, data: 21, attempt: 1, maxAttempts: 3 },
    ]);
  });

  check("no more jobs run at once than were asked for", async (world) => {
    const gate = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const handle = world.backend.process(QUEUE, async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
    }, { concurrency: 3 });
    for (let n = 0; n < 8; n++) await world.add(n);
    await waitUntil("three jobs run", () => running === 3);
    await pause(50);
    assertEquals([most, handle.running], [3, 3]);
    assertEquals((await world.stats()).counts.active, 3);
    gate.resolve();
    await waitUntil(
      "all have ended",
      async () => (await world.stats()).counts.completed === 8,
    );
    assertEquals([most, handle.counts.completed], [3, 8]);
  });

  check("a handler tells how far it is", async (world) => {
    const gate = Promise.withResolvers<void>();
    world.backend.process(QUEUE, async ({ progress }) => {
      await progress({ percent: 50 });
      await gate.promise;
    });
    const id = await world.add(1);
    await waitUntil(
      "its progress is seen",
      async () => (await world.job(id)).progress !== undefined,
    );
    assertEquals((await world.job(id)).progress, { percent: 50 });
    gate.resolve();
    await waitForState(world, id, "completed");
  });

  check("a worker does what is added and due later", async (world) => {
    const done: unknown[] = [];
    world.backend.process(QUEUE, ({ data }) => void done.push(data));
    const other = await world.another();
    await pause(30);
    await other.enqueue(QUEUE, "late", { delayMs: 120 });
    await other.enqueue(QUEUE, "now");
    await waitUntil("both are done", () => done.length === 2);
    assertEquals(done, ["now", "late"]);
  });

  check("a worker of a paused queue waits", async (world) => {
    const done: unknown[] = [];
    await world.backend.pause(QUEUE);
    world.backend.process(QUEUE, ({ data }) => void done.push(data));
    await world.add(1);
    await pause(100);
    assertEquals(done, []);
    await world.backend.resume(QUEUE);
    await waitUntil("it is done", () => done.length === 1);
  });
}

function failTests(check: CheckBackend): void {
  check("a job that always fails is dead after its attempts", async (world) => {
    const seen: unknown[] = [];
    const keys = new Set<string>();
    world.backend.process(QUEUE, ({ attempt, idempotencyKey }) => {
      seen.push(attempt);
      keys.add(idempotencyKey);
      throw new RangeError(`no ${attempt}`);
    });
    const id = await world.add(1, { ...SOON, attempts: 3 });
    const job = await waitForState(world, id, "dead");
    assertEquals(seen, [1, 2, 3]);
    assertEquals([job.deadReason, job.attempts], ["failed", 3]);
    assertEquals(job.error, { name: "RangeError", message: "no 3" });
    assertEquals(keys.size, 1);
  });

  check("a job that fails once is done the second time", async (world) => {
    world.backend.process(QUEUE, ({ attempt }) => {
      if (attempt === 1) throw new Error("not yet");
      return attempt;
    });
    const id = await world.add(1, SOON);
    const job = await waitForState(world, id, "completed");
    assertEquals([job.result, job.attempts], [2, 2]);
  });

  check("a job may be given up at its first attempt", async (world) => {
    world.backend.process(QUEUE, ({ giveUp }) => giveUp("no such address"));
    const id = await world.add(1);
    const { deadReason, attempts, error } = await waitForState(
      world,
      id,
      "dead",
    );
    assertEquals([deadReason, attempts], ["given_up", 1]);
    assert(error?.message.includes("no such address"));
  });

  check("a replayed job is run again", async (world) => {
    let isBroken = true;
    world.backend.process(QUEUE, () => {
      if (isBroken) throw new Error("broken");
    });
    const id = await world.add(1, { attempts: 1 });
    await waitForState(world, id, "dead");
    isBroken = false;
    assertEquals(await world.backend.replayDead(QUEUE), 1);
    await waitForState(world, id, "completed");
  });
}

function timeTests(check: CheckBackend): void {
  check("an attempt that takes too long is aborted", async (world) => {
    let isAborted = false;
    world.backend.process(QUEUE, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      isAborted = true;
    });
    const id = await world.add(1, { timeoutMs: 50, attempts: 1 });
    const job = await waitForState(world, id, "dead");
    assertEquals([job.deadReason, job.attempts], ["timeout", 1]);
    assert(isAborted);
  });

  check("a job that comes too late is not begun", async (world) => {
    const done: unknown[] = [];
    const expiresAt = Date.now() + 40;
    const id = await world.add("late", { expiresAt });
    await world.add("fine", { expiresAt: Date.now() + HOUR_MS });
    await pauseUntil(expiresAt);
    world.backend.process(QUEUE, ({ data }) => void done.push(data));
    const job = await waitForState(world, id, "dead");
    assertEquals(job.deadReason, "expired");
    await waitUntil("the other one is done", () => done.length > 0);
    assertEquals(done, ["fine"]);
  });

  check("a long job stays with its worker", async (world) => {
    let runs = 0;
    const work = async () => {
      runs++;
      await pause(1000);
    };
    const other = await world.another();
    for (const backend of [world.backend, other]) {
      backend.process(QUEUE, work, { leaseMs: 300, concurrency: 2 });
    }
    const id = await world.add(1);
    const { stalls, attempts } = await waitForState(world, id, "completed");
    assertEquals([runs, stalls, attempts], [1, 0, 1]);
  });
}

function sharedTests(check: CheckBackend): void {
  check("workers of several backend objects share the jobs", async (world) => {
    const done: unknown[] = [];
    const backends = [
      world.backend,
      await world.another(),
      await world.another(),
    ];
    for (const backend of backends) {
      backend.process(QUEUE, async ({ data }) => {
        await pause(1);
        done.push(data);
      }, { concurrency: 4 });
    }
    const numbers = Array.from({ length: 150 }, (_, n) => n);
    await world.backend.enqueueMany(QUEUE, numbers.map((data) => ({ data })));
    await waitUntil(
      "all are completed",
      async () => (await world.stats()).counts.completed === 150,
    );
    assertEquals(done.map(Number).toSorted((a, b) => a - b), numbers);
  });

  check("a job may add other jobs", async (world) => {
    const done: unknown[] = [];
    world.backend.process(QUEUE, async ({ data }) => {
      done.push(data);
      const next = Number(data) - 1;
      if (next > 0) await world.backend.enqueue(QUEUE, next);
    });
    await world.add(5);
    await waitUntil("all are done", () => done.length === 5);
    assertEquals(done, [5, 4, 3, 2, 1]);
  });
}
