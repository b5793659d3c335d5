import { assert, assertEquals } from "@std/assert";
import { redactPayload } from "./redact.ts";
import type { EventType } from "./registry.ts";

const HOME = "/home/ada";

const TYPE: EventType = {
  type: "TaskDone",
  version: 1,
  aggregateType: "Task",
  class: "fact",
  fields: {},
  strip: ["machine"],
  freeText: ["log", "more"],
};

Deno.test("redactPayload() takes fields out and cleans free text at any depth", () => {
  const payload = {
    machine: "ada's",
    name: "password=hunter22",
    log: "password=hunter22",
    more: {
      a: [1, "/home/ada/x", { b: null, c: "sk-0123456789abc" }],
      d: undefined,
    },
  };
  assertEquals(redactPayload(TYPE, payload, HOME), {
    name: "password=hunter22",
    log: "password=<redacted>",
    more: { a: [1, "~/x", { b: null, c: "<redacted>" }], d: undefined },
  });
});

Deno.test("redactPayload() gives back the payload itself when nothing is to do", () => {
  const { strip: _strip, freeText: _freeText, ...plain } = TYPE;
  const payload = { log: "password=hunter22" };
  assert(redactPayload(plain, payload, HOME) === payload);
});

Deno.test("redactPayload() does not change what it was given", () => {
  const payload = { machine: "m", log: "/home/ada" };
  redactPayload(TYPE, payload, HOME);
  assertEquals(payload, { machine: "m", log: "/home/ada" });
});

Deno.test("redactPayload() keeps a field called __proto__ a field", () => {
  const payload = JSON.parse('{"__proto__":{"a":1},"log":"x"}');
  const clean = redactPayload(TYPE, payload, HOME);
  assertEquals(JSON.stringify(clean), '{"__proto__":{"a":1},"log":"x"}');
});
