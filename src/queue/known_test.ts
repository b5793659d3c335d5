import { assert, assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import { optIn, optOut, releaseHistory } from "./consent.ts";
import { contentHash } from "./envelope.ts";
import { contentHashOfBody, DEDUPE_WINDOW_MS, isOvertaken } from "./known.ts";
import { reclaim } from "./reclaim.ts";

const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const CAUSE = "01ARYZ6S410000000000000000";

Deno.test.each([
  { name: "the same again", again: {}, is: "duplicate" },
  {
    name: "the same at another time",
    again: { timestamp: "2020-01-01T00:00:00Z" },
    is: "duplicate",
  },
  {
    name: "the same of another chain",
    again: { correlationId: CAUSE },
    is: "duplicate",
  },
  { name: "another payload", again: { payload: { n: 2 } }, is: "quarantined" },
  {
    name: "another aggregate",
    again: { aggregateId: "t2" },
    is: "quarantined",
  },
  { name: "another cause", again: { causationId: CAUSE }, is: "quarantined" },
])("findKnown() takes $name under one id for $is", async ({ again, is }) => {
  const queue = await fakeQueue();
  const args = { eventId: ID, payload: { n: 1 } };
  queue.change("t1", args);
  const outcome = queue.emit("TaskChanged", "t1", { ...args, ...again });
  assertEquals<string>(outcome.kind, is);
  assertEquals(queue.counts().captured, 1);
  const kept = queue.rows("SELECT reason, event_id FROM quarantine");
  assertEquals(kept.length, is === "quarantined" ? 1 : 0);
});

Deno.test("findKnown() takes another type under one id for a conflict", async () => {
  const queue = await fakeQueue();
  queue.change("t1", { eventId: ID });
  const outcome = queue.emit("TaskCreated", "t1", { eventId: ID });
  assertEquals(outcome, {
    kind: "quarantined",
    reason: "id_conflict",
    field: "event_id",
    rule: "is stored with other content",
  });
});

Deno.test("findKnown() remembers the content of an event without its body", async () => {
  const queue = await fakeQueue();
  const { store } = queue;
  optIn(store, "ada", 1);
  queue.change("t1", { eventId: ID, payload: { n: 1 } });
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "delivered" });
  assertEquals(reclaim(store, { untilMs: Infinity, limit: 10 }), 1);
  const again = (n: number) =>
    queue.emit("TaskChanged", "t1", { eventId: ID, payload: { n } }).kind;
  assertEquals([again(1), again(2)], ["duplicate", "quarantined"]);
});

Deno.test.each([
  { name: "at once", afterMs: 0, is: "duplicate" },
  {
    name: "at the end of a day",
    afterMs: DEDUPE_WINDOW_MS - 1,
    is: "duplicate",
  },
  { name: "a day later", afterMs: DEDUPE_WINDOW_MS, is: "captured" },
])(
  "findKnown() takes a dedupe key that comes again $name for $is",
  async (row) => {
    const queue = await fakeQueue();
    queue.change("t1", { dedupeKey: "k" });
    queue.world.clock.setWall(queue.host.clock.now() + row.afterMs);
    const again = { dedupeKey: "k", payload: { n: 2 } };
    assertEquals(queue.emit("TaskChanged", "t2", again).kind, row.is);
  },
);

Deno.test("findKnown() does not mind two keys, nor events without one", async () => {
  const queue = await fakeQueue();
  queue.change("t1", { dedupeKey: "a" });
  queue.change("t1", { dedupeKey: "b" });
  queue.change("t1");
  queue.change("t1");
  assertEquals(queue.counts().captured, 4);
});

Deno.test("contentHashOfBody() is the hash of the draft that was encoded", async () => {
  const queue = await fakeQueue();
  const payload = { text: "Grüße", n: -0 };
  queue.change("t1", { payload, causationId: CAUSE });
  const [row] = queue.rows<{ body: string }>("SELECT body FROM events");
  const draft = draftOf({
    payload: '{"n":0,"text":"Grüße"}',
    causationId: CAUSE,
  });
  assertEquals(contentHashOfBody(row?.body ?? null), contentHash(draft));
  assertEquals(contentHashOfBody(null), undefined);
});

const SEEN = `SELECT seq, event_id, lamport, coalesced_n AS n,
  json_extract(body, '$.payload.text') AS text FROM events ORDER BY seq`;

Deno.test("coalesce() replaces a waiting snapshot, which keeps id and clock", async () => {
  const queue = await fakeQueue();
  const first = queue.emit("TaskSeen", "t1", { payload: { n: 1, text: "a" } });
  queue.change("t1");
  const second = queue.emit("TaskSeen", "t1", { payload: { n: 1, text: "b" } });
  assert(first.kind === "captured" && second.kind === "captured");
  assertEquals([second.eventId, second.seq], [first.eventId, 1]);
  assertEquals(queue.rows(SEEN), [
    { seq: 1, "event_id": first.eventId, lamport: 1, n: 1, text: "b" },
    { ...queue.rows(SEEN)[1], seq: 2, lamport: 2, n: 0, text: null },
  ]);
  const { captured, coalesced, liveRows } = queue.counts();
  assertEquals([captured, coalesced, liveRows], [2, 1, 2]);
});

Deno.test("coalesce() stores what the envelope would be, byte for byte", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskSeen", "t1", { payload: { n: 1, text: "a" } });
  const other = await fakeQueue();
  other.emit("TaskSeen", "t1", { payload: { n: 1, text: "longer" } });
  queue.emit("TaskSeen", "t1", { payload: { n: 1, text: "longer" } });
  const facts = "SELECT body, sha256, bytes, occurred_at FROM events";
  assertEquals(queue.rows(facts), other.rows(facts));
  assertEquals(queue.meta()["live_bytes"], other.meta()["live_bytes"]);
});

Deno.test.each([
  { name: "of another aggregate", type: "TaskSeen", about: "t2", n: 1 },
  { name: "of another thing", type: "TaskSeen", about: "t1", n: 2 },
  { name: "that are facts", type: "TaskChanged", about: "t1", n: 1 },
])("coalesce() leaves events $name alone", async ({ type, about, n }) => {
  const queue = await fakeQueue();
  queue.emit("TaskSeen", "t1", { payload: { n: 1 } });
  queue.emit(type, about, { payload: { n } });
  assertEquals(queue.counts().captured, 2);
  assertEquals(queue.counts().coalesced, 0);
});

const see = (text: string) => ({ payload: { n: 1, text } });

Deno.test.each([
  { name: "in flight", verdict: undefined },
  { name: "delivered", verdict: { kind: "delivered" } as const },
  { name: "sent and perhaps there", verdict: { kind: "ambiguous" } as const },
  { name: "not sent after all", verdict: { kind: "unsent" } as const },
  { name: "dead", verdict: { kind: "dead", reason: "refused" } as const },
])("coalesce() never changes a snapshot that is $name", async ({ verdict }) => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  queue.emit("TaskSeen", "t1", see("a"));
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  if (verdict !== undefined) queue.settle(lease, batch, verdict);
  queue.emit("TaskSeen", "t1", see("b"));
  queue.emit("TaskSeen", "t1", see("c"));
  const texts = queue.rows<{ text: string; n: number }>(SEEN)
    .map(({ text, n }) => [text, n]);
  assertEquals(texts, [["a", 0], ["c", 1]]);
});

Deno.test("coalesce() never mixes what was captured under two consents", async () => {
  const queue = await fakeQueue();
  const { store } = queue;
  queue.emit("TaskSeen", "t1", see("without"));
  optIn(store, "ada", 1);
  queue.emit("TaskSeen", "t1", see("under the first"));
  optOut(store, "ada", 2);
  queue.emit("TaskSeen", "t1", see("without again"));
  optIn(store, "ada", 3);
  queue.emit("TaskSeen", "t1", see("under the second"));
  assertEquals(queue.counts().coalesced, 0);
  assertEquals(queue.counts().captured, 4);
});

Deno.test("coalesce() never goes back behind a snapshot that was sent", async () => {
  const queue = await fakeQueue();
  const { store } = queue;
  queue.emit("TaskSeen", "t1", see("old"));
  optIn(store, "ada", 1);
  queue.emit("TaskSeen", "t1", see("sent"));
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "delivered" });
  releaseHistory(store, "ada", { nowMs: 2, limit: 10 });
  queue.emit("TaskSeen", "t1", see("new"));
  const texts = queue.rows<{ text: string }>(SEEN).map(({ text }) => text);
  assertEquals(texts, ["old", "sent", "new"]);
});

Deno.test("findKnown() knows an id whose snapshot has newer content by now", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskSeen", "t1", { ...see("a"), eventId: ID });
  queue.emit("TaskSeen", "t1", see("b"));
  const again = queue.emit("TaskSeen", "t1", { ...see("a"), eventId: ID });
  assertEquals(again, { kind: "duplicate", eventId: ID });
  assertEquals(queue.counts().quarantined, 0);
});

Deno.test("isOvertaken() compares with the latest snapshot of the same thing", async () => {
  const queue = await fakeQueue();
  const at = (timestamp: string) => ({ ...see("a"), timestamp });
  queue.emit("TaskSeen", "t1", at("2026-01-02T12:00:00+02:00"));
  const key = '["TaskSeen","t1",1]';
  const ask = (of: string, time: string) => isOvertaken(queue.store, of, time);
  assert(ask(key, "2026-01-02T09:59:59Z"));
  assert(!ask(key, "2026-01-02T10:00:00Z"));
  assert(!ask(key, "2026-01-02T10:00:01Z"));
  assert(!ask("another", "2026-01-02T09:59:59Z"));
});
