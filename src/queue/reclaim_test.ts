import { assert, assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { optIn } from "./consent.ts";
import { contentHash } from "./envelope.ts";
import { reclaim } from "./reclaim.ts";
import type { Verdict } from "./settle.ts";
import { draftOf } from "#support/tasks.ts";

/** Five events, each of another task, that ended as told. */
async function settled(verdicts: readonly Verdict[]): Promise<FakeQueue> {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  verdicts.forEach((_, n) => queue.change(`t${n}`));
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, (seq) => verdicts[seq - 1] ?? { kind: "unsent" });
  return queue;
}

const BODIES = "SELECT seq FROM events WHERE body IS NOT NULL ORDER BY seq";

Deno.test("reclaim() gives up bodies that the server has, and no other", async () => {
  const queue = await settled([
    { kind: "delivered" },
    { kind: "retry", reason: "unknown" },
    { kind: "duplicate" },
    { kind: "parked", reason: "forbidden" },
    { kind: "dead", reason: "refused" },
    { kind: "pending" },
    { kind: "ambiguous" },
    { kind: "unsent" },
  ]);
  queue.change("t9");
  assertEquals(reclaim(queue.store, { untilMs: Infinity, limit: 100 }), 2);
  const left = queue.rows<{ seq: number }>(BODIES).map(({ seq }) => seq);
  assertEquals(left, [2, 4, 5, 6, 7, 8, 9]);
});

Deno.test("reclaim() keeps id, hashes and history", async () => {
  const queue = await settled([{ kind: "delivered" }]);
  const facts = "SELECT event_id, sha256, lamport, occurred_at FROM events";
  const before = queue.rows(facts);
  reclaim(queue.store, { untilMs: Infinity, limit: 1 });
  assertEquals(queue.rows(facts), before);
  assertEquals(queue.rows("SELECT body, content_sha256 FROM events"), [
    {
      body: null,
      "content_sha256": contentHash(draftOf({ aggregateId: "t0" })),
    },
  ]);
  assertEquals(queue.states(), { 1: "delivered" });
});

Deno.test("reclaim() counts what is left", async () => {
  const queue = await settled(Array(4).fill({ kind: "delivered" }));
  reclaim(queue.store, { untilMs: Infinity, limit: 3 });
  const [sum] = queue.rows<{ rows: number; bytes: number }>(
    `SELECT count(*) AS rows, sum(length(CAST(body AS BLOB))) AS bytes
       FROM events WHERE body IS NOT NULL`,
  );
  const { liveRows, liveBytes } = queue.counts();
  assertEquals({ rows: liveRows, bytes: liveBytes }, sum);
});

Deno.test("reclaim() takes the oldest first and no more than it may", async () => {
  const queue = await settled(Array(4).fill({ kind: "delivered" }));
  const take = (limit: number) =>
    reclaim(queue.store, { untilMs: Infinity, limit });
  assertEquals(take(3), 3);
  assertEquals(queue.rows(BODIES), [{ seq: 4 }]);
  assertEquals(take(3), 1);
  assertEquals(take(3), 0);
  assertEquals(queue.counts().liveRows, 0);
});

Deno.test.each([
  { name: "at that time", aheadMs: 0, taken: 1 },
  { name: "after it", aheadMs: -1, taken: 0 },
])(
  "reclaim() takes what was delivered before a time, tried $name",
  async (row) => {
    const queue = await settled([{ kind: "delivered" }]);
    const untilMs = queue.host.clock.now() + row.aheadMs;
    assertEquals(reclaim(queue.store, { untilMs, limit: 9 }), row.taken);
  },
);
