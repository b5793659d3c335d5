import { assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { readAudit } from "./audit.ts";
import { optIn, optOut } from "./consent.ts";
import {
  countDead,
  type DeadFilter,
  listDead,
  replayDead,
  showDead,
  skipDead,
} from "./dead.ts";

/** A queue whose server has refused so many events. */
async function withDead(count: number, type = "TaskChanged") {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", queue.host.clock.now());
  for (let at = 1; at <= count; at++) queue.emit(type, `t${at}`);
  refuse(queue);
  return queue;
}

function refuse(queue: FakeQueue): void {
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: 10_000, maxBytes: 1e8 });
  if (batch === undefined) return;
  queue.settle(lease, batch, (seq) => ({
    kind: "dead",
    reason: seq % 2 === 0 ? "refused" : "id_conflict",
    error: `no to ${seq}`,
  }));
}

const action = { actor: "ada", nowMs: 7 };

function idOf(queue: FakeQueue, seq: number): string {
  const [row] = queue.rows<{ id: string }>(
    "SELECT event_id AS id FROM events WHERE seq = ?",
    seq,
  );
  return row?.id ?? "";
}

Deno.test.each<{ name: string; filter: DeadFilter; is: readonly number[] }>([
  { name: "everything", filter: {}, is: [1, 2, 3, 4] },
  { name: "a reason", filter: { reason: "refused" }, is: [2, 4] },
  { name: "a type", filter: { type: "TaskSeen" }, is: [] },
  { name: "a time", filter: { sinceMs: Number.MAX_SAFE_INTEGER }, is: [] },
  { name: "what is skipped", filter: { states: ["skipped"] }, is: [] },
  { name: "an id that is none", filter: { ids: ["01"] }, is: [] },
])("listDead() finds $name", async ({ filter, is }) => {
  const { store } = await withDead(4);
  const rows = listDead(store, filter, { limit: 9 });
  assertEquals(rows.map(({ seq }) => seq), is);
  const counts = countDead(store, filter);
  assertEquals([...counts.values()].reduce((sum, n) => sum + n, 0), is.length);
});

Deno.test("listDead() gives pages", async () => {
  const { store } = await withDead(4);
  const page = listDead(store, {}, { after: 1, limit: 2 });
  assertEquals(page.map(({ seq }) => seq), [2, 3]);
});

Deno.test("showDead() tells what was said, by whom and when", async () => {
  const queue = await withDead(2);
  const letter = showDead(queue.store, idOf(queue, 2));
  assertEquals(letter?.row.error, "no to 2");
  assertEquals(letter?.row.last_http, 200);
  assertEquals(letter?.row.attempts, 1);
  assertEquals(JSON.parse(letter?.body ?? "").event_id, idOf(queue, 2));
  assertEquals(letter?.batches.map(({ outcome }) => outcome), ["ok"]);
  assertEquals(showDead(queue.store, "01"), undefined);
});

Deno.test("replayDead() begins anew under the same id", async () => {
  const queue = await withDead(3);
  const id = idOf(queue, 2);
  assertEquals(replayDead(queue.store, { ids: [id] }, action), 1);
  assertEquals(queue.states(), { 1: "dead", 2: "ready", 3: "dead" });
  const lease = queue.takeLease();
  const [event] = queue.claim(lease)?.events ?? [];
  assertEquals([event?.eventId, event?.attempts], [id, 0]);
  const [entry] = readAudit(queue.store, 1);
  assertEquals(entry?.action, "dead_replay");
  assertEquals(JSON.parse(entry?.details ?? "").event_ids, [id]);
});

Deno.test("replayDead() does many in several steps, each once", async () => {
  const queue = await withDead(2500);
  assertEquals(replayDead(queue.store, {}, action), 2500);
  assertEquals(replayDead(queue.store, {}, action), 0);
  assertEquals(queue.counts().ready, 2500);
  const entries = readAudit(queue.store, 2).map(({ details }) =>
    JSON.parse(details)
  );
  assertEquals(entries, [
    { count: 500, seq_from: 2001, seq_to: 2500 },
    { count: 2000, seq_from: 1, seq_to: 2000 },
  ]);
});

Deno.test("replayDead() does not send what consent no longer covers", async () => {
  const queue = await withDead(1);
  optOut(queue.store, "ada", 7);
  optIn(queue.store, "ada", 8);
  const [row] = listDead(queue.store, {}, { limit: 1 });
  assertEquals(row?.is_sealed, 1);
  assertEquals(replayDead(queue.store, {}, action), 1);
  assertEquals(queue.claim(queue.takeLease()), undefined);
});

Deno.test("skipDead() lets the lane of a creation go on", async () => {
  const queue = await withDead(1, "TaskCreated");
  queue.change("t1");
  const lease = queue.takeLease();
  assertEquals(queue.claim(lease), undefined);
  assertEquals(skipDead(queue.store, {}, action), 1);
  assertEquals(queue.claim(lease)?.events.map(({ seq }) => seq), [2]);
  assertEquals(queue.counts().skipped, 1);
  assertEquals(readAudit(queue.store, 1)[0]?.action, "dead_skip");
});

Deno.test("skipDead() can be taken back with the body", async () => {
  const queue = await withDead(2);
  skipDead(queue.store, {}, action);
  assertEquals(countDead(queue.store, {}).size, 0);
  const filter: DeadFilter = { states: ["skipped"] };
  assertEquals(skipDead(queue.store, filter, action), 0);
  assertEquals(replayDead(queue.store, filter, action), 2);
  assertEquals(queue.claim(queue.takeLease())?.events.length, 2);
});
