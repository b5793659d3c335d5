import { assertEquals } from "@std/assert";
import { draftOf, PROJECT_ID } from "#support/tasks.ts";
import { encodeEnvelope } from "./envelope.ts";
import { isEventClass, isOrderRole, readEnvelope } from "./stored_event.ts";

const BODY = encodeEnvelope(draftOf({ payload: '{"a":1}' }), {
  nodeId: "0".repeat(32),
  buildId: PROJECT_ID,
  projectId: PROJECT_ID,
  clockEpoch: 1,
  lamport: 7,
});

Deno.test("readEnvelope() reads what was encoded", () => {
  assertEquals(readEnvelope(BODY)?.lamport_clock, 7);
});

Deno.test.each([
  { name: "text", body: "hello" },
  { name: "another value", body: "[]" },
  { name: "a space", body: BODY.replace('"payload":', '"payload": ') },
  { name: "a key too many", body: BODY.replace("{", '{"a":1,') },
  { name: "a key too few", body: BODY.replace('"team_slug":null,', "") },
  { name: "a team", body: BODY.replace('"team_slug":null', '"team_slug":"a"') },
  { name: "a clock of text", body: BODY.replace(":7,", ':"7",') },
  { name: "a payload that is none", body: BODY.replace('{"a":1}', "[1]") },
  {
    name: "keys in another order",
    body: JSON.stringify({ timestamp: "", ...JSON.parse(BODY) }),
  },
])("readEnvelope() refuses $name", ({ body }) => {
  assertEquals(readEnvelope(body), undefined);
});

Deno.test.each([
  { word: "fact", isClass: true, isRole: false },
  { word: "create", isClass: false, isRole: true },
  { word: "fakt", isClass: false, isRole: false },
])("isEventClass() and isOrderRole() know $word", (row) => {
  assertEquals([isEventClass(row.word), isOrderRole(row.word)], [
    row.isClass,
    row.isRole,
  ]);
});
