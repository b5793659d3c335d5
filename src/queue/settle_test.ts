import { assert, assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import type { Batch } from "./claim.ts";
import { optIn } from "./consent.ts";
import { LONGEST_WAIT_MS, PARKED_WAIT_MS } from "./retry.ts";
import { settleBatch, trimBatches, type Verdict } from "./settle.ts";
import { readTarget } from "./target.ts";

async function claimed(...tasks: readonly string[]) {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  for (const task of tasks) queue.change(task);
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  return { queue, lease, batch };
}

const DELIVERED: Verdict = { kind: "delivered" };
const RETRY: Verdict = { kind: "retry", reason: "unknown" };

Deno.test("settleBatch() counts states and ends the batch", async () => {
  const { queue, lease, batch } = await claimed("a", "b", "c");
  const tally = queue.settle(
    lease,
    batch,
    (seq) => seq === 1 ? DELIVERED : seq === 2 ? { kind: "duplicate" } : RETRY,
  );
  assertEquals(tally, { delivered: 1, duplicate: 1, retry: 1 });
  assertEquals(queue.counts().delivered, 2);
  const now = queue.host.clock.now();
  assertEquals(queue.rows("SELECT outcome, http, ended_at FROM batches"), [
    { outcome: "ok", http: 200, "ended_at": now },
  ]);
});

Deno.test("settleBatch() leaves in flight what it is not told about", async () => {
  const { queue, lease, batch } = await claimed("a", "b");
  const [first] = batch.events;
  assert(first !== undefined);
  queue.settle(lease, { ...batch, events: [first] }, DELIVERED);
  assertEquals(queue.states(), { 1: "delivered", 2: "inflight" });
  assertEquals(queue.requeue(lease), 1);
  assertEquals(queue.states(), { 1: "delivered", 2: "ready" });
});

Deno.test("settleBatch() takes the first of two words about an event", async () => {
  const { queue, lease, batch } = await claimed("a", "b");
  const [a, b] = batch.events;
  assert(a !== undefined && b !== undefined);
  const tally = settleBatch(queue.store, lease, batch, [
    { event: b, verdict: RETRY },
    { event: a, verdict: DELIVERED },
    { event: a, verdict: RETRY },
    { event: b, verdict: DELIVERED },
  ], { outcome: "ok", nowMs: queue.host.clock.now() });
  assertEquals(tally, { retry: 1, delivered: 1, uncorrelated: 2 });
  assertEquals(queue.states(), { 1: "delivered", 2: "retry" });
});

Deno.test("settleBatch() counts an event once, however often it is told", async () => {
  const { queue, lease, batch } = await claimed("a");
  queue.settle(lease, batch, DELIVERED);
  assertEquals(queue.settle(lease, batch, DELIVERED), { uncorrelated: 1 });
  assertEquals(queue.settle(lease, batch, RETRY), { uncorrelated: 1 });
  assertEquals(queue.states(), { 1: "delivered" });
  assertEquals(queue.counts().delivered, 1);
});

Deno.test("settleBatch() does not take the answer to an earlier batch for one to a later", async () => {
  const { queue, lease, batch } = await claimed("a");
  queue.requeue(lease);
  const again = queue.claim(lease);
  assert(again !== undefined && again.batchId !== batch.batchId);
  assertEquals(queue.settle(lease, batch, DELIVERED), { uncorrelated: 1 });
  assertEquals(queue.states(), { 1: "inflight" });
  assertEquals(queue.settle(lease, again, RETRY), { retry: 1 });
});

Deno.test("settleBatch() does not touch an event that was never claimed", async () => {
  const { queue, lease, batch } = await claimed("a");
  const seq = queue.change("b");
  const [first] = batch.events;
  assert(first !== undefined);
  const stranger = { ...first, seq };
  const tally = queue.settle(
    lease,
    { ...batch, events: [stranger] },
    DELIVERED,
  );
  assertEquals(tally, { uncorrelated: 1 });
  assertEquals(queue.states(), { 1: "inflight" });
  assertEquals(queue.counts().delivered, 0);
});

Deno.test("settleBatch() remembers the largest clock that the server knows", async () => {
  const { queue, lease, batch } = await claimed("a");
  const settle = (ackedLamport?: number) =>
    settleBatch(queue.store, lease, batch, [], {
      outcome: "ok",
      nowMs: 1,
      ...(ackedLamport === undefined ? {} : { ackedLamport }),
    });
  for (const acked of [7, 3, undefined, 0, -1]) settle(acked);
  assertEquals(readTarget(queue.store).acked_lamport, 7);
});

Deno.test("settleBatch() counts refusals over the life of an event until it is dead", async () => {
  const { queue, lease, batch } = await claimed("a");
  let current: Batch | undefined = batch;
  const waits: number[] = [];
  while (current !== undefined) {
    queue.settle(lease, current, RETRY);
    const at = queue.counts().nextRetryAt;
    if (at === undefined) break;
    const wait = at - queue.host.clock.now();
    waits.push(wait / 1000);
    await queue.world.advance(wait - 1);
    queue.requeue(lease, "asked");
    assertEquals(queue.claim(lease), undefined);
    await queue.world.advance(1);
    queue.requeue(lease);
    current = queue.claim(lease);
  }
  assertEquals(waits, [30, 120, 600, 3600]);
  assertEquals(queue.states(), { 1: "dead" });
  assertEquals(
    queue.rows("SELECT attempts, reason_code AS why FROM deliveries"),
    [
      { attempts: 5, why: "unknown" },
    ],
  );
});

Deno.test("settleBatch() counts no attempt for what was no refusal", async () => {
  const { queue, lease, batch } = await claimed("a");
  let current: Batch | undefined = batch;
  const verdicts: readonly Verdict[] = [
    { kind: "unsent" },
    { kind: "ambiguous" },
    { kind: "pending" },
    { kind: "parked", reason: "forbidden" },
  ];
  for (const verdict of [...verdicts, ...verdicts, ...verdicts]) {
    assert(current !== undefined);
    queue.settle(lease, current, verdict);
    await queue.world.advance(PARKED_WAIT_MS);
    queue.requeue(lease);
    current = queue.claim(lease);
  }
  assertEquals(current?.events.map(({ attempts }) => attempts), [0]);
});

async function parked(): Promise<FakeQueue> {
  const { queue, lease, batch } = await claimed("a");
  queue.settle(lease, batch, { kind: "parked", reason: "forbidden" });
  return queue;
}

Deno.test("requeueDue() tries parked events at once when a person asks", async () => {
  const queue = await parked();
  const lease = queue.takeLease();
  queue.requeue(lease);
  assertEquals(queue.states(), { 1: "parked" });
  queue.requeue(lease, "asked");
  assertEquals(queue.states(), { 1: "ready" });
});

Deno.test("requeueDue() tries parked events after a while by itself", async () => {
  const queue = await parked();
  await queue.world.advance(PARKED_WAIT_MS);
  queue.requeue(queue.takeLease());
  assertEquals(queue.states(), { 1: "ready" });
  assertEquals(queue.rows("SELECT holds, reason_code AS why FROM deliveries"), [
    { holds: 0, why: null },
  ]);
});

Deno.test("requeueDue() brings back what a lost holder had in flight", async () => {
  const { queue, batch } = await claimed("a", "b");
  assertEquals(queue.requeue(queue.takeLease()), 2);
  assertEquals(queue.states(), { 1: "ready", 2: "ready" });
  assertEquals(queue.rows("SELECT batch_id, outcome FROM batches"), [
    { "batch_id": batch.batchId, outcome: "ambiguous" },
  ]);
});

Deno.test.each([
  { name: "dead", verdict: { kind: "dead", reason: "refused" } as const },
  { name: "delivered", verdict: DELIVERED },
])("requeueDue() leaves alone what is $name", async ({ name, verdict }) => {
  const { queue, lease, batch } = await claimed("a");
  queue.settle(lease, batch, verdict);
  await queue.world.advance(LONGEST_WAIT_MS * 2);
  queue.requeue(lease, "asked");
  assertEquals(queue.states(), { 1: name });
});

Deno.test("requeueDue() does not wait for years after the clock was wrong", async () => {
  const { queue, lease, batch } = await claimed("a");
  const now = queue.host.clock.now();
  queue.world.clock.setWall(now + 10 * 365 * 24 * 3_600_000);
  queue.settle(lease, batch, RETRY);
  queue.requeue(lease);
  assertEquals(queue.states(), { 1: "retry" });
  queue.world.clock.setWall(now);
  queue.requeue(lease);
  assertEquals(queue.states(), { 1: "ready" });
});

Deno.test("trimBatches() keeps the last thousand and all that have not ended", async () => {
  const { queue } = await claimed("a");
  queue.store.db.run(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
       WHERE i < 1500)
     INSERT INTO batches (batch_id, lease_token, seq_from, seq_to, count,
       bytes, url, sent_at, outcome)
       SELECT 'old-' || i, 1, 1, 1, 1, 1, 'u', i,
         CASE i WHEN 1 THEN NULL ELSE 'ok' END FROM n`,
  );
  trimBatches(queue.store);
  assertEquals(queue.rows("SELECT count(*) AS n FROM batches"), [{ n: 1001 }]);
  assertEquals(
    queue.rows(
      "SELECT batch_id AS id FROM batches WHERE outcome IS NULL ORDER BY id",
    ),
    [
      { id: "batch-1" },
      { id: "old-1" },
    ],
  );
});
