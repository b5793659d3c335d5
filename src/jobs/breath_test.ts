import { assert, assertEquals } from "@std/assert";
import {
  CountingClock,
  QUEUE,
  workerWorld,
} from "#support/scripted_backend.ts";
import { Breath } from "./breath.ts";
import { startWorker } from "./worker.ts";

/** A clock on which each look takes time, as work does. */
class WorkingClock extends CountingClock {
  worked = 0;
  turns = 0;

  override elapsed(): number {
    return super.elapsed() + this.worked;
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.turns++;
    return super.sleep(ms, signal);
  }
}

Deno.test("a breath is taken after 20 ms of work and 16 steps", async () => {
  const clock = new WorkingClock();
  const breath = new Breath(clock);
  const turnsAfter = async (steps: number) => {
    for (let step = 0; step < steps; step++) await breath.take();
    return clock.turns;
  };
  assertEquals(await turnsAfter(100), 0);
  clock.worked = 19;
  assertEquals(await turnsAfter(1), 0);
  clock.worked = 20;
  assertEquals(await turnsAfter(1), 1);
  clock.worked = 1000;
  assertEquals(await turnsAfter(15), 1);
  assertEquals(await turnsAfter(1), 2);
});

Deno.test("quick handlers on a quick backend leave others their turn", async () => {
  const { host, backend } = workerWorld();
  const clock = new WorkingClock();
  const ids = Array.from({ length: 2000 }, (_, at) => `j${at}`);
  backend.add(ids);
  const worker = startWorker({ ...host, clock }, backend, QUEUE, () => {
    clock.worked++;
  });
  let countAtTurn: number | undefined;
  setTimeout(() => {
    countAtTurn ??= worker.counts.completed;
  });
  await clock.advance(1000);
  assert(countAtTurn !== undefined && countAtTurn < 1000, `${countAtTurn}`);
  assertEquals(worker.counts.completed, 2000);
  await worker.stop();
});
