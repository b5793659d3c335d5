/** A wall clock that goes back and jumps ahead. */

import { assert, assertEquals } from "@std/assert";
import { makeRoot, RealQueue, realQueueHost } from "#support/real_queue.ts";
import { optIn } from "../../src/queue/consent.ts";
import { requeueDue } from "../../src/queue/settle.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const MINUTE = 60_000;
const YEARS = 10 * 365 * 24 * 60 * MINUTE;

/** A real disk under a clock that a test sets. */
function turned() {
  const time = { now: START };
  const clock = { now: () => time.now, elapsed: () => performance.now() };
  return { time, host: { ...realQueueHost, clock } };
}

const JUMPS = [
  0,
  MINUTE,
  -YEARS,
  5,
  2 * YEARS,
  -YEARS,
  -MINUTE,
  YEARS,
  -1,
  -2 * YEARS,
];

function lamports(queue: RealQueue): readonly number[] {
  return queue.store.db.all<{ lamport: number }>(
    "SELECT lamport FROM events ORDER BY seq",
  ).map(({ lamport }) => lamport);
}

Deno.test("no jump of the wall clock changes the order of events", async () => {
  await using root = await makeRoot();
  const { time, host } = turned();
  using queue = new RealQueue(root.path, { host, durability: "relaxed" });
  optIn(queue.store, "ada", time.now);
  const emitted: string[] = [];
  for (const jump of [...JUMPS, ...JUMPS]) {
    time.now += jump;
    for (const aggregateId of ["a", "b"]) {
      const outcome = queue.emitter.emit("TaskChanged", {
        aggregateId,
        payload: {},
      });
      assert(outcome.kind === "captured");
      emitted.push(outcome.eventId);
    }
  }
  // Ids grow too, as one program makes them.
  assertEquals(emitted.toSorted(), emitted);
  assertEquals(lamports(queue), emitted.map((_, n) => n + 1));
  assertEquals(queue.deliverAll(), emitted);
});

Deno.test("two programs with clocks ten years apart share one order", async () => {
  await using root = await makeRoot();
  const [one, two] = [turned(), turned()];
  two.time.now += YEARS;
  using first = new RealQueue(root.path, {
    host: one.host,
    durability: "relaxed",
  });
  using second = new RealQueue(root.path, {
    host: two.host,
    durability: "relaxed",
  });
  optIn(first.store, "ada", START);
  const emitted: string[] = [];
  for (let n = 0; n < 20; n++) {
    const { emitter } = n % 3 === 0 ? second : first;
    const outcome = emitter.emit("TaskChanged", {
      aggregateId: "a",
      payload: { n },
    });
    assert(outcome.kind === "captured");
    emitted.push(outcome.eventId);
  }
  assertEquals(lamports(first), emitted.map((_, n) => n + 1));
  assertEquals(second.deliverAll(), emitted);
});

Deno.test("what waits for a retry does not wait for ten years after the clock was set right", async () => {
  await using root = await makeRoot();
  const { time, host } = turned();
  using queue = new RealQueue(root.path, { host, durability: "relaxed" });
  optIn(queue.store, "ada", START);
  queue.emitter.emit("TaskChanged", { aggregateId: "a", payload: {} });
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  time.now += YEARS;
  queue.settle(lease, batch, { kind: "retry", reason: "unknown" });
  const requeue = () => {
    requeueDue(queue.store, lease, { nowMs: time.now, isAsked: false });
    return queue.claim(lease)?.events.length ?? 0;
  };
  assertEquals(requeue(), 0);
  time.now -= YEARS;
  assertEquals(requeue(), 1);
});

Deno.test("a queue that was lost while the clock was ahead gets a higher epoch all the same", async () => {
  await using root = await makeRoot();
  const { time, host } = turned();
  const epochs: number[] = [];
  for (const jump of [0, YEARS, -YEARS, -YEARS, 0]) {
    time.now += jump;
    using queue = new RealQueue(root.path, { host, durability: "relaxed" });
    await Deno.mkdir(queue.paths.directory, { recursive: true });
    if (epochs.length > 0) await Deno.writeTextFile(queue.paths.queue, "lost");
    queue.emitter.emit("TaskChanged", { aggregateId: "a", payload: {} });
    const meta = queue.store.db.get<{ n: number }>(
      "SELECT clock_epoch AS n FROM meta",
    );
    epochs.push(meta?.n ?? 0);
  }
  assert(
    epochs.every((epoch, n) => n === 0 || epoch > (epochs[n - 1] ?? 0)),
    `${epochs}`,
  );
});

Deno.test("a dedupe key counts for a day of the wall clock, whichever way it goes", async () => {
  await using root = await makeRoot();
  const { time, host } = turned();
  using queue = new RealQueue(root.path, { host, durability: "relaxed" });
  const emit = () =>
    queue.emitter.emit("TaskChanged", {
      aggregateId: "a",
      payload: {},
      dedupeKey: "k",
    }).kind;
  assertEquals(emit(), "captured");
  time.now -= YEARS;
  assertEquals(emit(), "duplicate");
  time.now += 2 * YEARS;
  assertEquals(emit(), "captured");
});
