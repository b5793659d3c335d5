/**
 * What every backend promises about claims.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type CheckBackend,
  LONG_LEASE_MS,
  pauseUntil,
  QUEUE,
} from "./backend_world.ts";

/** Registers the tests about claims. */
export function claimSuite(check: CheckBackend): void {
  givenTests(check);
  pauseTests(check);
}

function givenTests(check: CheckBackend): void {
  check("a claim tells a worker all about its job", async (world) => {
    const before = Date.now();
    const id = await world.add({ to: "ada" });
    const { token, rules: _rules, createdAt, ...rest } = await world.claimOne();
    assertEquals(rest, {
      queue: QUEUE,
      id,
      body: '{"to":"ada"}',
      attempts: 0,
    });
    assertNotEquals(token, "");
    assert(createdAt >= before && createdAt <= Date.now());
  });

  check("a claim gives at most as many as are wished for", async (world) => {
    for (let n = 0; n < 5; n++) await world.addAs(`job-${n}`);
    assertEquals(await world.claimIds(2), ["job-0", "job-1"]);
    assertEquals(await world.claimIds(9), ["job-2", "job-3", "job-4"]);
    assertEquals(await world.claimIds(9), []);
  });

  check("a queue that nobody knows has nothing to claim", async (world) => {
    const wish = { queue: "unknown", limit: 1, leaseMs: LONG_LEASE_MS };
    assertEquals(await world.backend.claim(wish), []);
    assertEquals(await world.backend.stats(), []);
  });

  check("claims are of one queue", async (world) => {
    await world.backend.enqueue("other", 1);
    assertEquals(await world.claim(), []);
    const id = await world.add(1);
    assertEquals(await world.claimIds(), [id]);
  });

  check("no job is claimed twice at the same time", async (world) => {
    const other = await world.another();
    const drafts = Array.from({ length: 60 }, (_, data) => ({ data }));
    await world.backend.enqueueMany(QUEUE, drafts);
    const claims = await Promise.all(
      Array.from(
        { length: 20 },
        (_, n) =>
          world.claim(4, LONG_LEASE_MS, n % 2 === 0 ? other : world.backend),
      ),
    );
    const given = claims.flat();
    assertEquals(given.length, 60);
    assertEquals(new Set(given.map(({ id }) => id)).size, 60);
    assertEquals(new Set(given.map(({ token }) => token)).size, 60);
    assertEquals(await world.claim(), []);
  });
}

function pauseTests(check: CheckBackend): void {
  check("a paused queue gives nothing until it is resumed", async (world) => {
    const id = await world.add(1);
    await world.backend.pause(QUEUE);
    assertEquals(await world.claim(), []);
    await world.backend.pause(QUEUE);
    const late = await world.add(2);
    assertEquals(await world.claim(), []);
    await world.backend.resume(QUEUE);
    assertEquals(await world.claimIds(), [id, late]);
  });

  check("a pause holds for everybody", async (world) => {
    const other = await world.another();
    await world.add(1);
    await other.pause(QUEUE);
    assertEquals(await world.claim(), []);
    assert((await world.stats()).isPaused);
    await world.backend.resume(QUEUE);
    assert(!(await world.stats(QUEUE, other)).isPaused);
    assertEquals((await world.claim(1, LONG_LEASE_MS, other)).length, 1);
  });

  check("a pause is of one queue, also before its first job", async (world) => {
    await world.backend.pause(QUEUE);
    await world.add(1);
    await world.backend.enqueue("other", 1);
    const wish = { queue: "other", limit: 1, leaseMs: LONG_LEASE_MS };
    assertEquals((await world.backend.claim(wish)).length, 1);
    assertEquals(await world.claim(), []);
  });

  check("what runs goes on while its queue is paused", async (world) => {
    const id = await world.add(1);
    await world.add(2);
    const claim = await world.claimOne();
    await world.backend.pause(QUEUE);
    const wish = { queue: QUEUE, limit: 1, leaseMs: LONG_LEASE_MS };
    assertEquals(await world.backend.heartbeat([claim], 60_000), [true]);
    assert(await world.backend.progress(claim, 1));
    const settled = await world.backend.settle(
      [{ kind: "complete", claim, result: undefined }],
      wish,
    );
    assertEquals(settled, { results: ["settled"], claims: [] });
    assertEquals((await world.job(id)).state, "completed");
  });

  check("what becomes due in a paused queue waits too", async (world) => {
    await world.backend.pause(QUEUE);
    const id = await world.add(1, { delayMs: 50 });
    await pauseUntil((await world.job(id)).createdAt + 50);
    assertEquals(await world.claim(), []);
    await world.backend.resume(QUEUE);
    assertEquals((await world.claimSoon()).id, id);
  });
}
