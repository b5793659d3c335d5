/**
 * What every backend promises to whoever listens.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { JobEvent } from "../../src/jobs/backend.ts";
import {
  type BackendWorld,
  type CheckBackend,
  ERROR,
  HANG_MS,
  HOUR_MS,
  pause,
  QUEUE,
} from "./backend_world.ts";
import { waitUntil } from "./wait_until.ts";

/** Registers the tests about events. */
export function eventSuite(check: CheckBackend): void {
  check("everything that happens to jobs is told", async (world) => {
    using watch = world.watch();
    await makeEverythingHappen(world);
    await assertHeard(watch.events);
  });

  check("what others do is told where a backend notifies", async (world) => {
    const other = await world.another();
    if (!other.capabilities.notifies) return;
    using watch = world.watch(other);
    // Who listens may need a moment until it is heard elsewhere.
    await waitUntil("the other backend object hears something", async () => {
      await world.backend.enqueue("hello", 1);
      await pause(20);
      return watch.events.length > 0;
    });
    await makeEverythingHappen(world);
    await assertHeard(watch.events);
  });

  check("who has stopped listening hears nothing", async (world) => {
    const watch = world.watch();
    using still = world.watch();
    await world.addAs("a");
    await waitUntil(
      "both have heard",
      () => watch.events.length + still.events.length === 2,
    );
    watch[Symbol.dispose]();
    watch[Symbol.dispose]();
    await world.addAs("b");
    await waitUntil("one has heard more", () => still.events.length === 2);
    assertEquals(watch.events.map(({ id }) => id), ["a"]);
  });

  check("what changes nothing is not told", async (world) => {
    const claim = await fillQuietly(world);
    using watch = world.watch();
    await world.addAs("a");
    await world.backend.cancel(QUEUE, "none");
    await world.complete({ ...claim, token: "stolen" });
    await world.backend.progress({ ...claim, token: "stolen" }, 1);
    await world.addAs("last");
    await waitUntil("the last one was told", () => watch.events.length > 0);
    assertEquals(watch.events, [{
      kind: "enqueued",
      queue: QUEUE,
      id: "last",
    }]);
  });
}

async function fillQuietly(world: BackendWorld) {
  await world.addAs("a");
  const claim = await world.claimOne();
  using watch = world.watch();
  await world.backend.enqueue("other", 1, { id: "sign" });
  await waitUntil(
    "all before has been told",
    () => watch.events.some(({ id }) => id === "sign"),
  );
  return claim;
}

/** What is told about each job, in order. */
const STORIES: Readonly<Record<string, readonly JobEvent["kind"][]>> = {
  good: ["enqueued", "started", "progress", "completed"],
  again: ["enqueued", "started", "retried"],
  bad: ["enqueued", "started", "dead"],
  never: ["enqueued", "cancelled"],
  lost: ["enqueued", "started", "stalled", "started", "stalled", "dead"],
};

async function makeEverythingHappen(world: BackendWorld): Promise<void> {
  const { backend } = world;
  for (const id of ["good", "again", "bad"]) await world.addAs(id);
  const [good, again, bad] = await world.claim(3);
  if (!good || !again || !bad) throw new Error("no claims");
  await backend.progress(good, 50);
  const runAt = Date.now() + HOUR_MS;
  await backend.settle([
    { kind: "complete", claim: good, result: undefined },
    { kind: "retry", claim: again, error: ERROR, runAt },
    { kind: "dead", claim: bad, error: ERROR, reason: "failed" },
  ]);
  await world.addAs("never");
  await backend.cancel(QUEUE, "never");
  await world.addAs("lost");
  await world.claimOne(50);
  await world.claimSoon(50);
  await waitUntil("the job is dead", async () => {
    await world.claim();
    return (await world.job("lost")).state === "dead";
  }, HANG_MS);
}

async function assertHeard(events: readonly JobEvent[]): Promise<void> {
  const heard = (id: string) =>
    events.filter((event) => event.id === id && event.queue === QUEUE)
      .map(({ kind }) => kind);
  await waitUntil(
    `all is heard, not only ${JSON.stringify(events)}`,
    () =>
      Object.entries(STORIES)
        .every(([id, story]) => heard(id).length >= story.length),
  );
  for (const [id, story] of Object.entries(STORIES)) {
    assertEquals(heard(id), story, id);
  }
  const mine = events.filter(({ queue }) => queue === QUEUE);
  assert(mine.every(({ id }) => id in STORIES));
}
