/**
 * What every backend promises about keeping equal jobs away.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Dedupe } from "../../src/jobs/job.ts";
import {
  type BackendWorld,
  type CheckBackend,
  ERROR,
  HOUR_MS,
  pauseUntil,
  QUEUE,
} from "./backend_world.ts";

/** Another process may count a time from when it hears of it. */
const SLACK_MS = 30;
const DELAYED = { delayMs: HOUR_MS };
const REPLACE: Dedupe = { key: "k", mode: "replace" };

async function assertKept(
  world: BackendWorld,
  by: string,
  dedupe: Dedupe = { key: "k" },
): Promise<void> {
  assertEquals(
    await world.addAs("refused", { dedupe }),
    { id: by, status: "duplicate" },
  );
}

async function assertAdded(
  world: BackendWorld,
  id: string,
  dedupe: Dedupe = { key: "k" },
): Promise<void> {
  const added = await world.addAs(id, { dedupe });
  assertEquals(added, { id, status: "enqueued" });
}

/** Registers the tests about equal jobs. */
export function dedupeSuite(check: CheckBackend): void {
  endTests(check);
  timeTests(check);
  replaceTests(check);
}

function endTests(check: CheckBackend): void {
  check("a job keeps equal ones away until it is completed", async (world) => {
    await world.addAs("a", { dedupe: { key: "k" }, ...DELAYED });
    await assertKept(world, "a");
    await world.backend.promote(QUEUE, "a");
    await assertKept(world, "a");
    const claim = await world.claimOne();
    await assertKept(world, "a");
    const runAt = Date.now() + HOUR_MS;
    await world.settle({ kind: "retry", claim, error: ERROR, runAt });
    await assertKept(world, "a");
    await world.backend.promote(QUEUE, "a");
    const again = await world.claimOne();
    await world.settle({ kind: "return", claim: again });
    await assertKept(world, "a");
    await world.complete(await world.claimOne());
    await assertAdded(world, "b");
    await assertKept(world, "b");
  });

  check("a dead job keeps no equal ones away", async (world) => {
    await assertAdded(world, "a");
    await world.kill(await world.claimOne());
    await assertAdded(world, "b");
  });

  check("a cancelled job keeps no equal ones away", async (world) => {
    await assertAdded(world, "a");
    await world.backend.cancel(QUEUE, "a");
    await assertAdded(world, "b", { key: "k", ttlMs: HOUR_MS });
    await world.backend.cancel(QUEUE, "b");
    await assertAdded(world, "c");
  });

  check(
    "a job that stalled to death keeps no equal ones away",
    async (world) => {
      await assertAdded(world, "a");
      await world.claimOne(50);
      await world.claimSoon(50);
      while ((await world.job("a")).state !== "dead") await world.claim();
      await assertAdded(world, "b");
    },
  );

  check("other keys and queues are not kept away", async (world) => {
    const dedupe = { key: "k" };
    await assertAdded(world, "a");
    await assertAdded(world, "b", { key: "K" });
    await assertAdded(world, "c", { key: "k " });
    const other = await world.backend.enqueue("other", 1, { dedupe });
    assertEquals(other.status, "enqueued");
    assertEquals((await world.addAs("d")).status, "enqueued");
  });

  check("of equal keys at the same time one is added", async (world) => {
    const other = await world.another();
    const added = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) =>
        (n % 2 === 0 ? other : world.backend)
          .enqueue(QUEUE, n, { dedupe: { key: "k" } })
      ),
    );
    const statuses = added.map(({ status }) => status).toSorted();
    assertEquals(statuses, [...Array(5).fill("duplicate"), "enqueued"]);
    assertEquals(new Set(added.map(({ id }) => id)).size, 1);
  });
}

function timeTests(check: CheckBackend): void {
  check("with a time, a key is held until it is over", async (world) => {
    await assertAdded(world, "a", { key: "k", ttlMs: 400 });
    const until = Date.now() + 400 + SLACK_MS;
    await world.complete(await world.claimOne());
    await assertKept(world, "a");
    await assertAdded(world, "b", { key: "dead", ttlMs: HOUR_MS });
    await world.kill(await world.claimOne());
    await assertKept(world, "b", { key: "dead" });
    await pauseUntil(until);
    await assertAdded(world, "c");
    await assertKept(world, "b", { key: "dead" });
  });

  check(
    "a key is free after its time, whatever the job does",
    async (world) => {
      await assertAdded(world, "waits", { key: "k", ttlMs: 60 });
      const { createdAt } = await world.job("waits");
      await pauseUntil(createdAt + 60 + SLACK_MS);
      await assertAdded(world, "b");
      // The first one is no more the holder: its end frees nothing.
      const claim = await world.claimOne();
      assertEquals(claim.id, "waits");
      await world.complete(claim);
      await assertKept(world, "b");
    },
  );
}

function replaceTests(check: CheckBackend): void {
  check("a scheduled job is replaced", async (world) => {
    await world.addAs("a", { dedupe: { key: "k" }, ...DELAYED });
    const added = await world.backend.enqueue(QUEUE, "new", {
      id: "b",
      dedupe: REPLACE,
      delayMs: 2 * HOUR_MS,
      priority: 7,
    });
    assertEquals(added, { id: "b", status: "replaced" });
    assertEquals(await world.backend.get(QUEUE, "a"), undefined);
    const { data, priority, state } = await world.job("b");
    assertEquals([data, priority, state], ["new", 7, "scheduled"]);
    assertEquals((await world.stats()).counts.scheduled, 1);
    const third = await world.addAs("c", { dedupe: REPLACE });
    assertEquals(third, { id: "c", status: "replaced" });
    assertEquals(await world.claimIds(), ["c"]);
  });

  check("a job between two attempts is replaced", async (world) => {
    await assertAdded(world, "a");
    const runAt = Date.now() + HOUR_MS;
    const claim = await world.claimOne();
    await world.settle({ kind: "retry", claim, error: ERROR, runAt });
    const added = await world.addAs("b", { dedupe: REPLACE });
    assertEquals(added, { id: "b", status: "replaced" });
    assertEquals((await world.job("b")).attempts, 0);
  });

  check("a ready or active job is not replaced", async (world) => {
    await assertAdded(world, "a");
    await assertKept(world, "a", REPLACE);
    const claim = await world.claimOne();
    await assertKept(world, "a", REPLACE);
    await world.complete(claim);
    await assertAdded(world, "b", REPLACE);
    assertEquals(await world.backend.get(QUEUE, "refused"), undefined);
  });

  check("the time of a replaced job does not count", async (world) => {
    await world.addAs("a", { dedupe: { key: "k", ttlMs: 60 }, ...DELAYED });
    const { createdAt } = await world.job("a");
    await world.addAs("b", { dedupe: REPLACE, ...DELAYED });
    await pauseUntil(createdAt + 60 + SLACK_MS);
    await assertKept(world, "b");
    const added = await world.addAs("c", {
      dedupe: { ...REPLACE, ttlMs: HOUR_MS },
    });
    assertEquals(added.status, "replaced");
    await world.complete(await world.claimOne());
    await assertKept(world, "c");
  });
}
