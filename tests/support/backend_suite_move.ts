/**
 * What every backend promises when jobs move to another one.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { MovedJob, QueueBackend } from "../../src/jobs/backend.ts";
import type { Job } from "../../src/jobs/job.ts";
import { QueueNotReadyError } from "../../src/jobs/readiness.ts";
import {
  type BackendWorld,
  type CheckBackend,
  ERROR,
  HOUR_MS,
  LONG_LEASE_MS,
  QUEUE,
} from "./backend_world.ts";

const PLACE = "/new/place.db";

/** Registers the tests about moving. */
export function moveSuite(check: CheckBackend): void {
  sealTests(check);
  exportTests(check);
  importTests(check);
}

async function assertMoved(use: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(use, QueueNotReadyError, PLACE);
  assertEquals(error.reason, "QUEUE_MOVED");
}

function sealTests(check: CheckBackend): void {
  check("a sealed backend takes and gives no jobs", async (world) => {
    const { backend } = world;
    const other = await world.another();
    await world.addAs("a");
    await world.addAs("b");
    await backend.seal(PLACE);
    for (const sealed of [backend, other]) {
      await assertMoved(() => sealed.enqueue(QUEUE, 1));
      await assertMoved(() => sealed.enqueueMany(QUEUE, [{ data: 1 }]));
      await assertMoved(() => world.claim(1, LONG_LEASE_MS, sealed));
    }
    const { counts } = await world.stats();
    assertEquals([counts.ready, counts.active], [2, 0]);
  });

  check("what runs in a sealed backend can still be ended", async (world) => {
    const { backend } = world;
    for (const id of ["a", "b", "c", "d"]) await world.addAs(id);
    const [a, b, c] = await world.claim(3);
    if (!a || !b || !c) throw new Error("no claims");
    await backend.seal(PLACE);
    assertEquals(await backend.heartbeat([a], LONG_LEASE_MS), [true]);
    assert(await backend.progress(a, 1));
    assertEquals(await world.complete(a, "1"), "settled");
    const next = { queue: QUEUE, limit: 1, leaseMs: LONG_LEASE_MS };
    const end = { kind: "complete", claim: b, result: "2" } as const;
    assertEquals(await backend.settle([end], next), {
      results: ["settled"],
      claims: [],
    });
    assertEquals(await world.settle({ kind: "return", claim: c }), "settled");
    const jobs = await backend.list(QUEUE);
    assertEquals(jobs.map(({ state }) => state), [
      "completed",
      "completed",
      "ready",
      "ready",
    ]);
  });

  check("a sealed backend is not ready, and can be opened", async (world) => {
    const { backend } = world;
    const other = await world.another();
    await backend.seal(PLACE);
    const { ok, checks } = await other.checkReady();
    assert(!ok);
    const failure = checks.find(({ level }) => level === "fail");
    assertEquals(failure?.code, "QUEUE_MOVED");
    assert(failure?.detail.includes(PLACE), failure?.detail);
    await backend.seal(undefined);
    assert((await other.checkReady()).ok);
    const id = await world.add(1);
    assertEquals((await world.claimOne(LONG_LEASE_MS, other)).id, id);
  });

  check("a backend is sealed also after a new start", async (world) => {
    const { backend } = world;
    const id = await world.add(1);
    await backend.seal(PLACE);
    await backend.stop();
    await backend.start();
    await assertMoved(() => backend.enqueue(QUEUE, 1));
    assertEquals((await world.job(id)).state, "ready");
    assertEquals((await backend.exportJobs(undefined, 9)).length, 1);
  });
}

/** Every job that moves, in pages of two. */
async function exportAll(
  backend: QueueBackend,
): Promise<readonly MovedJob[]> {
  const all: MovedJob[] = [];
  while (all.length < 1000) {
    const last = all.at(-1)?.job;
    const page = await backend.exportJobs(last, 2);
    assert(page.length <= 2);
    if (page.length === 0) return all;
    all.push(...page);
  }
  throw new Error("the export never ends");
}

/** One job for each way a job can be, in an order that no field tells. */
async function fill(world: BackendWorld): Promise<void> {
  const { backend } = world;
  const runAt = Date.now() + HOUR_MS;
  await world.addAs("a-dead", { priority: 99, runAt });
  await world.addDead("z-dead", "timeout");
  await world.addAs("lost", { priority: 100 });
  await world.claimOne(30);
  const lost = await world.claimSoon();
  assertEquals(lost.id, "lost");
  await world.settle({ kind: "retry", claim: lost, error: ERROR, runAt });
  await world.addAs("done", { priority: 100 });
  await world.settle({
    kind: "complete",
    claim: await world.claimOne(),
    result: "1",
  });
  await backend.enqueue(QUEUE, [1, { a: "ä" }], {
    id: "y-tried",
    priority: 100,
    attempts: 9,
    timeoutMs: 500,
    expiresAt: Date.now() + HOUR_MS,
    backoff: { type: "fixed", baseMs: 7, capMs: 8, jitter: "none" },
  });
  const claim = await world.claimOne();
  await backend.progress(claim, "half");
  await world.settle({ kind: "retry", claim, error: ERROR, runAt });
  await world.addAs("x-ready", { priority: 5 });
  await world.addAs("w-ready", { priority: 5 });
  await world.addAs("a-first", { priority: 6 });
  await world.addAs("b-scheduled", { delayMs: HOUR_MS, dedupe: { key: "k" } });
  await world.addAs("c-ready", { dedupe: { key: "t", ttlMs: HOUR_MS } });
  await backend.promote(QUEUE, "a-dead");
  await world.kill(await world.claimOne(), "given_up");
}

function withoutHistory(jobs: readonly Job[]) {
  return jobs.map(({ startedAt: _startedAt, ...job }) => job);
}

function exportTests(check: CheckBackend): void {
  check("jobs are exported as they were added", async (world) => {
    await fill(world);
    await world.backend.seal(PLACE);
    const moved = await exportAll(world.backend);
    const jobs = await world.backend.list(QUEUE);
    assertEquals(
      moved.map(({ job }) => job),
      jobs.filter(({ state }) => state !== "completed"),
    );
    assertEquals(moved.length, 9);
    const tried = moved.find(({ job }) => job.id === "y-tried");
    assertEquals(tried?.rules.backoff.baseMs, 7);
    assertEquals(tried?.rules.timeoutMs, 500);
    assertEquals(
      moved.flatMap(({ job, dedupe }) => dedupe ? [[job.id, dedupe.key]] : []),
      [["b-scheduled", "k"], ["c-ready", "t"]],
    );
    assertEquals(await world.backend.exportJobs(moved.at(-1)?.job, 9), []);
    assertEquals(await world.backend.list(QUEUE), jobs);
  });

  check("jobs of all queues are exported, each once", async (world) => {
    for (const [n, queue] of ["b", "a", "c", "a", "b"].entries()) {
      await world.backend.enqueue(queue, n, { id: `job-${5 - n}` });
    }
    await world.backend.enqueue("c", 5, { id: "job-5" });
    await world.backend.seal(PLACE);
    const moved = await exportAll(world.backend);
    const of = (name: string) =>
      moved.filter(({ job }) => job.queue === name).map(({ job }) => job.data);
    assertEquals([of("a"), of("b"), of("c")], [[1, 3], [0, 4], [2, 5]]);
    assertEquals(moved.length, 6);
  });

  check("a job that is running is exported too", async (world) => {
    await world.addAs("a");
    await world.claimOne();
    await world.backend.seal(PLACE);
    const moved = await world.backend.exportJobs(undefined, 9);
    assertEquals(moved.map(({ job }) => job.state), ["active"]);
    const other = await world.elsewhere();
    assertEquals(await other.importJobs(moved), 1);
    const { state, stalls } = await world.job("a", other);
    assertEquals([state, stalls], ["ready", 0]);
    const claim = await world.claimOne(LONG_LEASE_MS, other);
    assertEquals([claim.id, claim.attempts], ["a", 0]);
  });
}

function importTests(check: CheckBackend): void {
  check("imported jobs are as they were", async (world) => {
    await fill(world);
    await world.backend.seal(PLACE);
    const moved = await exportAll(world.backend);
    const other = await world.elsewhere();
    assertEquals(await other.importJobs(moved.slice(0, 3)), 3);
    assertEquals(await other.importJobs(moved.slice(3)), 6);
    assertEquals(
      withoutHistory(await other.list(QUEUE)),
      withoutHistory(moved.map(({ job }) => job)),
    );
    const back = await exportAll(other);
    assertEquals(
      back.map(({ rules, dedupe }) => ({ rules, dedupe })),
      moved.map(({ rules, dedupe }) => ({ rules, dedupe })),
    );
    const ids = (jobs: readonly { readonly id: string }[]) =>
      jobs.map(({ id }) => id);
    assertEquals(ids(await other.listDead(QUEUE)), ["z-dead", "a-dead"]);
    assert(await other.promote(QUEUE, "y-tried"));
    const claims = await world.claim(9, LONG_LEASE_MS, other);
    assertEquals(ids(claims), [
      "y-tried",
      "a-first",
      "x-ready",
      "w-ready",
      "c-ready",
    ]);
    assertEquals(claims[0]?.attempts, 1);
    assertEquals(claims[0]?.rules, moved.find(isTried)?.rules);
  });

  check("imported jobs keep equal ones away", async (world) => {
    await fill(world);
    const other = await world.elsewhere();
    await other.importJobs(await exportAll(world.backend));
    for (const [key, id] of [["k", "b-scheduled"], ["t", "c-ready"]] as const) {
      const added = await other.enqueue(QUEUE, 1, { dedupe: { key } });
      assertEquals(added, { id, status: "duplicate" });
    }
  });

  check("an imported job takes no key from another", async (world) => {
    const dedupe = { key: "k" };
    await world.addAs("moved", { dedupe });
    const moved = await exportAll(world.backend);
    const other = await world.elsewhere();
    await other.enqueue(QUEUE, 1, { id: "here", dedupe });
    assertEquals(await other.importJobs(moved), 1);
    const added = await other.enqueue(QUEUE, 1, { dedupe });
    assertEquals(added, { id: "here", status: "duplicate" });
    assertEquals((await world.job("moved", other)).state, "ready");
  });

  check("importing twice changes nothing", async (world) => {
    await fill(world);
    const moved = await exportAll(world.backend);
    const other = await world.elsewhere();
    assertEquals(await other.importJobs(moved), 9);
    const [first] = await world.claim(1, LONG_LEASE_MS, other);
    if (first === undefined) throw new Error("no claim");
    const end = { kind: "complete", claim: first, result: "1" } as const;
    assertEquals(await world.settle(end, other), "settled");
    const before = await other.list(QUEUE);
    assertEquals(await other.importJobs(moved), 0);
    assertEquals(await other.list(QUEUE), before);
  });

  check("an imported job comes before those added later", async (world) => {
    await world.addAs("old");
    const moved = await exportAll(world.backend);
    const other = await world.elsewhere();
    await other.importJobs(moved);
    await other.enqueue(QUEUE, 1, { id: "new" });
    const claims = await world.claim(9, LONG_LEASE_MS, other);
    assertEquals(claims.map(({ id }) => id), ["old", "new"]);
  });
}

function isTried({ job }: MovedJob): boolean {
  return job.id === "y-tried";
}
