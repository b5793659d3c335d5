import { assert, assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import { optIn, optOut } from "./consent.ts";
import { residueOf, totalOf } from "./counts.ts";
import { formatDrafts } from "./overflow.ts";
import type { Verdict } from "./settle.ts";

const VERDICTS: readonly Verdict[] = [
  { kind: "delivered" },
  { kind: "duplicate" },
  { kind: "pending" },
  { kind: "ambiguous" },
  { kind: "retry", reason: "unknown" },
  { kind: "parked", reason: "forbidden" },
  { kind: "parked", reason: "not_admitted" },
  { kind: "parked", reason: "forbidden" },
  { kind: "dead", reason: "refused" },
  { kind: "unsent" },
];

Deno.test("countQueue() is zero everywhere at first", async () => {
  const queue = await fakeQueue();
  const counts = queue.counts();
  const numbers = Object.values(counts).filter((one) =>
    typeof one === "number"
  );
  assert(numbers.every((one) => one === 0));
  assertEquals([counts.parked, counts.dead], [{}, {}]);
  assertEquals([counts.oldestReadyAt, counts.nextRetryAt], [
    undefined,
    undefined,
  ]);
});

Deno.test("countQueue() tells the states apart", async () => {
  const queue = await fakeQueue();
  queue.change("local");
  optIn(queue.store, "ada", 1);
  VERDICTS.forEach((_, n) => queue.change(`t${n}`));
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, (seq) => VERDICTS[seq - 2] ?? { kind: "unsent" });
  queue.change("new");
  queue.change("newer");
  queue.emit("TaskChanged", "t", { payload: { wrong: 1 } });
  queue.emit("TaskSeen", "s", { payload: { n: 1 } });
  queue.emit("TaskSeen", "s", { payload: { n: 1 } });
  const counts = queue.counts();
  const now = queue.host.clock.now();
  assertEquals(counts, {
    captured: 14,
    delivered: 2,
    ready: 4,
    inflight: 0,
    retry: 2,
    pendingRemote: 1,
    parked: { forbidden: 2, "not_admitted": 1 },
    dead: { refused: 1 },
    skipped: 0,
    sealed: 0,
    liveRows: 14,
    liveBytes: counts.liveBytes,
    quarantined: 1,
    refused: 0,
    dropped: 0,
    coalesced: 1,
    overflowBytes: 0,
    oldestReadyAt: now,
    nextRetryAt: now + 30_000,
    lamport: 14,
  });
  assertEquals(residueOf(counts), 6);
  assertEquals(totalOf(counts.parked), 3);
});

Deno.test("countQueue() counts what is in flight", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  queue.change("a");
  queue.change("b");
  const lease = queue.takeLease();
  queue.claim(lease, { maxEvents: 1 });
  const { inflight, ready } = queue.counts();
  assertEquals([inflight, ready], [1, 1]);
});

Deno.test("countQueue() counts nothing as ready without consent", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  queue.change("a");
  queue.change("b");
  const lease = queue.takeLease();
  queue.claim(lease, { maxEvents: 1 });
  optOut(queue.store, "ada", 2);
  const { ready, inflight, sealed, oldestReadyAt } = queue.counts();
  assertEquals([ready, inflight, sealed], [0, 0, 1]);
  assertEquals(oldestReadyAt, undefined);
});

Deno.test("countQueue() tells since when the oldest event waits", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  const start = queue.host.clock.now();
  for (const task of ["a", "b", "c"]) {
    queue.change(task);
    await queue.world.advance(1000);
  }
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: 2 });
  assert(batch !== undefined);
  assertEquals(queue.counts().oldestReadyAt, start);
  queue.settle(lease, batch, { kind: "delivered" });
  assertEquals(queue.counts().oldestReadyAt, start + 2000);
});

Deno.test("countQueue() tells the bytes of the overflow file", async () => {
  const queue = await fakeQueue();
  const line = formatDrafts([draftOf()]);
  queue.world.disk.put(queue.paths.overflow, line);
  assertEquals(queue.counts().overflowBytes, line.length);
});
