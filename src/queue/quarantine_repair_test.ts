import { assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { ORIGIN, TASK_TYPES } from "#support/tasks.ts";
import { readAudit } from "./audit.ts";
import type { QuarantineRow } from "./quarantine.ts";
import { showQuarantine } from "./quarantine_care.ts";
import {
  type QuarantineEdit,
  readArgs,
  type Repaired,
  type RepairOptions,
  repairQuarantined,
} from "./quarantine_repair.ts";
import { createRegistry, type EventType } from "./registry.ts";
import { isUlid } from "../state/ulid.ts";

const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

function repair(
  queue: FakeQueue,
  id: number,
  options: Partial<RepairOptions> = {},
): Repaired {
  const row = showQuarantine(queue.store, id);
  if (row === undefined) throw new Error(`no entry ${id}`);
  return repairQuarantined(queue.queueHost, queue.store, row, {
    registry: createRegistry(TASK_TYPES),
    sink: queue.sink,
    origin: ORIGIN,
    actor: "ada",
    ...options,
  });
}

const MOVED: EventType = {
  type: "TaskMoved",
  version: 1,
  aggregateType: "Task",
  class: "fact",
  fields: {},
};

Deno.test("repairQuarantined() captures what a new type allows", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskMoved", "t1", { eventId: ID });
  assertEquals(repair(queue, 1).kind, "invalid");
  const registry = createRegistry([...TASK_TYPES, MOVED]);
  const at = queue.host.clock.now();
  queue.host.world.clock.setWall(at + 1e6);
  const repaired = repair(queue, 1, { registry });
  assertEquals(repaired, { kind: "captured", eventId: ID });
  assertEquals(showQuarantine(queue.store, 1), undefined);
  const [row] = queue.rows<{ body: string }>("SELECT body FROM events");
  const { timestamp } = JSON.parse(row?.body ?? "");
  assertEquals(timestamp, new Date(at).toISOString(), "when it came");
  const [entry] = readAudit(queue.store, 1);
  assertEquals(entry?.action, "quarantine_repair");
});

Deno.test("repairQuarantined() takes what a person has corrected", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskChanged", "", { payload: { n: "one" } });
  const half: QuarantineEdit = { payload: { n: 1 } };
  const still = repair(queue, 1, { edit: half });
  assertEquals(still, {
    kind: "invalid",
    field: "aggregate_id",
    rule: "must be text",
  });
  assertEquals(queue.counts().quarantined, 1, "not put apart again");
  const whole = repair(queue, 1, { edit: { ...half, aggregateId: "t1" } });
  assertEquals(whole.kind, "captured");
  assertEquals(queue.counts().quarantined, 0);
});

Deno.test("repairQuarantined() only looks when it is a trial", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskMoved", "t1");
  const registry = createRegistry([...TASK_TYPES, MOVED]);
  const isTrial = true;
  assertEquals(repair(queue, 1, { registry, isTrial }), { kind: "valid" });
  assertEquals(repair(queue, 1, { isTrial }).kind, "invalid");
  assertEquals([queue.counts().captured, queue.counts().quarantined], [0, 1]);
});

Deno.test("repairQuarantined() captures once when it died before the end", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskMoved", "t1");
  const registry = createRegistry([...TASK_TYPES, MOVED]);
  const row = showQuarantine(queue.store, 1);
  const first = repair(queue, 1, { registry });
  if (row === undefined || first.kind !== "captured") throw new Error();
  queue.store.db.run(
    `INSERT INTO quarantine (q_id, event_id, type, reason, field, rule, body, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    row.q_id,
    row.event_id,
    row.type,
    row.reason,
    row.field,
    row.rule,
    row.body,
    row.at,
  );
  assertEquals(repair(queue, 1, { registry }).kind, "captured");
  assertEquals([queue.counts().captured, queue.counts().quarantined], [1, 0]);
});

Deno.test("repairQuarantined() gives another id after a conflict", async () => {
  const queue = await fakeQueue();
  queue.change("t1", { eventId: ID });
  queue.emit("TaskChanged", "t1", { eventId: ID, payload: { n: 2 } });
  const repaired = repair(queue, 1);
  assertEquals(repaired.kind, "captured");
  const ids = queue.rows<{ id: string }>("SELECT event_id AS id FROM events");
  assertEquals(ids.filter(({ id }) => isUlid(id)).length, 2);
});

Deno.test("repairQuarantined() does not put a conflict apart a second time", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskMoved", "t1", { eventId: ID });
  queue.change("t1", { eventId: ID });
  const registry = createRegistry([...TASK_TYPES, MOVED]);
  assertEquals(repair(queue, 1, { registry }), {
    kind: "invalid",
    field: "event_id",
    rule: "is stored with other content",
  });
  assertEquals(queue.counts().quarantined, 1);
});

Deno.test("repairQuarantined() keeps what could not be stored", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskMoved", "t1");
  const registry = createRegistry([...TASK_TYPES, MOVED]);
  queue.sink.close();
  const repaired = repair(queue, 1, { registry });
  assertEquals(repaired.kind, "not_stored");
  assertEquals(queue.counts().quarantined, 1);
});

const entry = (body: string, reason = "invalid_payload"): QuarantineRow => ({
  q_id: 7,
  event_id: null,
  type: "TaskChanged",
  reason,
  field: "payload",
  rule: "is wrong",
  body,
  at: 0,
});

const plain = {
  aggregateId: "a",
  payload: {},
  timestamp: "1970-01-01T00:00:00.000Z",
  dedupeKey: "quarantine:7:0",
};

Deno.test.each([
  { name: "a torn line", body: "0123 {", is: { kind: "not_an_event" } },
  {
    name: "text that was too long",
    body: '{"too_long":9}',
    is: { kind: "not_an_event" },
  },
  {
    name: "no payload",
    body: '{"aggregateId":"a"}',
    is: { kind: "not_an_event" },
  },
  {
    name: "a payload that is none",
    body: '{"aggregateId":"a","payload":[1]}',
    is: { kind: "invalid", field: "payload", rule: "must be an object" },
  },
  {
    name: "a plain event",
    body: '{"aggregateId":"a","payload":{}}',
    is: plain,
  },
  {
    name: "ids that are none",
    body:
      '{"aggregateId":"a","payload":{},"eventId":"x","causationId":null,"timestamp":"now"}',
    is: plain,
  },
  {
    name: "ids that can be used",
    body:
      `{"aggregateId":"a","payload":{},"eventId":"${ID}","correlationId":"${ID}"}`,
    is: { ...plain, eventId: ID, correlationId: ID },
  },
])("readArgs() reads $name", ({ body, is }) => {
  assertEquals<unknown>(readArgs(entry(body), {}), is);
});

Deno.test("readArgs() leaves the id of a conflict", () => {
  const body = `{"aggregateId":"a","payload":{},"eventId":"${ID}"}`;
  assertEquals<unknown>(readArgs(entry(body, "id_conflict"), {}), plain);
});
