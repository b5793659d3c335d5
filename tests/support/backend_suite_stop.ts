/**
 * What every backend promises about stopping while jobs run.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { RunningJob } from "../../src/jobs/handler.ts";
import { waitForState } from "./backend_suite_process.ts";
import {
  type BackendWorld,
  type CheckBackend,
  pause,
  QUEUE,
} from "./backend_world.ts";
import { waitUntil } from "./wait_until.ts";

/** Whoever waits for so long has not heard how long it may. */
const DEFAULT_DEADLINE_MS = 10_000;

function untilAborted({ signal }: RunningJob): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** Adds a job to a queue that is worked on, and waits until it runs. */
async function addRunning(world: BackendWorld, id: string): Promise<void> {
  await world.addAs(id);
  await waitForState(world, id, "active");
}

/** Registers the tests about stopping. */
export function stopSuite(check: CheckBackend): void {
  drainTests(check);
  abortTests(check);
  againTests(check);
}

function drainTests(check: CheckBackend): void {
  check("stopping lets running jobs end and begins none", async (world) => {
    const gate = Promise.withResolvers<void>();
    world.backend.process(QUEUE, async ({ id }) => {
      await gate.promise;
      return id;
    }, { concurrency: 2 });
    await addRunning(world, "a");
    await addRunning(world, "b");
    await world.addAs("c");
    const stopping = world.backend.stop();
    await pause(30);
    gate.resolve();
    const { finished, returned, ms } = await stopping;
    assertEquals([finished, returned], [2, 0]);
    assert(ms >= 0);
    const other = await world.another();
    const jobs = await other.list(QUEUE);
    assertEquals(jobs.map(({ id, state, result }) => [id, state, result]), [
      ["a", "completed", "a"],
      ["b", "completed", "b"],
      ["c", "ready", undefined],
    ]);
  });

  check("running jobs go back when the time is over", async (world) => {
    world.backend.process(QUEUE, untilAborted, { concurrency: 2 });
    await addRunning(world, "a");
    await addRunning(world, "b");
    await world.addAs("c");
    const { finished, returned, ms } = await world.backend.stop({
      deadlineMs: 100,
    });
    assertEquals([finished, returned], [0, 2]);
    assert(ms < DEFAULT_DEADLINE_MS);
    const other = await world.another();
    const jobs = await other.list(QUEUE);
    assertEquals(jobs.map(({ state, attempts }) => [state, attempts]), [
      ["ready", 0],
      ["ready", 0],
      ["ready", 0],
    ]);
    const claim = await world.claimOne(undefined, other);
    assertEquals(claim.id, "a");
  });

  check("an idle backend stops", async (world) => {
    world.backend.process(QUEUE, () => undefined);
    world.backend.process("other", () => undefined);
    await pause(50);
    const { finished, returned } = await world.backend.stop();
    assertEquals([finished, returned], [0, 0]);
  });
}

function abortTests(check: CheckBackend): void {
  check("a job that is told to stop goes back uncounted", async (world) => {
    world.backend.process(QUEUE, untilAborted);
    await addRunning(world, "a");
    await world.addAs("b");
    const { finished, returned, ms } = await world.backend.stop({
      mode: "abort",
    });
    assertEquals([finished, returned], [0, 1]);
    assert(ms < DEFAULT_DEADLINE_MS);
    const other = await world.another();
    const job = await world.job("a", other);
    assertEquals([job.state, job.attempts, job.stalls], ["ready", 0, 0]);
    assertEquals((await world.claimOne(undefined, other)).id, "a");
  });

  check("a job that does not listen goes back too", async (world) => {
    const gate = Promise.withResolvers<void>();
    world.backend.process(QUEUE, () => gate.promise);
    await addRunning(world, "a");
    const options = { mode: "abort", deadlineMs: 100 } as const;
    const { returned } = await world.backend.stop(options);
    assertEquals(returned, 1);
    const other = await world.another();
    assertEquals((await world.job("a", other)).state, "ready");
    gate.resolve();
    await pause(20);
    const { state, attempts } = await world.job("a", other);
    assertEquals([state, attempts], ["ready", 0]);
  });
}

function againTests(check: CheckBackend): void {
  check("one worker stops and the others go on", async (world) => {
    const done: string[] = [];
    const note = ({ id }: RunningJob) => void done.push(id);
    const handle = world.backend.process(QUEUE, note);
    world.backend.process("other", note);
    await world.addAs("a");
    await waitUntil("it is done", () => done.length === 1);
    await waitForState(world, "a", "completed");
    await handle.stop();
    await world.addAs("b");
    await world.backend.enqueue("other", 1, { id: "c" });
    await waitUntil("the other is done", () => done.length === 2);
    await pause(30);
    assertEquals(done, ["a", "c"]);
    assertEquals((await world.job("b")).state, "ready");
    world.backend.process(QUEUE, note);
    await waitForState(world, "b", "completed");
  });

  check("a second start leaves the workers alone", async (world) => {
    const gate = Promise.withResolvers<void>();
    world.backend.process(QUEUE, () => gate.promise);
    await addRunning(world, "a");
    await world.backend.start();
    const stopping = world.backend.stop();
    gate.resolve();
    assertEquals((await stopping).finished, 1);
    const other = await world.another();
    assertEquals((await world.job("a", other)).state, "completed");
  });

  check("a start waits for the stop that is under way", async (world) => {
    const { backend } = world;
    const gate = Promise.withResolvers<void>();
    backend.process(QUEUE, () => gate.promise);
    await addRunning(world, "a");
    const stopping = backend.stop();
    const starting = backend.start();
    gate.resolve();
    assertEquals((await stopping).finished, 1);
    await starting;
    assertEquals((await world.job("a")).state, "completed");
    await world.addAs("b");
    assertEquals((await world.claimOne()).id, "b");
  });

  check("after a new start the work goes on", async (world) => {
    const { backend } = world;
    backend.process(QUEUE, untilAborted);
    await addRunning(world, "a");
    await backend.stop({ mode: "abort" });
    await backend.start();
    assertEquals((await world.job("a")).state, "ready");
    backend.process(QUEUE, ({ id }) => id);
    const job = await waitForState(world, "a", "completed");
    assertEquals([job.result, job.attempts], ["a", 1]);
  });
}
