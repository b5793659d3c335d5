/**
 * What every backend promises about holding jobs.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type CheckBackend,
  ERROR,
  HANG_MS,
  LONG_LEASE_MS,
  pause,
  QUEUE,
  SHORT_LEASE_MS,
} from "./backend_world.ts";
import { waitUntil } from "./wait_until.ts";

/** Registers the tests about leases. */
export function leaseSuite(check: CheckBackend): void {
  heartbeatTests(check);
  lossTests(check);
  stallTests(check);
}

function heartbeatTests(check: CheckBackend): void {
  check("a job that is kept is nobody else's", async (world) => {
    const id = await world.add(1);
    const claim = await world.claimOne(SHORT_LEASE_MS);
    for (let n = 0; n < 5; n++) {
      await pause(SHORT_LEASE_MS / 3);
      const held = await world.backend.heartbeat([claim], SHORT_LEASE_MS);
      assertEquals(held, [true]);
      assertEquals(await world.claim(), []);
    }
    assertEquals((await world.job(id)).stalls, 0);
    assertEquals(await world.complete(claim), "settled");
  });

  check("a heartbeat says for how long", async (world) => {
    await world.add(1);
    const claim = await world.claimOne(SHORT_LEASE_MS);
    await world.backend.heartbeat([claim], LONG_LEASE_MS);
    await pause(SHORT_LEASE_MS + 50);
    assertEquals(await world.claim(), []);
    await world.backend.heartbeat([claim], 50);
    assertEquals((await world.claimSoon()).id, claim.id);
  });

  check("a heartbeat answers for each claim", async (world) => {
    for (const id of ["a", "b", "c"]) await world.addAs(id);
    const [a, b, c] = await world.claim(3);
    if (!a || !b || !c) throw new Error("no claims");
    await world.complete(b);
    const strange = { ...c, token: a.token };
    assertEquals(
      await world.backend.heartbeat([a, b, strange, c], LONG_LEASE_MS),
      [true, false, false, true],
    );
    assertEquals(await world.backend.heartbeat([], LONG_LEASE_MS), []);
  });

  check("another backend object can hold a claim", async (world) => {
    await world.add(1);
    const claim = await world.claimOne();
    const other = await world.another();
    assertEquals(await other.heartbeat([claim], LONG_LEASE_MS), [true]);
    assert(await other.progress(claim, 1));
    assertEquals(await world.complete(claim), "settled");
  });
}

function lossTests(check: CheckBackend): void {
  check("a job that nobody keeps is given to another", async (world) => {
    const id = await world.add("data");
    const lost = await world.claimOne(SHORT_LEASE_MS);
    const claim = await world.claimSoon();
    assertEquals([claim.id, claim.body], [id, '"data"']);
    assertNotEquals(claim.token, lost.token);
    assertEquals(claim.attempts, 0);
    const { state, stalls, attempts } = await world.job(id);
    assertEquals([state, stalls, attempts], ["active", 1, 0]);
    assertEquals(await world.complete(claim, "1"), "settled");
  });

  check("who has lost a job can do nothing to it", async (world) => {
    const id = await world.add(1);
    const lost = await world.claimOne(SHORT_LEASE_MS);
    const claim = await world.claimSoon(LONG_LEASE_MS, await world.another());
    const { backend } = world;
    assertEquals(await backend.heartbeat([lost], LONG_LEASE_MS), [false]);
    assert(!await backend.progress(lost, "mine"));
    const runAt = Date.now();
    const ends = [
      { kind: "complete", claim: lost, result: "1" },
      { kind: "retry", claim: lost, error: ERROR, runAt },
      { kind: "dead", claim: lost, error: ERROR, reason: "failed" },
      { kind: "return", claim: lost },
    ] as const;
    for (const end of ends) assertEquals(await world.settle(end), "lost");
    const { state, progress, attempts } = await world.job(id);
    assertEquals([state, progress, attempts], ["active", undefined, 0]);
    assertEquals(await world.complete(claim), "settled");
  });

  check("a lost job comes before those added after it", async (world) => {
    await world.addAs("a");
    await world.claimOne(SHORT_LEASE_MS);
    await world.addAs("b");
    await pause(SHORT_LEASE_MS + 50);
    const ids = [(await world.claimSoon()).id, (await world.claimSoon()).id];
    // What several machines share is not looked through at every claim.
    const { shared } = world.backend.capabilities;
    assertEquals(shared ? ids.toSorted() : ids, ["a", "b"]);
  });

  check("each claim has its own lease", async (world) => {
    await world.addAs("short");
    await world.claimOne(SHORT_LEASE_MS);
    await world.addAs("long");
    const long = await world.claimOne();
    assertEquals((await world.claimSoon()).id, "short");
    assertEquals(await world.complete(long), "settled");
  });
}

function stallTests(check: CheckBackend): void {
  check("a job that loses two workers is dead", async (world) => {
    await world.addAs("a");
    await world.claimOne(100);
    const second = await world.claimSoon(100);
    assertEquals(second.id, "a");
    await waitUntil("the job is dead", async () => {
      assertEquals(await world.claim(), []);
      return (await world.job("a")).state === "dead";
    }, HANG_MS);
    const { deadReason, stalls, attempts, finishedAt } = await world.job("a");
    assertEquals([deadReason, stalls, attempts], ["stalled", 2, 0]);
    assertEquals(typeof finishedAt, "number");
    assertEquals(await world.complete(second), "lost");
    const dead = await world.backend.listDead(QUEUE, { reason: "stalled" });
    assertEquals(dead.map(({ id }) => id), ["a"]);
  });

  check("an attempt that ends does not undo a stall", async (world) => {
    await world.addAs("a");
    await world.claimOne(100);
    const claim = await world.claimSoon();
    await world.settle({ kind: "retry", claim, error: ERROR, runAt: 0 });
    await world.claimOne(100);
    await waitUntil("the job is dead", async () => {
      await world.claim();
      return (await world.job("a")).state === "dead";
    }, HANG_MS);
    const { deadReason, stalls, attempts } = await world.job("a");
    assertEquals([deadReason, stalls, attempts], ["stalled", 2, 1]);
  });

  check("a job that was given back has not stalled", async (world) => {
    const id = await world.add(1);
    for (let n = 0; n < 4; n++) {
      const claim = await world.claimOne();
      assertEquals(await world.settle({ kind: "return", claim }), "settled");
    }
    const { state, stalls, attempts } = await world.job(id);
    assertEquals([state, stalls, attempts], ["ready", 0, 0]);
  });
}
