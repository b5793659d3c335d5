import { assert, assertEquals } from "@std/assert";
import { optIn } from "./consent.ts";
import { diagnose, judgeStored } from "./diagnose.ts";
import { Emitter } from "./emitter.ts";
import { hashText } from "./envelope.ts";
import { readHistory } from "./event_history.ts";
import {
  createRegistry,
  type EventType,
  type FieldRule,
  type Registry,
} from "./registry.ts";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { ORIGIN, TASK_TYPES } from "#support/tasks.ts";

const KNOWN = createRegistry(TASK_TYPES);

/** The same types, but a task must have a number now. */
const STRICT: Registry = createRegistry(
  TASK_TYPES.map((type) =>
    type.type !== "TaskChanged" ? type : {
      ...type,
      fields: {
        ...type.fields,
        n: { kind: "integer", required: true },
      },
    }
  ),
);

function capture(queue: FakeQueue, payload: Record<string, number>): string {
  const outcome = queue.emit("TaskChanged", "t1", { payload });
  assert(outcome.kind === "captured", outcome.kind);
  return outcome.eventId;
}

Deno.test("diagnose() finds nothing wrong with what was captured", async () => {
  const queue = await fakeQueue();
  for (let n = 0; n < 450; n++) capture(queue, { n });
  assertEquals(await diagnose(queue.host, queue.store, KNOWN), {
    checked: 450,
    groups: [],
    unknownTypes: new Map(),
    quarantine: [],
  });
});

Deno.test("diagnose() counts what later rules forbid, with examples", async () => {
  const queue = await fakeQueue();
  const ids = Array.from({ length: 5 }, () => capture(queue, {}));
  capture(queue, { n: 1 });
  const found = await diagnose(queue.host, queue.store, STRICT);
  assertEquals(found.checked, 6);
  assertEquals(found.groups, [{
    type: "TaskChanged",
    field: "payload.n",
    rule: "must be there",
    count: 5,
    examples: ids.slice(0, 3),
  }]);
});

Deno.test("diagnose() counts types that are not known apart", async () => {
  const queue = await fakeQueue();
  capture(queue, {});
  const found = await diagnose(queue.host, queue.store, createRegistry());
  assertEquals([found.checked, found.groups], [0, []]);
  assertEquals(found.unknownTypes, new Map([["TaskChanged", 1]]));
});

Deno.test("diagnose() leaves out what the server has", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 0);
  capture(queue, {});
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  assertEquals(
    (await diagnose(queue.host, queue.store, KNOWN)).checked,
    1,
    "what is under way counts",
  );
  queue.settle(lease, batch, { kind: "delivered" });
  assertEquals((await diagnose(queue.host, queue.store, KNOWN)).checked, 0);
});

Deno.test("diagnose() shows the quarantine by fault", async () => {
  const queue = await fakeQueue();
  queue.emit("TaskChanged", "t1", { payload: { text: 5 } });
  queue.emit("TaskChanged", "t1", { payload: { text: 6 } });
  queue.emit("Nothing", "t1");
  const { quarantine } = await diagnose(queue.host, queue.store, KNOWN);
  assertEquals(
    quarantine.map(({ type, field, count, examples }) =>
      [type, field, count, examples.join()].join(" ")
    ),
    ["TaskChanged payload.text 2 1,2", "Nothing event_type 1 3"],
  );
});

Deno.test.each([
  { name: "text that is no JSON", body: "{", field: "event" },
  { name: "text that is no object", body: "null", field: "event" },
  { name: "another text", body: undefined, field: "sha256" },
])("judgeStored() of $name finds fault with $field", ({ body, field }) => {
  const sha256 = hashText(body ?? "{}");
  const problem = judgeStored(KNOWN, { body: body ?? "[]", sha256 });
  assertEquals(problem?.field, field);
});

Deno.test("judgeStored() has nothing to say without a body", () => {
  assertEquals(judgeStored(KNOWN, { body: null, sha256: "" }), undefined);
});

/** A type whose lists may hold anything, or whole numbers only. */
function listing(items?: FieldRule): readonly EventType[] {
  const list: FieldRule = {
    kind: "array",
    ...(items === undefined ? {} : { items }),
  };
  return [{
    type: "TaskListed",
    version: 1,
    aggregateType: "Task",
    class: "fact",
    fields: { list },
  }];
}

Deno.test("diagnose() takes places in a list together", async () => {
  const queue = await fakeQueue();
  const emitter = new Emitter(queue.queueHost, {
    registry: createRegistry(listing()),
    sink: queue.sink,
    origin: () => ORIGIN,
    isOff: false,
    warn: () => {},
  });
  for (const list of [[1, "x"], ["x"]]) {
    emitter.emit("TaskListed", { aggregateId: "t1", payload: { list } });
  }
  const strict = createRegistry(listing({ kind: "integer" }));
  const { groups } = await diagnose(queue.host, queue.store, strict);
  assertEquals(groups.map(({ field, count }) => [field, count]), [
    ["payload.list[]", 2],
  ]);
});

Deno.test("readHistory() knows an event and the requests around it", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 0);
  const id = capture(queue, { n: 1 });
  assertEquals(
    readHistory(queue.store, "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    undefined,
  );
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "dead", reason: "refused", error: "no" });
  const history = readHistory(queue.store, id);
  assert(history?.kind === "event");
  const { row, batches } = history;
  assertEquals([row.state, row.reason_code, row.error], [
    "dead",
    "refused",
    "no",
  ]);
  assertEquals(batches.map((one) => [one.batch_id, one.http]), [
    [batch.batchId, 200],
  ]);
  assertEquals(JSON.parse(row.body ?? "").event_id, id);
});

Deno.test("readHistory() finds an event in the quarantine", async () => {
  const queue = await fakeQueue();
  const eventId = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  queue.emit("TaskChanged", "t1", { eventId, payload: { text: 5 } });
  const history = readHistory(queue.store, eventId);
  assert(history?.kind === "quarantined");
  assertEquals(history.entry.field, "payload.text");
});
