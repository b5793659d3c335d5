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
    payload: {
      name: "password=hunter22",
      log: "password=<redacted>",
      more: { a: [1, "~/x", { b: null, c: "<redacted>" }], d: undefined },
    },
    isChanged: true,
  });
});

Deno.test("redactPayload() gives back the payload itself when nothing is to do", () => {
  const { strip: _strip, freeText: _freeText, ...plain } = TYPE;
  const payload = { log: "password=hunter22" };
  const clean = redactPayload(plain, payload, HOME);
  assert(clean.payload === payload && !clean.isChanged);
});

Deno.test("redactPayload() does not change what it was given", () => {
  const payload = { machine: "m", log: "/home/ada" };
  redactPayload(TYPE, payload, HOME);
  assertEquals(payload, { machine: "m", log: "/home/ada" });
});

Deno.test("redactPayload() keeps a field called __proto__ a field", () => {
  const payload = JSON.parse('{"__proto__":{"a":1},"log":"x"}');
  const clean = redactPayload(TYPE, payload, HOME).payload;
  assertEquals(JSON.stringify(clean), '{"__proto__":{"a":1},"log":"x"}');
});

Deno.test.each([
  { name: "a clean text", payload: { log: "x" }, isChanged: false },
  {
    name: "a secret where nobody looks",
    payload: { name: "/home/ada" },
    isChanged: false,
  },
  { name: "no text", payload: { log: null, more: 1 }, isChanged: false },
  {
    name: "a text that is not there",
    payload: { log: undefined },
    isChanged: false,
  },
  {
    name: "a text that becomes empty of secrets",
    payload: { log: "/home/ada" },
    isChanged: true,
  },
  { name: "a field that goes", payload: { machine: "m" }, isChanged: true },
  {
    name: "a field that goes and says nothing",
    payload: { machine: undefined },
    isChanged: true,
  },
])(
  "redactPayload() tells whether it changed $name",
  ({ payload, isChanged }) => {
    assertEquals(redactPayload(TYPE, payload, HOME).isChanged, isChanged);
  },
);

Deno.test("redactPayload() keeps what it looked at, whatever a getter says next", () => {
  const texts = ["clean", "password=hunter22"];
  const payload = {
    get log() {
      return texts.shift() ?? "password=hunter22";
    },
  };
  const { payload: clean } = redactPayload(TYPE, payload, HOME);
  assertEquals([clean["log"], clean["log"]], ["clean", "clean"]);
});
