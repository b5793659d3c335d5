/**
 * What every backend promises to whoever waits for work.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import {
  type BackendWorld,
  type CheckBackend,
  ERROR,
  HANG_MS,
  HOUR_MS,
  pause,
  QUEUE,
} from "./backend_world.ts";

/** Whoever is not woken looks after five seconds; whoever is, is quicker. */
const LATE_MS = 4_000;

/** A wait that is under way. */
interface Waiting {
  /** Settles with the wait, or throws when that never comes. */
  readonly over: () => Promise<void>;
  readonly abort: () => void;
}

function waitFor(backend: QueueBackend): Waiting {
  const controller = new AbortController();
  let isOver = false;
  const wait = backend.waitForWork(QUEUE, controller.signal)
    .then(() => void (isOver = true));
  return {
    abort: () => controller.abort(),
    async over() {
      const hang = new AbortController();
      await Promise.race([wait, hangGuard(hang.signal)]);
      hang.abort();
      assert(isOver, "nobody was woken");
    },
  };
}

function hangGuard(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, HANG_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Waits for work until there is some; gives what was claimed. */
async function workFor(world: BackendWorld): Promise<string> {
  for (const end = Date.now() + HANG_MS; Date.now() < end;) {
    const [claim] = await world.claim();
    if (claim !== undefined) return claim.id;
    await waitFor(world.backend).over();
  }
  throw new Error("there was no work");
}

/** Registers the tests about waiting. */
export function waitSuite(check: CheckBackend): void {
  check("who waits is woken by a job", async (world) => {
    const work = workFor(world);
    await pause(50);
    const addedAt = Date.now();
    const id = await world.add(1);
    assertEquals(await work, id);
    assert(Date.now() < addedAt + LATE_MS);
  });

  check("who waits is woken by a job of another", async (world) => {
    const other = await world.another();
    const work = workFor(world);
    await pause(50);
    const addedAt = Date.now();
    const { id } = await other.enqueue(QUEUE, 1);
    assertEquals(await work, id);
    assert(Date.now() < addedAt + LATE_MS);
  });

  check("who waits is woken when a job is due", async (world) => {
    const work = workFor(world);
    await pause(30);
    const runAt = Date.now() + 100;
    const id = await world.add(1, { runAt });
    assertEquals(await work, id);
    assert(Date.now() < runAt + LATE_MS);
  });

  check("who gives up to wait takes no time from others", async (world) => {
    const runAt = Date.now() + 200;
    const id = await world.add(1, { runAt });
    const other = waitFor(await world.another());
    await pause(60);
    other.abort();
    await other.over();
    assertEquals(await workFor(world), id);
    assert(Date.now() < runAt + LATE_MS);
  });

  check("a job that is due earlier wakes earlier", async (world) => {
    await world.add("late", { delayMs: HOUR_MS });
    const work = workFor(world);
    await pause(30);
    const runAt = Date.now() + 100;
    const id = await world.add("early", { runAt });
    assertEquals(await work, id);
    assert(Date.now() < runAt + LATE_MS);
  });

  check("who waits is woken when a worker has vanished", async (world) => {
    const id = await world.add(1);
    await world.claimOne(200);
    assertEquals(await workFor(world), id);
  });

  check("who waits is woken by a job that is given back", async (world) => {
    const id = await world.add(1);
    const claim = await world.claimOne();
    const work = workFor(world);
    await pause(50);
    await world.settle({ kind: "return", claim });
    assertEquals(await work, id);
    const again = await world.add(2);
    const failed = await world.claimOne();
    const more = workFor(world);
    const runAt = Date.now() + 60;
    await world.settle({ kind: "retry", claim: failed, error: ERROR, runAt });
    assertEquals(await more, again);
  });

  check("who waits is woken by whoever cares for jobs", async (world) => {
    const { backend } = world;
    await world.addAs("promoted", { delayMs: HOUR_MS });
    let work = workFor(world);
    await pause(30);
    await backend.promote(QUEUE, "promoted");
    assertEquals(await work, "promoted");
    await world.addDead("replayed");
    work = workFor(world);
    await pause(30);
    await backend.replayDead(QUEUE);
    assertEquals(await work, "replayed");
    await backend.pause(QUEUE);
    await world.addAs("resumed");
    work = workFor(world);
    await pause(30);
    await backend.resume(QUEUE);
    assertEquals(await work, "resumed");
  });

  check("a wait is over at once when there is work", async (world) => {
    await world.add(1);
    await waitFor(world.backend).over();
    await waitFor(await world.another()).over();
  });

  check("a wait is over when it is not wanted any more", async (world) => {
    const waiting = waitFor(world.backend);
    await pause(30);
    waiting.abort();
    await waiting.over();
    const never = waitFor(world.backend);
    never.abort();
    await never.over();
    await world.backend.waitForWork(QUEUE, AbortSignal.abort());
  });

  check("a wait is over when the backend is stopped", async (world) => {
    const other = await world.another();
    const waiting = waitFor(other);
    await pause(30);
    await other.stop();
    await waiting.over();
  });

  check("a paused queue does not keep its workers busy", async (world) => {
    await world.add(1);
    await world.backend.pause(QUEUE);
    assert(await countWaits(world.backend, QUEUE) < 20);
  });

  check("a queue without work does not keep workers busy", async (world) => {
    await world.add(1);
    assert(await countWaits(world.backend, "idle") < 20);
    await world.claimOne();
    assert(await countWaits(world.backend, QUEUE) < 20);
  });
}

/** How often a worker without anything to do would look in 200 ms. */
async function countWaits(backend: QueueBackend, queue: string) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 200);
  let waits = 0;
  while (!controller.signal.aborted && waits < 1000) {
    await backend.waitForWork(queue, controller.signal);
    waits++;
  }
  clearTimeout(timer);
  return waits;
}
