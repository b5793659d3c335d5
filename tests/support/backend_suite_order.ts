/**
 * What every backend promises about which job is next, and when.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  type CheckBackend,
  HOUR_MS,
  pause,
  pauseUntil,
  QUEUE,
} from "./backend_world.ts";

/** Registers the tests about order and time. */
export function orderSuite(check: CheckBackend): void {
  timeTests(check);
  priorityTests(check);
}

function timeTests(check: CheckBackend): void {
  check("a delayed job is not claimed before its time", async (world) => {
    const before = Date.now();
    const id = await world.add(1, { delayMs: 200 });
    const { state, runAt } = await world.job(id);
    assertEquals(state, "scheduled");
    assert(runAt !== undefined && runAt >= before + 200);
    assertEquals(await world.claim(), []);
    const claim = await world.claimSoon();
    assert(Date.now() >= runAt);
    assertEquals(claim.id, id);
    assertEquals((await world.job(id)).runAt, undefined);
  });

  check("a job is not claimed before the time it was given", async (world) => {
    const runAt = Date.now() + 150;
    const id = await world.add(1, { runAt });
    assertEquals((await world.job(id)).runAt, runAt);
    assertEquals((await world.claimSoon()).id, id);
    assert(Date.now() >= runAt);
  });

  check("a time that is over is now", async (world) => {
    const id = await world.add(1, { runAt: Date.now() - HOUR_MS });
    assertEquals((await world.job(id)).state, "ready");
    assertEquals((await world.claimOne()).id, id);
  });

  check("scheduled jobs come in the order of their times", async (world) => {
    const now = Date.now();
    await world.addAs("third", { runAt: now + 120 });
    await world.addAs("first", { runAt: now + 60 });
    await world.addAs("second", { runAt: now + 90 });
    await world.addAs("later", { runAt: now + HOUR_MS });
    await pauseUntil(now + 120);
    assertEquals(await world.claimIds(), ["first", "second", "third"]);
  });

  check("scheduled jobs of one time come as they were added", async (world) => {
    const runAt = Date.now() + 100;
    const ids = ["d", "b", "c", "a"];
    for (const id of ids) await world.addAs(id, { runAt });
    await pauseUntil(runAt);
    assertEquals(await world.claimIds(), ids);
  });

  check("a job with its time over is ready for everybody", async (world) => {
    const id = await world.add(1, { delayMs: 60 });
    await pause(80);
    const claims = await world.claim(9, 60_000, await world.another());
    assertEquals(claims.map((claim) => claim.id), [id]);
  });
}

function priorityTests(check: CheckBackend): void {
  check("jobs of one priority come as they were added", async (world) => {
    const ids = ["e", "a", "d", "b", "c"];
    for (const id of ids) await world.addAs(id);
    assertEquals(await world.claimIds(2), ["e", "a"]);
    await world.addAs("0-last");
    assertEquals(await world.claimIds(), ["d", "b", "c", "0-last"]);
  });

  check("a higher priority comes first", async (world) => {
    const priorities = [0, 5, 100, 5, 1, 0, 100, 99];
    for (const [n, priority] of priorities.entries()) {
      await world.addAs(`${priority}-${n}`, { priority });
    }
    assertEquals(await world.claimIds(3), ["100-2", "100-6", "99-7"]);
    await world.addAs("5-8", { priority: 5 });
    assertEquals(await world.claimIds(), [
      "5-1",
      "5-3",
      "5-8",
      "1-4",
      "0-0",
      "0-5",
    ]);
  });

  check("priority counts also for those that become due", async (world) => {
    const runAt = Date.now() + 100;
    await world.addAs("plain");
    await world.addAs("late", { runAt, priority: 1 });
    await world.addAs("high", { runAt: runAt + 1, priority: 2 });
    await pauseUntil(runAt + 1);
    assertEquals(await world.claimIds(), ["high", "late", "plain"]);
  });

  check("who became ready earlier comes earlier", async (world) => {
    const runAt = Date.now() + 60;
    await world.addAs("due", { runAt });
    await world.addAs("first");
    await pauseUntil(runAt);
    await world.addAs("last");
    assertEquals(await world.claimIds(), ["first", "due", "last"]);
  });

  check("a promoted job becomes ready when it is promoted", async (world) => {
    await world.addAs("later", { delayMs: HOUR_MS });
    await world.addAs("one");
    await pause(5);
    assert(await world.backend.promote(QUEUE, "later"));
    await pause(5);
    await world.addAs("two");
    assertEquals(await world.claimIds(), ["one", "later", "two"]);
  });
}
