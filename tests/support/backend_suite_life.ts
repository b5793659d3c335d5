/**
 * What every backend promises about starting, stopping and being ready.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import { KnownError } from "../../src/errors.ts";
import { type CheckBackend, LONG_LEASE_MS, QUEUE } from "./backend_world.ts";

/** Registers the tests about the life of a backend. */
export function lifeSuite(check: CheckBackend): void {
  startTests(check);
  stoppedTests(check);
  readyTests(check);
}

function startTests(check: CheckBackend): void {
  check("starting twice is starting once", async (world) => {
    const { backend } = world;
    const id = await world.add(1);
    await backend.start();
    await Promise.all([backend.start(), backend.start()]);
    assertEquals((await world.job(id)).state, "ready");
  });

  check("stopping twice is stopping once", async (world) => {
    const { backend } = world;
    const nothing = { finished: 0, returned: 0 };
    const reports = [
      ...await Promise.all([backend.stop(), backend.stop()]),
      await backend.stop(),
    ];
    for (const { finished, returned, ms } of reports) {
      assertEquals({ finished, returned }, nothing);
      assert(ms >= 0);
    }
  });

  check("a backend can be started and stopped in any order", async (world) => {
    const { backend } = world;
    const id = await world.add(1);
    await backend.stop();
    await backend.start();
    assertEquals((await world.job(id)).state, "ready");
    await Promise.all([backend.stop(), backend.start(), backend.stop()]);
    await Promise.all([backend.start(), backend.stop(), backend.start()]);
    await backend.start();
    assertEquals((await world.claimOne()).id, id);
    await Promise.all([backend.start(), backend.stop()]);
    await backend.stop();
    await assertStopped(() => backend.stats());
  });

  check("one backend object stops and others go on", async (world) => {
    const other = await world.another();
    await other.stop();
    const id = await world.add(1);
    assertEquals((await world.claimOne()).id, id);
    await other.start();
    assertEquals((await world.job(id, other)).state, "active");
  });
}

async function assertStopped(use: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(use, KnownError);
  assertEquals(error.code, "not_ready", error.message);
}

function uses(
  backend: QueueBackend,
): readonly (() => Promise<unknown>)[] {
  const wish = { queue: QUEUE, limit: 1, leaseMs: LONG_LEASE_MS };
  return [
    () => backend.enqueue(QUEUE, 1),
    () => backend.enqueueMany(QUEUE, [{ data: 1 }]),
    () => backend.claim(wish),
    () => backend.settle([], wish),
    () => backend.get(QUEUE, "a"),
    () => backend.list(QUEUE),
    () => backend.cancel(QUEUE, "a"),
    () => backend.promote(QUEUE, "a"),
    () => backend.listDead(QUEUE),
    () => backend.replayDead(QUEUE),
    () => backend.purgeDead(QUEUE),
    () => backend.pause(QUEUE),
    () => backend.resume(QUEUE),
    () => backend.stats(),
    () => backend.seal("elsewhere"),
    () => backend.exportJobs(undefined, 1),
    () => backend.importJobs([]),
  ];
}

function stoppedTests(check: CheckBackend): void {
  check("a stopped backend says that it is stopped", async (world) => {
    const { backend } = world;
    await world.addAs("a");
    const claim = await world.claimOne();
    await backend.stop();
    for (const use of uses(backend)) await assertStopped(use);
    const end = { kind: "complete", claim, result: undefined } as const;
    await assertStopped(() => backend.settle([end]));
    await assertStopped(() => backend.heartbeat([claim], 1000));
    await assertStopped(() => backend.progress(claim, 1));
    assertThrows(() => backend.process(QUEUE, () => undefined), KnownError);
    const other = await world.another();
    assertEquals((await world.job("a", other)).state, "active");
    assertEquals(await world.settle(end, other), "settled");
  });

  check("who listens may do so over a stop", async (world) => {
    const { backend } = world;
    using watch = world.watch();
    await backend.stop();
    await backend.start();
    await world.add(1);
    for (let n = 0; n < 500 && watch.events.length === 0; n++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals(watch.events.map(({ kind }) => kind), ["enqueued"]);
  });
}

function readyTests(check: CheckBackend): void {
  check("a backend that works is ready", async (world) => {
    const { backend } = world;
    for (const isStarted of [true, false]) {
      if (!isStarted) await backend.stop();
      const { ok, checks, latencyMs } = await backend.checkReady();
      assert(ok, JSON.stringify(checks));
      assert(checks.length > 0);
      for (const { check: name, detail, level } of checks) {
        assert(name !== "" && detail !== "");
        assert(level !== "fail");
      }
      assert(latencyMs >= 0);
    }
  });

  check("a look at readiness changes nothing and ends", async (world) => {
    const { backend } = world;
    await world.add(1);
    const before = await backend.stats();
    await Promise.all([
      backend.checkReady({ timeoutMs: 1000 }),
      backend.checkReady({ timeoutMs: 1 }),
      backend.checkReady({ signal: AbortSignal.abort() }),
    ]);
    assertEquals(await backend.stats(), before);
  });

  check("a backend says what and where it is", async (world) => {
    const { kind, place, tenant, capabilities } = world.backend;
    const other = await world.another();
    assertEquals(
      [other.kind, other.place, other.tenant],
      [kind, place, tenant],
    );
    assert(place !== "" && tenant !== "");
    assertEquals(capabilities.durable, kind !== "memory");
    assertEquals(capabilities.shared, kind === "redis");
  });
}
