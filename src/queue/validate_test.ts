import { assertEquals } from "@std/assert";
import type { EventArgs } from "./event.ts";
import type { EventType } from "./registry.ts";
import { findProblem } from "./validate.ts";

const TASK: EventType = {
  type: "TaskDone",
  version: 1,
  aggregateType: "Task",
  class: "fact",
  fields: {
    name: { kind: "string", required: true },
    extra: { kind: "any" },
  },
  forbiddenKeys: ["work_package_id", "mission_key"],
  strip: ["machine"],
  check: ({ name }) =>
    name === "wrong" ? "must not be called wrong" : undefined,
};

const GOOD: EventArgs = { aggregateId: "t1", payload: { name: "n" } };
const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/** What a caller without a type checker may say. */
function args(changes: Readonly<Record<string, unknown>>): EventArgs {
  return { ...GOOD, ...changes };
}

Deno.test.each([
  {
    name: "no aggregate",
    change: { aggregateId: undefined },
    field: "aggregate_id",
    rule: "must be text",
  },
  {
    name: "an empty aggregate",
    change: { aggregateId: "" },
    field: "aggregate_id",
    rule: "must be text",
  },
  {
    name: "a number as aggregate",
    change: { aggregateId: 7 },
    field: "aggregate_id",
    rule: "must be text",
  },
  {
    name: "a long aggregate",
    change: { aggregateId: "a".repeat(201) },
    field: "aggregate_id",
    rule: "must have at most 200 characters",
  },
  {
    name: "an id that is none",
    change: { eventId: "x" },
    field: "event_id",
    rule: "must be a ULID",
  },
  {
    name: "a list as id",
    change: { eventId: [ULID] },
    field: "event_id",
    rule: "must be a ULID",
  },
  {
    name: "null as id",
    change: { eventId: null },
    field: "event_id",
    rule: "must be a ULID",
  },
  {
    name: "a cause that is none",
    change: { causationId: "x" },
    field: "causation_id",
    rule: "must be a ULID",
  },
  {
    name: "a list as cause",
    change: { causationId: [ULID] },
    field: "causation_id",
    rule: "must be a ULID",
  },
  {
    name: "a chain that is none",
    change: { correlationId: "x" },
    field: "correlation_id",
    rule: "must be a ULID",
  },
  {
    name: "a list as chain",
    change: { correlationId: [ULID] },
    field: "correlation_id",
    rule: "must be a ULID",
  },
  {
    name: "a time that is none",
    change: { timestamp: "yesterday" },
    field: "timestamp",
    rule: "must be an RFC 3339 time with offset",
  },
  {
    name: "a list as time",
    change: { timestamp: ["2026-01-02T03:04:05Z"] },
    field: "timestamp",
    rule: "must be an RFC 3339 time with offset",
  },
  {
    name: "a number as dedupe key",
    change: { dedupeKey: 1 },
    field: "dedupe_key",
    rule: "must be text",
  },
  {
    name: "an empty dedupe key",
    change: { dedupeKey: "" },
    field: "dedupe_key",
    rule: "must be text",
  },
  {
    name: "a long dedupe key",
    change: { dedupeKey: "k".repeat(201) },
    field: "dedupe_key",
    rule: "must have at most 200 characters",
  },
])("findProblem() refuses $name", ({ change, field, rule }) => {
  const reason = "invalid_envelope";
  assertEquals(findProblem(TASK, args(change)), { reason, field, rule });
});

Deno.test.each([
  { name: "the least", change: {} },
  {
    name: "everything",
    change: {
      eventId: ULID,
      causationId: ULID,
      correlationId: ULID,
      timestamp: "2026-01-02T03:04:05+02:00",
      dedupeKey: "k".repeat(200),
    },
  },
  {
    name: "an aggregate of 200 characters",
    change: { aggregateId: "a".repeat(200) },
  },
  {
    name: "a field that is stripped",
    change: { payload: { name: "n", machine: "ada" } },
  },
  {
    name: "a field without value",
    change: { payload: { name: "n", other: undefined } },
  },
])("findProblem() takes $name", ({ change }) => {
  assertEquals(findProblem(TASK, args(change)), undefined);
});

Deno.test.each<{ name: string; payload: unknown; field: string; rule: string }>(
  [
    {
      name: "nothing",
      payload: undefined,
      field: "payload",
      rule: "must be an object",
    },
    {
      name: "null",
      payload: null,
      field: "payload",
      rule: "must be an object",
    },
    {
      name: "a list",
      payload: [],
      field: "payload",
      rule: "must be an object",
    },
    { name: "text", payload: "x", field: "payload", rule: "must be an object" },
    {
      name: "a map",
      payload: new Map(),
      field: "payload",
      rule: "must be a plain object",
    },
    {
      name: "a number beyond JSON",
      payload: { name: NaN },
      field: "payload.name",
      rule: "must be a finite number",
    },
    {
      name: "a missing field",
      payload: {},
      field: "payload.name",
      rule: "must be there",
    },
    {
      name: "a field without value",
      payload: { name: undefined },
      field: "payload.name",
      rule: "must be there",
    },
    {
      name: "an inherited field",
      payload: Object.create({ name: "n" }),
      field: "payload",
      rule: "must be a plain object",
    },
    {
      name: "another field",
      payload: { name: "n", b: 1 },
      field: "payload.b",
      rule: "is not a field of TaskDone",
    },
    {
      name: "a field of every object",
      payload: { name: "n", toString: 1 },
      field: "payload.toString",
      rule: "is not a field of TaskDone",
    },
    {
      name: "what the type itself refuses",
      payload: { name: "wrong" },
      field: "payload",
      rule: "must not be called wrong",
    },
  ],
)("findProblem() refuses $name as payload", ({ payload, field, rule }) => {
  const reason = "invalid_payload";
  assertEquals(findProblem(TASK, args({ payload })), { reason, field, rule });
});

Deno.test.each([
  {
    name: "at the top",
    payload: { name: "n", "mission_key": 1 },
    field: "payload.mission_key",
  },
  {
    name: "three deep",
    payload: { name: "n", extra: { a: { b: { "mission_key": 1 } } } },
    field: "payload.extra.a.b.mission_key",
  },
  {
    name: "in a list",
    payload: { name: "n", extra: [1, { "work_package_id": null }] },
    field: "payload.extra[1].work_package_id",
  },
  {
    name: "below another",
    payload: { name: "n", extra: [{ a: [[{ "mission_key": {} }]] }] },
    field: "payload.extra[0].a[0][0].mission_key",
  },
])("findProblem() finds a forbidden key $name", ({ payload, field }) => {
  const rule = "must not be there";
  const found = findProblem(TASK, args({ payload }));
  assertEquals(found, { reason: "forbidden_key", field, rule });
});

Deno.test("findProblem() minds a forbidden word only as a key", () => {
  const payload = { name: "mission_key", extra: ["work_package_id"] };
  assertEquals(findProblem(TASK, args({ payload })), undefined);
});

Deno.test("findProblem() lets other fields pass where the type allows them", () => {
  const open: EventType = { ...TASK, allowsOthers: true };
  const payload = { name: "n", b: [1] };
  assertEquals(findProblem(open, args({ payload })), undefined);
});
