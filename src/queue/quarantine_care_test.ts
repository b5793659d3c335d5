import { assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { readAudit } from "./audit.ts";
import {
  listQuarantine,
  purgeQuarantine,
  type QuarantineFilter,
  showQuarantine,
  sumQuarantine,
} from "./quarantine_care.ts";

async function withEntries() {
  const queue = await fakeQueue();
  queue.emit("Unknown", "t1");
  queue.emit("TaskChanged", "");
  queue.emit("TaskChanged", "t1", { payload: { n: "one" } });
  return queue;
}

Deno.test.each<{ name: string; filter: QuarantineFilter; is: number[] }>([
  { name: "everything", filter: {}, is: [1, 2, 3] },
  { name: "a type", filter: { type: "TaskChanged" }, is: [2, 3] },
  { name: "a reason", filter: { reason: "unknown_type" }, is: [1] },
  { name: "a number", filter: { ids: [3, 9] }, is: [3] },
  { name: "a time to come", filter: { sinceMs: 1e15 }, is: [] },
])("listQuarantine() finds $name", async ({ filter, is }) => {
  const { store } = await withEntries();
  const rows = listQuarantine(store, filter, { limit: 9 });
  assertEquals(rows.map((row) => row.q_id), is);
  const { count, bytes } = sumQuarantine(store, filter);
  const texts = rows.map(({ body }) => new TextEncoder().encode(body).length);
  assertEquals([count, bytes], [is.length, texts.reduce((a, b) => a + b, 0)]);
});

Deno.test("showQuarantine() shows one entry", async () => {
  const { store } = await withEntries();
  assertEquals(showQuarantine(store, 2)?.field, "aggregate_id");
  assertEquals(showQuarantine(store, 9), undefined);
});

Deno.test("purgeQuarantine() throws away what is chosen and tells the audit", async () => {
  const queue = await withEntries();
  const action = { actor: "ada", nowMs: 7 };
  const filter = { type: "TaskChanged" };
  assertEquals(purgeQuarantine(queue.store, filter, action), 2);
  assertEquals(queue.counts().quarantined, 1);
  assertEquals(readAudit(queue.store, 1)[0]?.details, '{"count":2}');
  assertEquals(purgeQuarantine(queue.store, filter, action), 0);
  assertEquals(readAudit(queue.store, 9).length, 1);
});
