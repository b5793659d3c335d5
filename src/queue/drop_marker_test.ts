import { assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { optIn } from "./consent.ts";
import { reclaim } from "./reclaim.ts";

/** A queue of 20 places, 19 of which are taken, and three losses. */
async function nearlyFull(): Promise<FakeQueue> {
  const queue = await fakeQueue({ limits: { maxRows: 20 } });
  optIn(queue.store, "ada", 1);
  for (let n = 0; n < 18; n++) queue.change("t1");
  for (let n = 0; n < 3; n++) {
    assertEquals(queue.emit("TaskTimed", "t1").kind, "dropped");
  }
  return queue;
}

function makeRoom(queue: FakeQueue, count: number): void {
  const lease = queue.takeLease();
  queue.requeue(lease);
  const batch = queue.claim(lease, { maxEvents: count });
  if (batch === undefined) return;
  queue.settle(lease, batch, { kind: "delivered" });
  reclaim(queue.store, { untilMs: Infinity, limit: count });
}

const MARKERS = `SELECT seq, json_extract(body, '$.payload') AS payload,
  json_extract(body, '$.aggregate_id') AS about FROM events
  WHERE type = 'TelemetryDropped' ORDER BY seq`;

Deno.test("takeDropMarker() tells once how many were dropped and since when", async () => {
  const queue = await nearlyFull();
  makeRoom(queue, 5);
  queue.change("t1");
  queue.change("t1");
  assertEquals(queue.rows(MARKERS), [{
    seq: 20,
    payload: '{"count":3,"since_lamport":18,"until_lamport":19}',
    about: queue.store.buildId,
  }]);
  assertEquals(queue.meta()["dropped"], 3);
  assertEquals(queue.meta()["dropped_pending"], 0);
});

Deno.test("takeDropMarker() says nothing while there is no room", async () => {
  const queue = await nearlyFull();
  queue.change("t1");
  assertEquals(queue.rows(MARKERS), []);
  assertEquals(queue.meta()["dropped_pending"], 3);
});

Deno.test("takeDropMarker() says nothing when nothing was dropped", async () => {
  const queue = await fakeQueue();
  queue.change("t1");
  assertEquals(queue.rows(MARKERS), []);
});

Deno.test("takeDropMarker() begins to count anew after it has told", async () => {
  const queue = await nearlyFull();
  makeRoom(queue, 4);
  queue.change("t1");
  for (let n = 0; n < 4; n++) queue.emit("TaskTimed", "t1");
  makeRoom(queue, 4);
  queue.change("t1");
  const counts = queue.rows<{ payload: string }>(MARKERS)
    .map(({ payload }) => JSON.parse(payload).count);
  assertEquals(counts, [3, (queue.meta()["dropped"] ?? 0) - 3]);
});

Deno.test("takeDropMarker() keeps the number when the marker itself finds no room", async () => {
  const queue = await fakeQueue({ limits: { maxBytes: 10_000 } });
  queue.change("t1");
  const small = queue.meta()["live_bytes"] ?? 0;
  // With one more small event the queue is just below 95 % full.
  const text = "x".repeat(9450 - 3 * small - '"text":""'.length);
  queue.change("t1", { payload: { text } });
  const timed = { payload: { text: "x".repeat(100) } };
  assertEquals(queue.emit("TaskTimed", "t1", timed).kind, "dropped");
  queue.change("t1");
  assertEquals(queue.rows(MARKERS), []);
  assertEquals(queue.meta()["dropped_pending"], 1);
  assertEquals(queue.meta()["live_bytes"], 9450);
});
