import { assert, assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import { OVERFLOW_LIMIT_BYTES } from "./capacity.ts";
import { optIn } from "./consent.ts";
import type { Draft } from "./envelope.ts";
import { parseOverflow } from "./overflow.ts";
import type { OverflowPolicy } from "./sink.ts";

const LETTERS = [..."0123456789ABCDEFGHJKMNPQRSTVWXYZ"];

function drafts(
  from: number,
  to: number,
  changes: Partial<Draft> = {},
): readonly Draft[] {
  return Array.from({ length: to - from }, (_, n) =>
    draftOf({
      eventId: `01ARZ3NDEKTSV4RRFFQ69G5${LETTERS[(from + n) >> 5]}${
        LETTERS[(from + n) & 31]
      }A`,
      ...changes,
    }));
}

async function full(maxRows: number, overflow: OverflowPolicy = "spill") {
  const queue = await fakeQueue({ limits: { maxRows }, overflow });
  optIn(queue.store, "ada", 1);
  for (const draft of drafts(0, maxRows)) {
    assertEquals(queue.sink.capture([draft])[0]?.kind, "captured");
  }
  return queue;
}

function deliver(queue: FakeQueue): void {
  const lease = queue.takeLease();
  for (let batch = queue.claim(lease); batch !== undefined;) {
    queue.settle(lease, batch, { kind: "delivered" });
    batch = queue.claim(lease);
  }
}

function spilled(queue: FakeQueue): readonly string[] {
  const text = queue.world.disk.textOf(queue.paths.overflow) ?? "";
  return parseOverflow(text).drafts.map(({ eventId }) => eventId);
}

const [more = draftOf()] = drafts(900, 901);

Deno.test("capture() spills facts of a full queue and changes nothing in it", async () => {
  const queue = await full(10);
  const before = [queue.meta(), queue.rows("SELECT * FROM events")];
  assertEquals(queue.sink.capture([more]), [
    { kind: "spilled", eventId: more.eventId, reason: "full" },
  ]);
  assertEquals(spilled(queue), [more.eventId]);
  assertEquals([queue.meta(), queue.rows("SELECT * FROM events")], before);
});

Deno.test("capture() never throws out a fact, whatever comes after it", async () => {
  const queue = await full(10);
  const ids = "SELECT event_id FROM events WHERE body IS NOT NULL ORDER BY seq";
  const before = queue.rows(ids);
  for (const kind of ["fact", "snapshot", "telemetry"] as const) {
    queue.sink.capture(drafts(300, 320, { class: kind }));
  }
  assertEquals(queue.rows(ids), before);
});

Deno.test("capture() spills a batch as one when its last event has no room", async () => {
  const queue = await full(10);
  deliver(queue);
  const two = await fakeQueue({ limits: { maxRows: 2 } });
  const batch = drafts(0, 3);
  const kinds = two.sink.capture(batch).map(({ kind }) => kind);
  assertEquals(kinds, ["spilled", "spilled", "spilled"]);
  assertEquals(spilled(two), batch.map(({ eventId }) => eventId));
  assertEquals(two.counts().captured, 0);
});

Deno.test("capture() gives up bodies that the server has before it spills", async () => {
  const queue = await full(10);
  deliver(queue);
  assertEquals(queue.counts().liveRows, 10);
  const kinds = queue.sink.capture(drafts(300, 304)).map(({ kind }) => kind);
  assertEquals(kinds, ["captured", "captured", "captured", "captured"]);
  assertEquals(spilled(queue), []);
});

Deno.test("capture() makes room in time when the queue is 90 % full", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 1000 } });
  optIn(queue.store, "ada", 1);
  queue.sink.capture(drafts(0, 899));
  deliver(queue);
  assertEquals(queue.counts().liveRows, 899);
  queue.sink.capture(drafts(899, 900));
  assertEquals(queue.counts().liveRows, 900 - 201);
});

Deno.test("capture() captures again as soon as there is room", async () => {
  const queue = await full(10);
  queue.sink.capture([more]);
  deliver(queue);
  const [next] = queue.sink.capture(drafts(300, 301));
  assertEquals(next?.kind, "captured");
});

Deno.test("capture() counts what it refuses, exactly", async () => {
  const queue = await full(3);
  queue.world.disk.put(queue.paths.overflow, "x".repeat(OVERFLOW_LIMIT_BYTES));
  const refused = { kind: "refused", reason: "queue_full" } as const;
  assertEquals(queue.sink.capture([more]), [refused]);
  assertEquals(queue.sink.capture(drafts(300, 305)), Array(5).fill(refused));
  assertEquals(queue.counts().refused, 6);
});

Deno.test("capture() refuses at once when it must not spill", async () => {
  const queue = await full(3, "refuse");
  const refused = { kind: "refused", reason: "queue_full" } as const;
  assertEquals(queue.sink.capture([more]), [refused]);
  queue.world.failDatabase(queue.paths.queue, "busy");
  assertEquals(queue.sink.capture([more]), [refused]);
  assertEquals(spilled(queue), []);
  assertEquals(queue.counts().refused, 2);
});

Deno.test("capture() refuses what the overflow file has no disk for", async () => {
  const queue = await full(3);
  queue.world.failFiles(queue.paths.overflow, "no_space", {
    operation: "appendLocked",
  });
  assertEquals(queue.sink.capture([more]), [
    { kind: "refused", reason: "disk_full" },
  ]);
  assertEquals(queue.counts().refused, 1);
});

Deno.test("capture() refuses and counts while the disk is nearly full", async () => {
  const queue = await fakeQueue();
  const { minFreeBytes } = queue.limits;
  queue.sink.capture(drafts(0, 32));
  queue.world.freeBytes = minFreeBytes - 1;
  const refused = { kind: "refused", reason: "disk_full" } as const;
  assertEquals(queue.sink.capture(drafts(100, 102)), [refused, refused]);
  assertEquals(queue.counts().refused, 2);
  assertEquals(spilled(queue), []);
  queue.world.freeBytes = minFreeBytes;
  assertEquals(queue.sink.capture([more])[0]?.kind, "captured");
});

Deno.test("capture() looks at the disk soon, also when events come in batches", async () => {
  const queue = await fakeQueue();
  queue.world.freeBytes = queue.limits.minFreeBytes;
  queue.sink.capture(drafts(0, 100));
  queue.world.freeBytes = 0;
  const kinds = [1, 2, 3].map((n) =>
    queue.sink.capture(drafts(n * 100, n * 100 + 100))[0]?.kind
  );
  assertEquals(kinds.at(-1), "refused");
});

Deno.test("capture() drops telemetry of a nearly full queue and tells about it later", async () => {
  const queue = await full(19);
  const roomy = await fakeQueue({
    limits: { maxRows: 20 },
    world: queue.world,
  });
  const timed = drafts(300, 301, { class: "telemetry", type: "TaskTimed" });
  assertEquals(roomy.sink.capture(timed), [
    { kind: "dropped", reason: "telemetry_full" },
  ]);
  deliver(queue);
  roomy.sink.capture(drafts(301, 302));
  roomy.sink.capture(drafts(302, 303));
  const told = roomy.rows(
    "SELECT seq FROM events WHERE type = 'TelemetryDropped'",
  );
  assert(told.length === 1);
});

Deno.test("capture() refuses when it was to wait and waiting was in vain", async () => {
  const queue = await full(3, "block");
  assertEquals(queue.sink.capture([more]), [
    { kind: "refused", reason: "queue_full" },
  ]);
});
