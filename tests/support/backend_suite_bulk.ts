/**
 * What every backend promises about many jobs at once: they keep the same rules
 * as one by one.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Settlement } from "../../src/jobs/job.ts";
import {
  type CheckBackend,
  ERROR,
  HOUR_MS,
  LONG_LEASE_MS,
  pauseUntil,
  QUEUE,
} from "./backend_world.ts";

const NEXT = { queue: QUEUE, limit: 1000, leaseMs: LONG_LEASE_MS };

/** Registers the tests about many jobs at once. */
export function bulkSuite(check: CheckBackend): void {
  orderTests(check);
  dedupeTests(check);
  endTests(check);
}

function orderTests(check: CheckBackend): void {
  check("a bulk takes its place by priority, time and order", async (world) => {
    const runAt = Date.now() + 150;
    await world.addAs("before");
    await world.addAs("high", { priority: 5 });
    await world.backend.enqueueMany(QUEUE, [
      { data: 1, options: { id: "d" } },
      { data: 1, options: { id: "b", priority: 5 } },
      { data: 1, options: { id: "late", runAt } },
      { data: 1, options: { id: "c", priority: 100 } },
      { data: 1, options: { id: "late-high", runAt, priority: 5 } },
      { data: 1, options: { id: "never", delayMs: HOUR_MS } },
      { data: 1, options: { id: "a" } },
    ]);
    await world.addAs("after");
    await world.addAs("after-high", { priority: 5 });
    assertEquals(await world.claimIds(2), ["c", "high"]);
    await pauseUntil(runAt);
    await world.addAs("last");
    assertEquals(await world.claimIds(), [
      ...["b", "after-high", "late-high"],
      ...["before", "d", "a", "after", "late", "last"],
    ]);
  });

  check("what became due comes before a bulk added after it", async (world) => {
    const runAt = Date.now() + 60;
    await world.backend.enqueueMany(QUEUE, [
      { data: 1, options: { id: "due", runAt } },
      { data: 1, options: { id: "due-high", runAt, priority: 7 } },
      { data: 1, options: { id: "first" } },
    ]);
    await pauseUntil(runAt);
    await world.backend.enqueueMany(QUEUE, [
      { data: 1, options: { id: "last" } },
      { data: 1, options: { id: "last-high", priority: 7 } },
      { data: 1, options: { id: "highest", priority: 8 } },
    ]);
    assertEquals(await world.claimIds(), [
      ...["highest", "due-high", "last-high", "first", "due", "last"],
    ]);
  });

  check(
    "what is given back comes before a bulk added after it",
    async (world) => {
      await world.addAs("b");
      await world.addAs("a");
      await world.addAs("high", { priority: 3 });
      const claims = await world.claim(3);
      await world.backend.enqueueMany(QUEUE, [
        { data: 1, options: { id: "later" } },
        { data: 1, options: { id: "later-high", priority: 3 } },
        { data: 1, options: { id: "highest", priority: 4 } },
      ]);
      const given = await world.backend.settle(
        claims.map((claim) => ({ kind: "return", claim })),
        { ...NEXT, limit: 3 },
      );
      assertEquals(given.claims.map(({ id }) => id), [
        ...["highest", "high", "later-high"],
      ]);
      assertEquals(await world.claimIds(), ["b", "a", "later"]);
    },
  );
}

function dedupeTests(check: CheckBackend): void {
  check("a scheduled job is replaced by one of a bulk", async (world) => {
    const dedupe = { key: "k", mode: "replace" } as const;
    await world.addAs("a", { dedupe, delayMs: HOUR_MS });
    const added = await world.backend.enqueueMany(QUEUE, [
      { data: 1, options: { id: "plain" } },
      { data: 2, options: { id: "b", dedupe, delayMs: HOUR_MS } },
      { data: 3, options: { id: "c", dedupe } },
      { data: 4, options: { id: "d", dedupe } },
      { data: 5, options: { id: "plain", dedupe: { key: "other" } } },
      { data: 6, options: { id: "e", dedupe: { key: "other" } } },
    ]);
    assertEquals(added, [
      { id: "plain", status: "enqueued" },
      { id: "b", status: "replaced" },
      { id: "c", status: "replaced" },
      { id: "c", status: "duplicate" },
      { id: "plain", status: "duplicate" },
      { id: "e", status: "enqueued" },
    ]);
    assertEquals(await world.claimIds(), ["plain", "c", "e"]);
    assertEquals((await world.backend.list(QUEUE)).length, 3);
  });

  check("a job that is due is not replaced", async (world) => {
    const dedupe = { key: "k", mode: "replace" } as const;
    const runAt = Date.now() + 60;
    await world.addAs("a", { dedupe, runAt });
    await pauseUntil(runAt);
    const again = await world.addAs("b", { dedupe, delayMs: HOUR_MS });
    assertEquals(again, { id: "a", status: "duplicate" });
    assertEquals(await world.claimIds(), ["a"]);
  });
}

function endTests(check: CheckBackend): void {
  check(
    "more jobs end and begin at once than one step takes",
    async (world) => {
      const drafts = Array.from({ length: 600 }, (_, n) => ({ data: n }));
      await world.backend.enqueueMany(QUEUE, drafts);
      const claims = await world.claim(250);
      assertEquals(claims.map(({ body }) => Number(body)), range(0, 250));
      assertEquals(new Set(claims.map(({ token }) => token)).size, 250);
      const lost = new Set([5, 130, 249]);
      for (const at of lost) {
        const claim = claims[at];
        if (claim !== undefined) await world.complete(claim);
      }
      const ended = await world.backend.settle(
        claims.map((claim) => ({ kind: "complete", claim, result: undefined })),
        { ...NEXT, limit: 240 },
      );
      assertEquals(
        ended.results.flatMap((result, at) => result === "lost" ? [at] : []),
        [...lost],
      );
      assertEquals(
        ended.claims.map(({ body }) => Number(body)),
        range(250, 490),
      );
      assertEquals((await world.claim(1000)).length, 110);
    },
  );

  check(
    "a job tried again at once comes after those that wait",
    async (world) => {
      for (const id of ["a", "b", "c"]) await world.addAs(id);
      const [a, b] = await world.claim(2);
      if (a === undefined || b === undefined) throw new Error("no claims");
      // Later than when the one that waits became ready.
      await pauseUntil(Date.now());
      const runAt = Date.now();
      const { results, claims } = await world.backend.settle([
        { kind: "retry", claim: a, error: ERROR, runAt },
        { kind: "complete", claim: b, result: undefined },
      ], NEXT);
      assertEquals(results, ["settled", "settled"]);
      assertEquals(claims.map(({ id }) => id), ["c", "a"]);
    },
  );

  check("each of several queues gets its ends with a wish", async (world) => {
    const { backend } = world;
    for (const id of ["a", "b"]) await world.addAs(id);
    await backend.enqueue("other", 1, { id: "x" });
    const mine = await world.claimOne();
    const [theirs] = await backend.claim({ ...NEXT, queue: "other" });
    if (theirs === undefined) throw new Error("no claim");
    const ends: readonly Settlement[] = [
      { kind: "complete", claim: mine, result: "1" },
      { kind: "return", claim: { ...theirs, token: "stolen" } },
      { kind: "complete", claim: mine, result: "2" },
      { kind: "return", claim: theirs },
    ];
    const { results, claims } = await backend.settle(ends, NEXT);
    assertEquals(results, ["settled", "lost", "lost", "settled"]);
    assertEquals(claims.map(({ id }) => id), ["b"]);
    assertEquals((await world.job("a")).result, 1);
    assertEquals((await backend.get("other", "x"))?.state, "ready");
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}
