/**
 * What every backend promises about taking care of jobs: cancelling, and what
 * becomes of dead ones.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { DeadFilter } from "../../src/jobs/backend.ts";
import {
  type BackendWorld,
  type CheckBackend,
  ERROR,
  HOUR_MS,
  pause,
  pauseUntil,
  QUEUE,
} from "./backend_world.ts";

/** Registers the tests about care. */
export function deadSuite(check: CheckBackend): void {
  cancelTests(check);
  promoteTests(check);
  listTests(check);
  replayTests(check);
  purgeTests(check);
}

function cancelTests(check: CheckBackend): void {
  check("a job that has not begun can be cancelled", async (world) => {
    const { backend } = world;
    await world.addAs("ready");
    await world.addAs("scheduled", { delayMs: HOUR_MS });
    for (const id of ["ready", "scheduled"]) {
      assertEquals(await backend.cancel(QUEUE, id), "cancelled");
      assertEquals(await backend.get(QUEUE, id), undefined);
      assertEquals(await backend.cancel(QUEUE, id), "missing");
    }
    assertEquals(await world.claim(), []);
    assertEquals(await backend.cancel("other", "ready"), "missing");
  });

  check("a job that has begun or ended cannot be cancelled", async (world) => {
    const { backend } = world;
    await world.addDead("dead");
    await world.addAs("a");
    const claim = await world.claimOne();
    assertEquals(await backend.cancel(QUEUE, "a"), "active");
    assertEquals(await world.complete(claim), "settled");
    assertEquals(await backend.cancel(QUEUE, "a"), "finished");
    assertEquals(await backend.cancel(QUEUE, "dead"), "finished");
    const jobs = await backend.list(QUEUE);
    assertEquals(jobs.map(({ state }) => state), ["dead", "completed"]);
  });

  check("a job can be cancelled between two attempts", async (world) => {
    await world.addAs("a");
    const claim = await world.claimOne();
    const runAt = Date.now() + 30;
    await world.settle({ kind: "retry", claim, error: ERROR, runAt });
    assertEquals(await world.backend.cancel(QUEUE, "a"), "cancelled");
    await pause(50);
    assertEquals(await world.claim(), []);
  });
}

function promoteTests(check: CheckBackend): void {
  check("a scheduled job can be made ready", async (world) => {
    const { backend } = world;
    await world.addAs("a", { delayMs: HOUR_MS });
    assert(await backend.promote(QUEUE, "a"));
    const { state, runAt } = await world.job("a");
    assertEquals([state, runAt], ["ready", undefined]);
    assert(!await backend.promote(QUEUE, "a"));
    const claim = await world.claimOne();
    assert(!await backend.promote(QUEUE, "a"));
    await world.complete(claim);
    assert(!await backend.promote(QUEUE, "a"));
    assert(!await backend.promote(QUEUE, "none"));
    assertEquals((await world.job("a")).state, "completed");
  });

  check("what has become due is not scheduled any more", async (world) => {
    const { backend } = world;
    const runAt = Date.now() + 30;
    await world.addAs("due", { runAt });
    await world.addAs("tried");
    const claim = await world.claimOne();
    await world.settle({ kind: "retry", claim, error: ERROR, runAt: 0 });
    await pauseUntil(runAt + 1);
    for (const id of ["due", "tried"]) {
      assertEquals((await world.job(id)).state, "ready");
      assert(!await backend.promote(QUEUE, id));
      assertEquals((await world.job(id)).state, "ready");
    }
    assertEquals((await world.claimIds()).length, 2);
  });

  check("a wait between two attempts can be cut short", async (world) => {
    await world.addAs("a");
    const claim = await world.claimOne();
    const runAt = Date.now() + HOUR_MS;
    await world.settle({ kind: "retry", claim, error: ERROR, runAt });
    assert(await world.backend.promote(QUEUE, "a"));
    const again = await world.claimOne();
    assertEquals([again.id, again.attempts], ["a", 1]);
  });
}

/** Adds b, a, c, d, which die as c, a, d, b; gives a time in between. */
async function addFourDead(world: BackendWorld): Promise<number> {
  await world.addAs("b", { priority: 1 });
  await world.addAs("a", { priority: 3 });
  await world.addAs("c", { priority: 4 });
  await world.addAs("d", { priority: 2 });
  await world.kill(await world.claimOne(), "timeout");
  await world.kill(await world.claimOne(), "given_up");
  await pause(10);
  const between = Date.now();
  await pause(10);
  await world.kill(await world.claimOne(), "timeout");
  await world.kill(await world.claimOne(), "failed");
  return between;
}

/** Filters, and which of c, a, d, b they mean. */
function filters(
  between: number,
): readonly (readonly [DeadFilter, readonly string[]])[] {
  return [
    [{}, ["c", "a", "d", "b"]],
    [{ ids: ["b", "none", "c"] }, ["c", "b"]],
    [{ ids: [] }, []],
    [{ reason: "timeout" }, ["c", "d"]],
    [{ reason: "stalled" }, []],
    [{ before: between }, ["c", "a"]],
    [{ before: 0 }, []],
    [{ limit: 3 }, ["c", "a", "d"]],
    [{ reason: "timeout", limit: 1 }, ["c"]],
    [{ reason: "timeout", before: between, ids: ["c", "d", "a"] }, ["c"]],
    [{ ids: ["d", "b", "a"], limit: 2 }, ["a", "d"]],
  ];
}

function listTests(check: CheckBackend): void {
  check("dead jobs are listed as they died", async (world) => {
    const between = await addFourDead(world);
    await world.addAs("alive");
    for (const [filter, ids] of filters(between)) {
      const dead = await world.backend.listDead(QUEUE, filter);
      const text = JSON.stringify(filter);
      assertEquals(dead.map(({ id }) => id), ids, text);
    }
    const [first] = await world.backend.listDead(QUEUE);
    assertEquals(first, await world.job("c"));
    assertEquals(await world.backend.listDead("other"), []);
    const jobs = await world.backend.listDead(QUEUE, {});
    assertEquals(jobs.length, 4);
  });
}

function replayTests(check: CheckBackend): void {
  check("a dead job gets all its attempts back", async (world) => {
    await world.backend.enqueue(QUEUE, "data", { id: "a", attempts: 2 });
    const claim = await world.claimOne();
    await world.settle({ kind: "retry", claim, error: ERROR, runAt: 0 });
    await world.kill(await world.claimOne());
    assertEquals((await world.job("a")).attempts, 2);
    assertEquals(await world.backend.replayDead(QUEUE), 1);
    const job = await world.job("a");
    assertEquals([job.state, job.attempts], ["ready", 0]);
    assertEquals([job.deadReason, job.finishedAt], [undefined, undefined]);
    assertEquals(await world.backend.listDead(QUEUE), []);
    const again = await world.claimOne();
    assertEquals([again.id, again.attempts], ["a", 0]);
    assertEquals([again.body, again.rules.attempts], ['"data"', 2]);
    assertEquals(await world.complete(again, "1"), "settled");
    assertEquals(await world.backend.replayDead(QUEUE), 0);
  });

  check("a stalled job may lose a worker again after replay", async (world) => {
    await world.addAs("a");
    await world.claimOne(50);
    await world.claimSoon(50);
    while ((await world.job("a")).state !== "dead") await world.claim();
    assertEquals(await world.backend.replayDead(QUEUE), 1);
    assertEquals((await world.job("a")).stalls, 0);
    await world.claimOne(50);
    assertEquals((await world.claimSoon()).id, "a");
  });

  check("replayed jobs keep their old places", async (world) => {
    for (const id of ["a", "b", "c"]) await world.addAs(id);
    const [a, b] = await world.claim(2);
    if (!a || !b) throw new Error("no claims");
    await world.kill(b);
    await world.kill(a);
    await world.addAs("d");
    assertEquals(await world.backend.replayDead(QUEUE), 2);
    assertEquals(await world.claimIds(), ["a", "b", "c", "d"]);
  });

  check("dead jobs are replayed as a filter says", async (world) => {
    const { backend } = world;
    for (const n of filters(0).keys()) {
      const [filter = {}, ids = []] = filters(await addFourDead(world))[n] ??
        [];
      const text = JSON.stringify(filter);
      assertEquals(await backend.replayDead(QUEUE, filter), ids.length, text);
      const ready = await backend.list(QUEUE, { states: ["ready"] });
      const meant = ["b", "a", "c", "d"].filter((id) => ids.includes(id));
      assertEquals(ready.map(({ id }) => id), meant, text);
      assertEquals((await world.stats()).counts.dead, 4 - ids.length);
      for (const id of ids) await backend.cancel(QUEUE, id);
      await backend.purgeDead(QUEUE);
    }
  });
}

function purgeTests(check: CheckBackend): void {
  check("dead jobs are deleted as a filter says", async (world) => {
    const { backend } = world;
    for (const n of filters(0).keys()) {
      const [filter = {}, ids = []] = filters(await addFourDead(world))[n] ??
        [];
      const text = JSON.stringify(filter);
      assertEquals(await backend.purgeDead(QUEUE, filter), ids.length, text);
      const left = await backend.listDead(QUEUE);
      assertEquals(
        left.map(({ id }) => id),
        ["c", "a", "d", "b"].filter((id) => !ids.includes(id)),
        text,
      );
      await backend.purgeDead(QUEUE);
    }
    assertEquals(await backend.list(QUEUE), []);
  });

  check("what is deleted is gone, and its id is free", async (world) => {
    await world.addDead("a");
    await world.addAs("alive");
    await world.complete(await world.claimOne(), "1");
    assertEquals(await world.backend.purgeDead(QUEUE), 1);
    assertEquals(await world.backend.get(QUEUE, "a"), undefined);
    assertEquals((await world.job("alive")).state, "completed");
    assertEquals((await world.addAs("a")).status, "enqueued");
  });
}
