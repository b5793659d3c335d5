import { assert, assertEquals, assertThrows } from "@std/assert";
import { BUILT_IN_TYPES, createRegistry, type EventType } from "./registry.ts";

function own(changes: Partial<EventType>): EventType {
  return {
    type: "TaskDone",
    version: 1,
    aggregateType: "Task",
    class: "fact",
    fields: {},
    ...changes,
  };
}

Deno.test("createRegistry() knows the built-in types and a program's own", () => {
  const registry = createRegistry([own({})]);
  assertEquals(registry.size, BUILT_IN_TYPES.length + 1);
  assertEquals(registry.get("TaskDone"), own({}));
  assert(BUILT_IN_TYPES.every((type) => registry.get(type.type) === type));
});

Deno.test.each([
  { name: "an empty name", type: "" },
  { name: "a small letter first", type: "taskDone" },
  { name: "a digit first", type: "1Task" },
  { name: "a dash", type: "Task-Done" },
  { name: "a quotation mark", type: 'Task"Done' },
  { name: "a line break", type: "TaskDone\n" },
  { name: "65 characters", type: `T${"a".repeat(64)}` },
])("createRegistry() refuses $name", ({ type }) => {
  assertThrows(
    () => createRegistry([own({ type })]),
    TypeError,
    `Cannot register event type "${type}"`,
  );
});

Deno.test("createRegistry() takes a name of 64 characters", () => {
  const type = `T${"9".repeat(63)}`;
  assert(createRegistry([own({ type })]).has(type));
});

Deno.test.each([
  { name: "a built-in type", types: [own({ type: "NoteRecorded" })] },
  { name: "its own type", types: [own({}), own({})] },
])("createRegistry() refuses $name a second time", ({ types }) => {
  assertThrows(() => createRegistry(types), TypeError, "twice");
});

Deno.test.each<{ name: string; fields: EventType["fields"] }>([
  { name: "a field", fields: { a: { kind: "string", pattern: "(" } } },
  {
    name: "items",
    fields: { a: { kind: "array", items: { kind: "string", pattern: "[" } } },
  },
  {
    name: "items of items",
    fields: {
      a: {
        kind: "array",
        items: { kind: "array", items: { kind: "string", pattern: "\\" } },
      },
    },
  },
])(
  "createRegistry() refuses a pattern that is none for $name",
  ({ fields }) => {
    const error = assertThrows(
      () => createRegistry([own({ fields })]),
      TypeError,
    );
    assertEquals(
      error.message,
      "Cannot register event type TaskDone: the pattern of a is none",
    );
    assert(error.cause instanceof SyntaxError);
  },
);

Deno.test.each(BUILT_IN_TYPES.map((type) => ({ name: type.type, type })))(
  "BUILT_IN_TYPES refers only to fields of $name",
  ({ type }) => {
    const { freeText = [], coalesceBy = [], strip = [] } = type;
    const listed = [...freeText, ...coalesceBy];
    assert(listed.every((name) => name in type.fields));
    assert(strip.every((name) => !(name in type.fields)));
    assertEquals(type.class === "snapshot", coalesceBy.length > 0);
  },
);
