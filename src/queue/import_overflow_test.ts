import { assert, assertEquals, assertThrows } from "@std/assert";
import { failingDatabase } from "#support/failing_database.ts";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import { HostError } from "../host/host.ts";
import { optIn } from "./consent.ts";
import type { Draft } from "./envelope.ts";
import { importOverflow } from "./import_overflow.ts";
import { formatDrafts } from "./overflow.ts";
import { createUlids } from "../state/ulid.ts";

const LETTERS = [..."ABCDEFGHJKMNPQRSTVWXYZ"];

/** Drafts with ids of their own. */
function drafts(count: number, changes: Partial<Draft> = {}): readonly Draft[] {
  return LETTERS.slice(0, count).map((letter) =>
    draftOf({ eventId: `01ARZ3NDEKTSV4RRFFQ69G5F${letter}A`, ...changes })
  );
}

function put(queue: FakeQueue, ...parts: readonly (string | Draft)[]): void {
  const text = parts.map((one) =>
    typeof one === "string" ? one : formatDrafts([one])
  );
  queue.world.disk.put(queue.paths.overflow, `\n${text.join("")}`);
}

function left(queue: FakeQueue): string | undefined {
  return queue.world.disk.textOf(queue.paths.overflow);
}

function ids(queue: FakeQueue): readonly string[] {
  return queue.rows<{ id: string }>(
    "SELECT event_id AS id FROM events ORDER BY seq",
  )
    .map(({ id }) => id);
}

const NOTHING = { imported: 0, duplicates: 0, damaged: 0 };

Deno.test("importOverflow() does nothing without a file", async () => {
  const queue = await fakeQueue();
  assertEquals(queue.importOverflow(), NOTHING);
  assertEquals(left(queue), undefined);
});

Deno.test("importOverflow() gives places in the order of the file and empties it", async () => {
  const queue = await fakeQueue();
  queue.change("t0");
  const three = drafts(3);
  put(queue, ...three);
  assertEquals(queue.importOverflow(), { ...NOTHING, imported: 3 });
  assertEquals(ids(queue).slice(1), three.map(({ eventId }) => eventId));
  assertEquals(queue.rows("SELECT lamport FROM events ORDER BY seq").length, 4);
  assertEquals(queue.meta()["lamport"], 4);
  assertEquals(left(queue), "");
});

Deno.test("importOverflow() gives an event the consent of the time of its import", async () => {
  const queue = await fakeQueue();
  put(queue, ...drafts(1));
  optIn(queue.store, "ada", 1);
  queue.importOverflow();
  assertEquals(queue.rows("SELECT consent_epoch AS epoch FROM events"), [{
    epoch: 1,
  }]);
});

Deno.test("importOverflow() puts a torn end apart and takes the rest", async () => {
  const queue = await fakeQueue();
  const [one, two] = drafts(2);
  assert(one !== undefined && two !== undefined);
  const torn = formatDrafts([two]).slice(0, 50);
  put(queue, one, torn);
  assertEquals(queue.importOverflow(), {
    imported: 1,
    duplicates: 0,
    damaged: 1,
  });
  assertEquals(queue.rows("SELECT reason, body FROM quarantine"), [
    { reason: "damaged_line", body: torn },
  ]);
  assertEquals(left(queue), "");
});

Deno.test("importOverflow() puts a damaged middle apart and takes the rest", async () => {
  const queue = await fakeQueue();
  const [one, two, three] = drafts(3);
  assert(one !== undefined && two !== undefined && three !== undefined);
  put(queue, one, formatDrafts([two]).replace("t1", "t7"), three);
  assertEquals(queue.importOverflow(), {
    imported: 2,
    duplicates: 0,
    damaged: 1,
  });
  assertEquals(ids(queue), [one.eventId, three.eventId]);
});

Deno.test("importOverflow() finds the same ids after a crash before the file was emptied", async () => {
  const queue = await fakeQueue();
  put(queue, ...drafts(3), "torn");
  const text = left(queue) ?? "";
  assertEquals(queue.importOverflow(), {
    imported: 3,
    duplicates: 0,
    damaged: 1,
  });
  queue.world.disk.put(queue.paths.overflow, text);
  const before = queue.meta();
  assertEquals(queue.importOverflow(), {
    imported: 0,
    duplicates: 3,
    damaged: 1,
  });
  assertEquals(queue.meta(), before);
  assertEquals(queue.counts().quarantined, 1);
  assertEquals(left(queue), "");
});

Deno.test("importOverflow() puts another content of a known id apart, once", async () => {
  const queue = await fakeQueue();
  const [one] = drafts(1);
  assert(one !== undefined);
  queue.change("t1", { eventId: one.eventId, payload: { n: 1 } });
  for (let round = 0; round < 2; round++) {
    put(queue, one);
    assertEquals(queue.importOverflow(), NOTHING);
  }
  assertEquals(queue.rows("SELECT reason, event_id FROM quarantine"), [
    { reason: "id_conflict", "event_id": one.eventId },
  ]);
});

Deno.test("importOverflow() minds dedupe keys", async () => {
  const queue = await fakeQueue();
  queue.change("t1", { dedupeKey: "k" });
  put(
    queue,
    ...drafts(2, { dedupeKey: "k" }),
    ...drafts(2, { dedupeKey: "j" }).map(
      (draft) => ({ ...draft, eventId: draft.eventId.replace(/A$/, "B") }),
    ),
  );
  assertEquals(queue.importOverflow(), {
    imported: 1,
    duplicates: 3,
    damaged: 0,
  });
});

Deno.test("importOverflow() takes what a full queue has room for and keeps the file", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 4 } });
  queue.change("t0");
  put(queue, ...drafts(5));
  const text = left(queue);
  assertEquals(queue.importOverflow(), "full");
  assertEquals(ids(queue).length, 4);
  assertEquals(left(queue), text);
  const roomy = { ...queue.limits, maxRows: 10 };
  assertEquals(queue.importOverflow(roomy), {
    imported: 2,
    duplicates: 3,
    damaged: 0,
  });
  assertEquals(ids(queue).slice(1), drafts(5).map(({ eventId }) => eventId));
  assertEquals(left(queue), "");
});

Deno.test("importOverflow() comes to its end although the file is larger than the queue", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 3 } });
  optIn(queue.store, "ada", 1);
  put(queue, ...drafts(10));
  const lease = queue.takeLease();
  const sent: string[] = [];
  for (let pass = 0; pass < 10; pass++) {
    queue.importOverflow();
    const batch = queue.claim(lease);
    if (batch === undefined) break;
    sent.push(...batch.events.map(({ eventId }) => eventId));
    queue.settle(lease, batch, { kind: "delivered" });
  }
  assertEquals(sent, drafts(10).map(({ eventId }) => eventId));
  assertEquals(left(queue), "");
});

Deno.test("importOverflow() takes a long file in many steps, each complete", async () => {
  const queue = await fakeQueue();
  const nextId = createUlids((bytes) => "5a".repeat(bytes));
  const long = Array.from(
    { length: 600 },
    () => draftOf({ eventId: nextId(1) }),
  );
  put(queue, ...long);
  assertEquals(queue.meta()["seq"], 0);
  // The second step meets another process.
  const { queueHost, store, paths, limits } = queue;
  const db = failingDatabase(store.db, { code: "busy", transaction: 2 });
  assertThrows(
    () =>
      importOverflow(queueHost, { ...store, db }, paths.overflow, {
        limits,
        nowMs: 1,
      }),
    HostError,
  );
  const taken = ids(queue).length;
  assert(taken > 0 && taken < 600);
  assertEquals(queue.meta()["live_rows"], taken);
  const report = { imported: 600 - taken, duplicates: taken, damaged: 0 };
  assertEquals(queue.importOverflow(), report);
  assertEquals(ids(queue), long.map(({ eventId }) => eventId));
});

Deno.test("importOverflow() gives up only bodies that the server has", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 2 } });
  optIn(queue.store, "ada", 1);
  queue.change("t1");
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "delivered" });
  queue.change("t2");
  put(queue, ...drafts(1));
  assertEquals(queue.importOverflow(), { ...NOTHING, imported: 1 });
  const bodies = queue.rows("SELECT seq FROM events WHERE body IS NOT NULL");
  assertEquals(bodies, [{ seq: 2 }, { seq: 3 }]);
});

Deno.test("importOverflow() keeps telemetry that it has kept so far", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 4 } });
  put(queue, ...drafts(4, { class: "telemetry" }));
  assertEquals(queue.importOverflow(), { ...NOTHING, imported: 4 });
  assertEquals(queue.counts().dropped, 0);
});

const seen = (text: string, timestamp: string): Partial<Draft> => ({
  type: "TaskSeen",
  class: "snapshot",
  coalesceKey: '["TaskSeen","t1",1]',
  payload: JSON.stringify({ n: 1, text }),
  timestamp,
});
const TEXT =
  "SELECT json_extract(body, '$.payload.text') AS text FROM events ORDER BY seq";

Deno.test("importOverflow() lets only the latest snapshot of a file count", async () => {
  const queue = await fakeQueue();
  // The wall clock went back between the two.
  const [one] = drafts(1, seen("first", "2026-01-02T03:04:06Z"));
  const [, two] = drafts(2, seen("second", "2026-01-02T03:04:05Z"));
  assert(one !== undefined && two !== undefined);
  put(queue, one, two);
  queue.importOverflow();
  assertEquals(queue.rows(TEXT), [{ text: "second" }]);
});

Deno.test("importOverflow() does not let an older snapshot replace a newer one", async () => {
  const queue = await fakeQueue();
  put(queue, ...drafts(1, seen("older", "2026-01-02T03:04:04Z")));
  queue.emit("TaskSeen", "t1", { payload: { n: 1, text: "newer" } });
  assertEquals(queue.importOverflow(), { ...NOTHING, duplicates: 1 });
  assertEquals(queue.rows(TEXT), [{ text: "newer" }]);
});

Deno.test.each([
  { name: "the disk is full", code: "no_space" as const },
  { name: "another process has the queue", code: "busy" as const },
])("importOverflow() keeps the file when $name", async ({ code }) => {
  const queue = await fakeQueue();
  put(queue, ...drafts(2));
  const text = left(queue);
  assertEquals(queue.meta()["seq"], 0);
  queue.world.failDatabase(queue.paths.queue, code);
  assertEquals(
    assertThrows(() => queue.importOverflow(), HostError).code,
    code,
  );
  assertEquals(left(queue), text);
  assertEquals(ids(queue), []);
  assertEquals(queue.importOverflow(), { ...NOTHING, imported: 2 });
});
