import { assert, assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue, TARGET } from "#support/fake_queue.ts";
import { type Batch, BATCH_FRAME_BYTES } from "./claim.ts";
import { optIn } from "./consent.ts";
import { byteLength } from "./envelope.ts";

async function eligible(...tasks: readonly string[]): Promise<FakeQueue> {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  for (const task of tasks) queue.change(task);
  return queue;
}

const seqs = (batch: Batch | undefined) => batch?.events.map(({ seq }) => seq);

Deno.test("claimBatch() finds nothing in an empty queue", async () => {
  const queue = await eligible();
  const lease = queue.takeLease();
  assertEquals(queue.claim(lease), undefined);
  assertEquals(queue.rows("SELECT batch_id FROM batches"), []);
});

Deno.test("claimBatch() writes down what will be sent before it is sent", async () => {
  const queue = await eligible("a", "b");
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  const now = queue.host.clock.now();
  assertEquals(queue.rows("SELECT * FROM batches"), [{
    "batch_id": batch.batchId,
    "lease_token": lease.token,
    "seq_from": 1,
    "seq_to": 2,
    count: 2,
    bytes: batch.bytes,
    ...TARGET,
    "sent_at": now,
    outcome: null,
    http: null,
    "ended_at": null,
  }]);
  assertEquals(
    queue.rows(
      `SELECT seq, lane, state, is_open, holds, epoch, attempts, first_at,
         last_at, batch_id FROM deliveries`,
    ),
    ["a", "b"].map((task, n) => ({
      seq: n + 1,
      lane: `Task:${task}`,
      state: "inflight",
      "is_open": 1,
      holds: 1,
      epoch: 1,
      attempts: 0,
      "first_at": now,
      "last_at": now,
      "batch_id": batch.batchId,
    })),
  );
});

Deno.test("claimBatch() gives each event with its bytes, its lane and its role", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  const created = queue.emit("TaskCreated", "a");
  assert(created.kind === "captured");
  const batch = queue.claim(queue.takeLease());
  const [row] = queue.rows<{ body: string }>("SELECT body FROM events");
  assertEquals(batch?.events, [{
    seq: 1,
    eventId: created.eventId,
    lane: "Task:a",
    orderRole: "create",
    body: row?.body ?? "",
    attempts: 0,
  }]);
});

Deno.test("claimBatch() never gives an event to two batches", async () => {
  const queue = await eligible("a", "b", "a", "b", "c");
  const lease = queue.takeLease();
  const claimed: number[] = [];
  for (let batch = queue.claim(lease, { maxEvents: 2 }); batch !== undefined;) {
    claimed.push(...seqs(batch) ?? []);
    batch = queue.claim(lease, { maxEvents: 2 });
  }
  // The lanes of the first two wait for their end.
  assertEquals(claimed, [1, 2, 5]);
});

Deno.test("claimBatch() takes several events of a lane in their order", async () => {
  const queue = await eligible("a", "a", "b", "a");
  const lease = queue.takeLease();
  assertEquals(seqs(queue.claim(lease)), [1, 2, 3, 4]);
});

Deno.test.each([
  { maxEvents: 1, sizes: [1, 1, 1, 1, 1] },
  { maxEvents: 2, sizes: [2, 2, 1] },
  { maxEvents: 5, sizes: [5] },
  { maxEvents: 1000, sizes: [5] },
])(
  "claimBatch() takes at most $maxEvents events",
  async ({ maxEvents, sizes }) => {
    const queue = await eligible("a", "b", "c", "d", "e");
    const lease = queue.takeLease();
    const seen: number[] = [];
    for (let batch = queue.claim(lease, { maxEvents }); batch !== undefined;) {
      seen.push(batch.events.length);
      batch = queue.claim(lease, { maxEvents });
    }
    assertEquals<readonly number[]>(seen, sizes);
  },
);

/** The body of the request as it is sent. */
function requestOf(batch: Batch): string {
  return `{"events":[${batch.events.map(({ body }) => body).join(",")}]}`;
}

Deno.test("claimBatch() keeps the request within its bytes, and not far below", async () => {
  const texts = ["", "x".repeat(500), "ä".repeat(400), "\n".repeat(90), "y"];
  for (let maxBytes = 1500; maxBytes < 6000; maxBytes += 37) {
    const queue = await eligible();
    for (const [n, text] of texts.entries()) {
      queue.change(`t${n}`, { payload: { text } });
    }
    const batch = queue.claim(queue.takeLease(), { maxBytes });
    assert(batch !== undefined);
    const size = byteLength(requestOf(batch));
    assert(
      size <= batch.bytes && batch.bytes <= maxBytes,
      `${size} of ${maxBytes}`,
    );
    const [next] = queue.rows<{ bytes: number }>(
      "SELECT bytes FROM events WHERE seq = ?",
      batch.events.length + 1,
    );
    if (next !== undefined) assert(batch.bytes + next.bytes + 1 > maxBytes);
  }
});

Deno.test("claimBatch() sends an event alone that is larger than a batch may be", async () => {
  const queue = await eligible();
  queue.change("a", { payload: { text: "x".repeat(5000) } });
  queue.change("b");
  const lease = queue.takeLease();
  const [first, second] = [1, 2].map(() =>
    queue.claim(lease, { maxBytes: 1000 })
  );
  assertEquals([seqs(first), seqs(second)], [[1], [2]]);
  assertEquals(
    first?.bytes,
    BATCH_FRAME_BYTES + byteLength(first?.events[0]?.body ?? "") + 1,
  );
});

Deno.test("claimBatch() leaves what did not fit to the next batch, in order", async () => {
  const queue = await eligible();
  const big = { payload: { text: "x".repeat(5000) } };
  queue.change("a");
  queue.change("a", big);
  queue.change("b");
  const lease = queue.takeLease();
  const first = queue.claim(lease, { maxBytes: 2000 });
  assert(first !== undefined);
  assertEquals(seqs(first), [1]);
  assertEquals(queue.meta()["claimed_seq"], 1);
  queue.settle(lease, first, { kind: "delivered" });
  assertEquals(seqs(queue.claim(lease, { maxBytes: 9000 })), [2, 3]);
});

Deno.test("claimBatch() sends again what is ready again before what is new", async () => {
  const queue = await eligible("a", "b", "c");
  const lease = queue.takeLease();
  const first = queue.claim(lease, { maxEvents: 2 });
  assert(first !== undefined);
  queue.settle(lease, first, { kind: "unsent" });
  queue.change("d");
  const order = [];
  for (let batch = queue.claim(lease); batch !== undefined;) {
    order.push(seqs(batch));
    queue.settle(lease, batch, { kind: "delivered" });
    batch = queue.claim(lease);
  }
  assertEquals(order, [[1, 2], [3, 4]]);
});

Deno.test("claimBatch() tells how often an event was refused, in their order", async () => {
  const queue = await eligible("a", "b", "c");
  const lease = queue.takeLease();
  const first = queue.claim(lease);
  assert(first !== undefined);
  queue.settle(lease, first, { kind: "unsent" });
  queue.store.db.run("UPDATE deliveries SET attempts = 4 - seq");
  const again = queue.claim(lease);
  assertEquals(again?.events.map(({ seq, attempts }) => [seq, attempts]), [
    [1, 3],
    [2, 2],
    [3, 1],
  ]);
});

Deno.test("claimBatch() looks behind any number of events that have to wait", async () => {
  const queue = await eligible("a");
  const lease = queue.takeLease();
  const first = queue.claim(lease);
  for (let n = 0; n < 50; n++) queue.change("a");
  queue.change("b");
  assertEquals(seqs(queue.claim(lease, { maxEvents: 3 })), [52]);
  assert(first !== undefined);
  queue.settle(lease, first, { kind: "delivered" });
  assertEquals(queue.counts().ready, 50);
  assertEquals(seqs(queue.claim(lease))?.length, 50);
});

Deno.test("claimBatch() leaves nothing behind when the disk is full", async () => {
  const queue = await eligible("a", "b");
  const lease = queue.takeLease();
  const before = queue.meta();
  queue.world.failDatabase(queue.paths.queue, "no_space");
  let code = "";
  try {
    queue.claim(lease);
  } catch (error) {
    code = (error as { code: string }).code;
  }
  assertEquals(code, "no_space");
  assertEquals([queue.meta(), queue.states()], [before, {}]);
  assertEquals(seqs(queue.claim(lease)), [1, 2]);
});
