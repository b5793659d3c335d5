/**
 * What every backend promises to whoever looks at jobs.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Job } from "../../src/jobs/job.ts";
import {
  type CheckBackend,
  ERROR,
  HOUR_MS,
  LONG_LEASE_MS,
  pause,
  QUEUE,
} from "./backend_world.ts";

/** Registers the tests about looking. */
export function lookSuite(check: CheckBackend): void {
  getTests(check);
  listTests(check);
  statsTests(check);
  progressTests(check);
}

const NOTHING: Omit<Job, "createdAt" | "data" | "id" | "state"> = {
  queue: QUEUE,
  priority: 0,
  attempts: 0,
  maxAttempts: 5,
  stalls: 0,
  runAt: undefined,
  startedAt: undefined,
  finishedAt: undefined,
  progress: undefined,
  result: undefined,
  error: undefined,
  deadReason: undefined,
};

function getTests(check: CheckBackend): void {
  check("a job that waits shows what it was given", async (world) => {
    const before = Date.now();
    const id = await world.add([1], { priority: 3, attempts: 2 });
    const job = await world.job(id);
    const { createdAt } = job;
    assert(createdAt >= before && createdAt <= Date.now());
    assertEquals(job, {
      ...NOTHING,
      id,
      state: "ready",
      data: [1],
      priority: 3,
      maxAttempts: 2,
      createdAt,
    });
    const runAt = Date.now() + HOUR_MS;
    const later = await world.job(await world.add("", { runAt }));
    assertEquals(later, {
      ...NOTHING,
      id: later.id,
      state: "scheduled",
      data: "",
      createdAt: later.createdAt,
      runAt,
    });
    assertEquals(await world.job(later.id, await world.another()), later);
  });

  check("a job that runs shows since when", async (world) => {
    const id = await world.add(1);
    const before = Date.now();
    await world.claimOne();
    const { leaseUntil = Infinity, ...job } = await world.job(id);
    const { createdAt, startedAt } = job;
    assert(leaseUntil >= before + LONG_LEASE_MS);
    assert(startedAt !== undefined && startedAt >= before);
    assert(startedAt <= Date.now());
    assertEquals(job, {
      ...NOTHING,
      id,
      state: "active",
      data: 1,
      createdAt,
      startedAt,
    });
  });

  check("a job that has ended shows how", async (world) => {
    await world.addAs("good");
    await world.addAs("bad");
    const [good, bad] = await world.claim(2);
    if (!good || !bad) throw new Error("no claims");
    await world.complete(good, '"done"');
    await world.kill(bad);
    for (const id of ["good", "bad"]) {
      const job = await world.job(id);
      const { createdAt, startedAt, finishedAt } = job;
      assert(startedAt !== undefined && startedAt >= createdAt);
      assert(finishedAt !== undefined && finishedAt >= startedAt);
      const times = { createdAt, startedAt, finishedAt };
      const ended = { ...NOTHING, ...times, id, data: id, attempts: 1 };
      assertEquals(
        job,
        id === "good" ? { ...ended, state: "completed", result: "done" } : {
          ...ended,
          state: "dead",
          error: ERROR,
          deadReason: "failed",
        },
      );
    }
  });

  check("a job that is not there is nothing", async (world) => {
    const id = await world.add(1);
    assertEquals(await world.backend.get(QUEUE, "none"), undefined);
    assertEquals(await world.backend.get("other", id), undefined);
    assertEquals(await world.backend.list("other"), []);
    assertEquals((await world.backend.stats()).length, 1);
  });

  check("completed jobs are kept, the last thousand of them", async (world) => {
    const drafts = Array.from({ length: 1003 }, (_, n) => ({
      data: n,
      options: { id: `job-${n}` },
    }));
    await world.backend.enqueueMany(QUEUE, drafts);
    const claims = await world.claim(2000);
    assertEquals(claims.length, 1003);
    await world.backend.settle(
      claims.map((claim) => ({ kind: "complete", claim, result: "1" })),
    );
    assertEquals((await world.stats()).counts.completed, 1000);
    assertEquals(await world.backend.get(QUEUE, "job-2"), undefined);
    assertEquals((await world.job("job-3")).result, 1);
    assertEquals((await world.job("job-1002")).state, "completed");
  });
}

function listTests(check: CheckBackend): void {
  check("jobs are listed as they were added", async (world) => {
    await world.addAs("c", { priority: 1 });
    await world.addAs("a", { delayMs: HOUR_MS });
    await world.addAs("d", { priority: 100 });
    await world.addAs("b", { priority: 50 });
    await world.addAs("e");
    await world.kill(await world.claimOne());
    await world.complete(await world.claimOne());
    await world.claimOne();
    const ids = async (...states: Job["state"][]) =>
      (await world.backend.list(QUEUE, { states })).map(({ id }) => id);
    const all = await world.backend.list(QUEUE);
    assertEquals(all.map(({ id, state }) => [id, state]), [
      ["c", "active"],
      ["a", "scheduled"],
      ["d", "dead"],
      ["b", "completed"],
      ["e", "ready"],
    ]);
    assertEquals(await ids("dead"), ["d"]);
    assertEquals(await ids("ready", "active"), ["c", "e"]);
    assertEquals(await ids("completed", "dead", "scheduled"), ["a", "d", "b"]);
    assertEquals(all[2], await world.job("d"));
  });

  check("a list has fifty jobs or as many as are asked for", async (world) => {
    const drafts = Array.from({ length: 60 }, (_, data) => ({ data }));
    const added = await world.backend.enqueueMany(QUEUE, drafts);
    const ids = added.map(({ id }) => id);
    const list = async (limit?: number) =>
      (await world.backend.list(QUEUE, limit === undefined ? {} : { limit }))
        .map(({ id }) => id);
    assertEquals(await list(), ids.slice(0, 50));
    assertEquals(await list(3), ids.slice(0, 3));
    assertEquals(await list(100), ids);
    const none = await world.backend.list(QUEUE, { states: ["dead"] });
    assertEquals(none, []);
  });
}

function statsTests(check: CheckBackend): void {
  check("stats are by name, with every state", async (world) => {
    for (const queue of ["zebra", "alpha", "m.1"]) {
      await world.backend.enqueue(queue, 1);
    }
    await world.backend.pause("m.1");
    const stats = await world.backend.stats();
    assertEquals(stats.map(({ queue, isPaused }) => [queue, isPaused]), [
      ["alpha", false],
      ["m.1", true],
      ["zebra", false],
    ]);
    assertEquals(stats[0]?.counts, {
      ready: 1,
      scheduled: 0,
      active: 0,
      completed: 0,
      dead: 0,
    });
  });

  check("a queue is known when its last job has gone", async (world) => {
    const id = await world.add(1);
    await world.backend.cancel(QUEUE, id);
    const { counts, oldestReadyAt, nextRunAt } = await world.stats();
    assertEquals(Object.values(counts), [0, 0, 0, 0, 0]);
    assertEquals([oldestReadyAt, nextRunAt], [undefined, undefined]);
  });

  check("stats tell since and until when jobs wait", async (world) => {
    const first = await world.add("first");
    await pause(5);
    await world.add("second", { priority: 9 });
    const { createdAt } = await world.job(first);
    const runAt = Date.now() + HOUR_MS;
    await world.add("far", { runAt: runAt + 1 });
    await world.add("near", { runAt });
    const stats = await world.stats();
    assertEquals([stats.oldestReadyAt, stats.nextRunAt], [createdAt, runAt]);
    await world.claim(2);
    const later = await world.stats(QUEUE, await world.another());
    assertEquals([later.oldestReadyAt, later.nextRunAt], [undefined, runAt]);
  });

  check("a job is old from the time it could have run", async (world) => {
    const runAt = Date.now() + 50;
    await world.add(1, { runAt });
    await pause(80);
    assertEquals((await world.stats()).oldestReadyAt, runAt);
    assertEquals((await world.stats()).counts.ready, 1);
  });
}

function progressTests(check: CheckBackend): void {
  check("the last word about progress is seen", async (world) => {
    const id = await world.add(1);
    const claim = await world.claimOne();
    for (const value of [50, { done: ["ä"] }, null]) {
      assert(await world.backend.progress(claim, value));
      assertEquals((await world.job(id)).progress, value);
    }
    const other = await world.another();
    assertEquals((await world.job(id, other)).progress, null);
    await world.backend.progress(claim, "end");
    await world.complete(claim);
    assertEquals((await world.job(id)).progress, "end");
  });
}
