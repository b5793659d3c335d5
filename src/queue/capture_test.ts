import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import { type Captured, captureDraft } from "./capture.ts";
import type { Draft } from "./envelope.ts";
import { byteLength, encodeEnvelope, hashText } from "./envelope.ts";
import { optIn } from "./consent.ts";

/** Captures one draft in a transaction of its own. */
function capture(queue: FakeQueue, draft: Draft): Captured {
  const { store, limits } = queue;
  const nowMs = queue.host.clock.now();
  return store.db.transaction(() =>
    captureDraft(store, draft, { limits, nowMs })
  );
}

/** The letter makes the id. */
function numbered(letter: string, changes: Partial<Draft> = {}): Draft {
  return draftOf({ eventId: `01ARZ3NDEKTSV4RRFFQ69G5F${letter}`, ...changes });
}

Deno.test("captureDraft() stores the envelope with its place, clock and hash", async () => {
  const queue = await fakeQueue();
  const draft = numbered("AA", { dedupeKey: "k" });
  const captured = capture(queue, draft);
  const { store } = queue;
  const body = encodeEnvelope(draft, {
    nodeId: store.nodeId,
    buildId: store.buildId,
    projectId: store.projectId,
    clockEpoch: 1,
    lamport: 1,
  });
  assertEquals(captured, {
    kind: "captured",
    eventId: draft.eventId,
    seq: 1,
    fill: { rows: 1, bytes: byteLength(body) },
    droppedPending: 0,
    isEligible: false,
  });
  assertEquals(queue.rows("SELECT * FROM events"), [{
    seq: 1,
    "event_id": draft.eventId,
    type: "TaskChanged",
    class: "fact",
    lane: "Task:t1",
    "order_role": "update",
    "coalesce_key": null,
    "coalesced_n": 0,
    "dedupe_key": "k",
    lamport: 1,
    "clock_epoch": 1,
    "occurred_at": draft.timestamp,
    "captured_at": queue.host.clock.now(),
    bytes: byteLength(body),
    sha256: hashText(body),
    "content_sha256": null,
    body,
    "consent_epoch": 0,
  }]);
});

Deno.test("captureDraft() counts places and clock without a gap", async () => {
  const queue = await fakeQueue();
  for (const letter of ["AA", "AB", "AC"]) capture(queue, numbered(letter));
  assertEquals(queue.rows("SELECT seq, lamport FROM events ORDER BY seq"), [
    { seq: 1, lamport: 1 },
    { seq: 2, lamport: 2 },
    { seq: 3, lamport: 3 },
  ]);
  const { seq, lamport, captured } = queue.meta();
  assertEquals({ seq, lamport, captured }, { seq: 3, lamport: 3, captured: 3 });
});

Deno.test("captureDraft() makes no delivery: a place behind the mark is enough", async () => {
  const queue = await fakeQueue();
  capture(queue, numbered("AA"));
  assertEquals(queue.states(), {});
});

Deno.test("captureDraft() notes the consent under which an event came", async () => {
  const queue = await fakeQueue();
  const before = capture(queue, numbered("AA"));
  optIn(queue.store, "ada", 1);
  const after = capture(queue, numbered("AB"));
  assert(before.kind === "captured" && !before.isEligible);
  assert(after.kind === "captured" && after.isEligible);
  assertEquals(queue.rows("SELECT consent_epoch AS epoch FROM events"), [
    { epoch: 0 },
    { epoch: 1 },
  ]);
});

Deno.test("captureDraft() fills exactly up to the limit of rows", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 3 } });
  const kinds = ["AA", "AB", "AC", "AD"].map((letter) =>
    capture(queue, numbered(letter)).kind
  );
  assertEquals(kinds, ["captured", "captured", "captured", "overflow"]);
  const { seq, lamport, captured, live_rows: rows } = queue.meta();
  assertEquals([seq, lamport, captured, rows], [3, 3, 3, 3]);
});

Deno.test("captureDraft() fills exactly up to the limit of bytes", async () => {
  const one = await fakeQueue();
  const first = capture(one, numbered("AA"));
  assert(first.kind === "captured");
  const maxBytes = first.fill.bytes * 2;
  const queue = await fakeQueue({ limits: { maxBytes } });
  const kinds = ["AA", "AB", "AC"].map((letter) =>
    capture(queue, numbered(letter)).kind
  );
  assertEquals(kinds, ["captured", "captured", "overflow"]);
  assertEquals(queue.meta()["live_bytes"], maxBytes);
});

Deno.test("captureDraft() drops telemetry from 95 % on and counts it exactly", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 20 } });
  const letters = [..."ABCDEFGHJKMNPQRSTVWXYZ"];
  for (const letter of letters.slice(0, 18)) {
    capture(queue, numbered(`A${letter}`));
  }
  const telemetry = { class: "telemetry", type: "TaskTimed" } as const;
  const kinds = letters.slice(0, 4).map((letter) =>
    capture(queue, numbered(`B${letter}`, telemetry)).kind
  );
  assertEquals(kinds, ["dropped", "dropped", "dropped", "dropped"]);
  const meta = queue.meta();
  assertEquals([meta["seq"], meta["captured"], meta["lamport"]], [18, 18, 18]);
  assertEquals(
    [meta["dropped"], meta["dropped_pending"], meta["dropped_since"]],
    [4, 4, 18],
  );
});

Deno.test("captureDraft() drops telemetry of a full queue and no fact for it", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 2 } });
  capture(queue, numbered("AA"));
  capture(queue, numbered("AB"));
  const telemetry = numbered("AC", { class: "telemetry" });
  assertEquals(capture(queue, telemetry).kind, "dropped");
  assertEquals(queue.rows("SELECT seq FROM events"), [{ seq: 1 }, { seq: 2 }]);
});

Deno.test("captureDraft() keeps telemetry that was kept before, as long as there is room", async () => {
  const queue = await fakeQueue({ limits: { maxRows: 2 } });
  const { store, limits } = queue;
  const options = { limits, nowMs: 1, admitAs: "fact" } as const;
  const kinds = ["AA", "AB", "AC"].map((letter) => {
    const draft = numbered(letter, { class: "telemetry" });
    return captureDraft(store, draft, options).kind;
  });
  assertEquals(kinds, ["captured", "captured", "overflow"]);
});

Deno.test("captureDraft() leaves nothing behind when a later step fails", async () => {
  const queue = await fakeQueue();
  const { store, limits } = queue;
  const before = queue.meta();
  assertThrows(() =>
    store.db.transaction(() => {
      captureDraft(store, numbered("AA"), { limits, nowMs: 1 });
      throw new RangeError("later");
    }), RangeError);
  assertEquals(queue.meta(), before);
  assertEquals(queue.rows("SELECT seq FROM events"), []);
});

Deno.test("captureDraft() goes on with the clock after events were removed", async () => {
  const queue = await fakeQueue();
  capture(queue, numbered("AA"));
  capture(queue, numbered("AB"));
  queue.store.db.run("DELETE FROM events");
  capture(queue, numbered("AC"));
  assertEquals(queue.rows("SELECT seq, lamport FROM events"), [
    { seq: 3, lamport: 3 },
  ]);
});
