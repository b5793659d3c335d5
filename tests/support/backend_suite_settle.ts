/**
 * What every backend promises about the end of a claim.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { DeadReason, Settlement } from "../../src/jobs/job.ts";
import {
  type CheckBackend,
  ERROR,
  HANG_MS,
  HOUR_MS,
  LONG_LEASE_MS,
  QUEUE,
} from "./backend_world.ts";
import { waitUntil } from "./wait_until.ts";

const REASONS: readonly DeadReason[] = [
  "failed",
  "given_up",
  "timeout",
  "expired",
];

/** Registers the tests about ends. */
export function settleSuite(check: CheckBackend): void {
  completeTests(check);
  retryTests(check);
  deadTests(check);
  returnTests(check);
  manyTests(check);
}

function completeTests(check: CheckBackend): void {
  check("a completed job keeps its result", async (world) => {
    const id = await world.add(1);
    const claim = await world.claimOne();
    const before = Date.now();
    const result = { ok: [true, "ä"] };
    assertEquals(
      await world.complete(claim, JSON.stringify(result)),
      "settled",
    );
    const job = await world.job(id);
    assertEquals([job.state, job.attempts], ["completed", 1]);
    assertEquals(job.result, result);
    assert(job.finishedAt !== undefined && job.finishedAt >= before);
    assertEquals(await world.claim(), []);
  });

  check("a completed job may have no result, or null", async (world) => {
    const none = await world.add(1);
    await world.complete(await world.claimOne());
    const nothing = await world.add(2);
    await world.complete(await world.claimOne(), "null");
    assertEquals((await world.job(none)).result, undefined);
    assertEquals((await world.job(nothing)).result, null);
  });

  check("a claim ends once", async (world) => {
    const id = await world.add(1);
    const claim = await world.claimOne();
    assertEquals(await world.complete(claim, "1"), "settled");
    assertEquals(await world.complete(claim, "2"), "lost");
    assertEquals(await world.kill(claim), "lost");
    assertEquals(await world.settle({ kind: "return", claim }), "lost");
    assertEquals(await world.backend.heartbeat([claim], 1000), [false]);
    assert(!await world.backend.progress(claim, 1));
    const { state, result, attempts } = await world.job(id);
    assertEquals([state, result, attempts], ["completed", 1, 1]);
  });

  check("a claim may be ended by another backend object", async (world) => {
    const id = await world.add(1);
    const claim = await world.claimOne();
    const other = await world.another();
    const end = { kind: "complete", claim, result: "7" } as const;
    assertEquals(await world.settle(end, other), "settled");
    assertEquals((await world.job(id, other)).result, 7);
    assertEquals((await world.job(id)).state, "completed");
  });
}

function retryTests(check: CheckBackend): void {
  check("a failed attempt is made again at its time", async (world) => {
    const id = await world.add(1);
    const claim = await world.claimOne();
    const runAt = Date.now() + 150;
    const end = { kind: "retry", claim, error: ERROR, runAt } as const;
    assertEquals(await world.settle(end), "settled");
    const job = await world.job(id);
    assertEquals([job.state, job.runAt], ["scheduled", runAt]);
    assertEquals([job.attempts, job.finishedAt], [1, undefined]);
    assertEquals(job.error, ERROR);
    assertEquals(await world.claim(), []);
    const again = await world.claimSoon();
    assert(Date.now() >= runAt);
    assertEquals([again.id, again.attempts], [id, 1]);
    assert(again.token !== claim.token);
    assertEquals(await world.complete(claim), "lost");
    assertEquals(await world.complete(again), "settled");
    const { attempts, error } = await world.job(id);
    assertEquals([attempts, error], [2, undefined]);
  });

  check("a failed attempt may be made again at once", async (world) => {
    const id = await world.add(1);
    for (let attempts = 0; attempts < 3; attempts++) {
      const claim = await world.claimOne();
      assertEquals([claim.id, claim.attempts], [id, attempts]);
      const runAt = Date.now();
      await world.settle({ kind: "retry", claim, error: ERROR, runAt });
    }
    const { state, attempts } = await world.job(id);
    assertEquals([state, attempts], ["ready", 3]);
  });
}

function deadTests(check: CheckBackend): void {
  check("a job is dead for the reason that its worker says", async (world) => {
    for (const reason of REASONS) {
      const id = await world.add(reason);
      const claim = await world.claimOne();
      const before = Date.now();
      assertEquals(await world.kill(claim, reason), "settled");
      const job = await world.job(id);
      assertEquals([job.state, job.deadReason], ["dead", reason]);
      assertEquals([job.attempts, job.error], [1, ERROR]);
      assertEquals([job.result, job.runAt], [undefined, undefined]);
      assert(job.finishedAt !== undefined && job.finishedAt >= before);
    }
    assertEquals(await world.claim(), []);
    assertEquals((await world.stats()).counts.dead, REASONS.length);
  });
}

function returnTests(check: CheckBackend): void {
  check("a job that is given back is next and uncounted", async (world) => {
    await world.addAs("a");
    await world.addAs("b");
    const claim = await world.claimOne();
    await world.addAs("c");
    assertEquals(await world.settle({ kind: "return", claim }), "settled");
    const { state, attempts, error } = await world.job("a");
    assertEquals([state, attempts, error], ["ready", 0, undefined]);
    const again = await world.claimOne();
    assertEquals([again.id, again.attempts], ["a", 0]);
    assert(again.token !== claim.token);
    assertEquals(await world.claimIds(), ["b", "c"]);
  });

  check("jobs that are given back keep their order", async (world) => {
    for (const id of ["d", "a", "c"]) await world.addAs(id);
    await world.addAs("high", { priority: 1 });
    const claims = await world.claim(4);
    await world.addAs("later");
    await world.backend.settle(
      claims.map((claim) => ({ kind: "return", claim })),
    );
    assertEquals(await world.claimIds(), ["high", "d", "a", "c", "later"]);
  });
}

function manyTests(check: CheckBackend): void {
  check("many claims are ended at once, each by itself", async (world) => {
    for (const id of ["a", "b", "c", "d", "e"]) await world.addAs(id);
    const [a, b, c, d, e] = await world.claim(5);
    if (!a || !b || !c || !d || !e) throw new Error("no claims");
    await world.complete(c);
    const runAt = Date.now() + HOUR_MS;
    const ends: readonly Settlement[] = [
      { kind: "complete", claim: a, result: "1" },
      { kind: "complete", claim: a, result: "2" },
      { kind: "retry", claim: b, error: ERROR, runAt },
      { kind: "dead", claim: c, error: ERROR, reason: "failed" },
      { kind: "return", claim: { ...d, token: a.token } },
      { kind: "dead", claim: d, error: ERROR, reason: "timeout" },
      { kind: "return", claim: e },
      { kind: "return", claim: { ...e, id: "none" } },
    ];
    assertEquals(await world.backend.settle(ends), {
      results: [
        "settled",
        "lost",
        "settled",
        "lost",
        "lost",
        "settled",
        "settled",
        "lost",
      ],
      claims: [],
    });
    const jobs = await world.backend.list(QUEUE);
    assertEquals(jobs.map(({ id, state, result }) => [id, state, result]), [
      ["a", "completed", 1],
      ["b", "scheduled", undefined],
      ["c", "completed", undefined],
      ["d", "dead", undefined],
      ["e", "ready", undefined],
    ]);
  });

  check("claims of several queues are ended at once", async (world) => {
    await world.addAs("a");
    await world.backend.enqueue("other", 1, { id: "a" });
    const mine = await world.claimOne();
    const [theirs] = await world.backend
      .claim({ queue: "other", limit: 1, leaseMs: LONG_LEASE_MS });
    if (theirs === undefined) throw new Error("no claim");
    const { results } = await world.backend.settle([
      { kind: "complete", claim: theirs, result: "1" },
      { kind: "complete", claim: { ...mine, queue: "other" }, result: "2" },
      { kind: "dead", claim: mine, error: ERROR, reason: "failed" },
    ]);
    assertEquals(results, ["settled", "lost", "settled"]);
    assertEquals((await world.backend.get("other", "a"))?.result, 1);
    assertEquals((await world.job("a")).state, "dead");
  });

  check("the end of a claim may come with a new wish", async (world) => {
    for (const id of ["a", "b", "c", "d"]) await world.addAs(id);
    const claim = await world.claimOne();
    const next = { queue: QUEUE, limit: 2, leaseMs: LONG_LEASE_MS };
    const first = await world.backend.settle(
      [{ kind: "complete", claim, result: undefined }],
      next,
    );
    assertEquals(first.results, ["settled"]);
    assertEquals(first.claims.map(({ id }) => id), ["b", "c"]);
    const [b] = first.claims;
    if (b === undefined) throw new Error("no claim");
    const second = await world.backend.settle(
      [{ kind: "return", claim: b }],
      { ...next, leaseMs: 100 },
    );
    assertEquals(second.claims.map(({ id }) => id), ["b", "d"]);
    const third: string[] = [];
    await waitUntil("both are lost and given again", async () => {
      const { results, claims } = await world.backend.settle([], next);
      assertEquals(results, []);
      third.push(...claims.map(({ id }) => id));
      return third.length > 1;
    }, HANG_MS);
    assertEquals(third.toSorted(), ["b", "d"]);
    assertEquals(await world.backend.settle([], next), {
      results: [],
      claims: [],
    });
  });

  check("the new wish is met also when the claim is lost", async (world) => {
    await world.addAs("a");
    await world.addAs("b");
    const claim = await world.claimOne();
    const next = { queue: QUEUE, limit: 1, leaseMs: LONG_LEASE_MS };
    const { results, claims } = await world.backend.settle(
      [{ kind: "return", claim: { ...claim, token: "stolen" } }],
      next,
    );
    assertEquals(results, ["lost"]);
    assertEquals(claims.map(({ id }) => id), ["b"]);
  });
}
