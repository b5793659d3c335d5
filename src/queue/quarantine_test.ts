import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import type { EventArgs } from "./event.ts";
import {
  addToQuarantine,
  describeArgs,
  QUARANTINE_LIMIT,
  quarantineDraft,
  type QuarantineFacts,
  quarantineText,
} from "./quarantine.ts";

const FACTS: QuarantineFacts = {
  eventId: null,
  type: "TaskDone",
  reason: "invalid_payload",
  field: "payload.a",
  rule: "must be text",
  nowMs: 7,
};

Deno.test("addToQuarantine() keeps why, where and what", async () => {
  const queue = await fakeQueue();
  assertEquals(addToQuarantine(queue.store, FACTS, '{"a":1}'), "added");
  assertEquals(queue.rows("SELECT * FROM quarantine"), [{
    "q_id": 1,
    "event_id": null,
    type: "TaskDone",
    reason: "invalid_payload",
    field: "payload.a",
    rule: "must be text",
    body: '{"a":1}',
    at: 7,
  }]);
});

Deno.test("addToQuarantine() keeps only the size of what is too long", async () => {
  const queue = await fakeQueue();
  const long = "x".repeat(256 * 1024);
  addToQuarantine(queue.store, FACTS, long);
  addToQuarantine(queue.store, {
    ...FACTS,
    type: "t".repeat(201),
    field: "f".repeat(501),
    rule: "r".repeat(501),
  }, `${long}x`);
  const rows = queue.rows(
    `SELECT length(type) AS type, length(field) AS field, length(rule) AS rule,
       length(body) AS size FROM quarantine`,
  );
  assertEquals(rows[0]?.["size"], long.length);
  assertEquals(rows[1], { type: 200, field: 500, rule: 500, size: 19 });
});

Deno.test("addToQuarantine() is full at its limit and throws nothing out", async () => {
  const queue = await fakeQueue();
  queue.store.db.run(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
       WHERE i < ?)
     INSERT INTO quarantine (type, reason, field, rule, body, at)
       SELECT 't', 'r', 'f', 'r', '{}', i FROM n`,
    QUARANTINE_LIMIT - 1,
  );
  assertEquals(addToQuarantine(queue.store, FACTS, "{}"), "added");
  assertEquals(addToQuarantine(queue.store, FACTS, "{}"), "full");
  assertEquals(queue.counts().quarantined, QUARANTINE_LIMIT);
  assertEquals(queue.rows("SELECT min(at) AS at FROM quarantine"), [{ at: 1 }]);
});

const bigint = { aggregateId: "a", payload: { n: 1n } } as unknown as EventArgs;

Deno.test.each([
  {
    name: "what JSON can say",
    args: { aggregateId: "a", payload: {} },
    is: '{"aggregateId":"a","payload":{}}',
  },
  {
    name: "what it cannot",
    args: bigint,
    is: '{"not_json":"[object Object]"}',
  },
  { name: "nothing", args: undefined as unknown as EventArgs, is: "null" },
])("describeArgs() writes $name", ({ args, is }) => {
  assertEquals(describeArgs(args), is);
});

Deno.test("describeArgs() is short for whatever is long", () => {
  const args = { aggregateId: "a".repeat(300_000), payload: {} };
  assertEquals(describeArgs(args), '{"too_long":300031}');
});

Deno.test("describeArgs() gives JSON for anything that has a text", () => {
  const values = fc.anything().filter((value) => {
    try {
      return typeof String(value) === "string";
    } catch {
      return false;
    }
  });
  fc.assert(fc.property(values, (value) => {
    JSON.parse(describeArgs(value as EventArgs));
  }));
});

Deno.test("quarantineDraft() keeps one entry of the same conflict", async () => {
  const queue = await fakeQueue();
  const draft = draftOf({ payload: '{"n":1}' });
  assertEquals(quarantineDraft(queue.store, draft, 1), "added");
  assertEquals(quarantineDraft(queue.store, draft, 2), "added");
  quarantineDraft(queue.store, draftOf({ payload: '{"n":2}' }), 3);
  const rows = queue.rows<{ at: number; body: string }>(
    "SELECT at, body FROM quarantine",
  );
  assertEquals(rows.map(({ at }) => at), [1, 3]);
  assertEquals(JSON.parse(rows[0]?.body ?? ""), {
    aggregateId: "t1",
    payload: { n: 1 },
    causationId: null,
    timestamp: draft.timestamp,
  });
});

Deno.test("quarantineText() keeps the same line once", async () => {
  const queue = await fakeQueue();
  quarantineText(queue.store, { id: "i", text: "torn", nowMs: 1 });
  quarantineText(queue.store, { id: "i", text: "torn", nowMs: 2 });
  quarantineText(queue.store, { id: "j", text: "other", nowMs: 3 });
  const rows = queue.rows("SELECT event_id, reason, body, at FROM quarantine");
  assertEquals(rows, [
    { "event_id": "i", reason: "damaged_line", body: "torn", at: 1 },
    { "event_id": "j", reason: "damaged_line", body: "other", at: 3 },
  ]);
});

Deno.test("quarantined events never come into a batch", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskChanged", "t1", { payload: { wrong: 1 } });
  queue.emit("NoSuchType", "t1");
  assertEquals(queue.counts().quarantined, 2);
  assertEquals(queue.counts().ready, 0);
  assertEquals(queue.claim(queue.takeLease()), undefined);
  assert(queue.counts().captured === 0);
});
