import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonValues } from "#support/json_values.ts";
import type { JsonValue } from "../state/json_value.ts";
import { byteLength, toJsonText } from "./json_text.ts";

const LIMIT = 1000;

class Money {
  readonly amount = 1;
}

function ringOf(): object {
  const ring: Record<string, unknown> = {};
  ring["me"] = ring;
  return ring;
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** Small in memory, and larger than any memory as text. */
function doubled(levels: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < levels; level++) value = [value, value];
  return value;
}

const LOUD = {
  get word(): string {
    throw new Error("not now");
  },
};
const MUTE = Object.defineProperty({}, "toJSON", { value: () => undefined });

Deno.test.each<{ readonly of: string; readonly value: unknown }>([
  { of: "null", value: null },
  { of: "a string", value: "ä\n" },
  { of: "0", value: 0 },
  { of: "a list", value: [1, [], {}] },
  { of: "an object without prototype", value: Object.create(null) },
  { of: "something nested", value: nested(200) },
  { of: "one thing twice", value: doubled(2) },
])("toJsonText() says $of as JSON.stringify does", ({ value }) => {
  assertEquals(toJsonText(value, LIMIT, "data"), {
    text: JSON.stringify(value),
  });
});

Deno.test("toJsonText() leaves out properties that are undefined", () => {
  assertEquals(toJsonText({ a: undefined, b: 1 }, LIMIT, "data"), {
    text: '{"b":1}',
  });
});

Deno.test.each<{ readonly value: unknown; readonly problem: string }>([
  { value: undefined, problem: "data is undefined, not JSON" },
  { value: NaN, problem: "data is NaN, not JSON" },
  { value: [1, Infinity], problem: "data[1] is Infinity, not JSON" },
  { value: { a: { b: 1n } }, problem: "data.a.b is a bigint, not JSON" },
  { value: [() => 1], problem: "data[0] is a function, not JSON" },
  { value: [Symbol("s")], problem: "data[0] is a symbol, not JSON" },
  { value: [1, undefined], problem: "data[1] is undefined, not JSON" },
  { value: new Array(1), problem: "data[0] is undefined, not JSON" },
  { value: { when: new Date(0) }, problem: "data.when is a Date, not JSON" },
  { value: new Map(), problem: "data is a Map, not JSON" },
  { value: { m: new Money() }, problem: "data.m is a Money, not JSON" },
  { value: Object.create(MUTE), problem: "data is an object, not JSON" },
  { value: { "a b": NaN }, problem: 'data["a b"] is NaN, not JSON' },
  {
    value: { a: [[[[[NaN]]]]] },
    problem: "data.a[0][0][0][0]… is NaN, not JSON",
  },
  {
    value: ringOf(),
    problem: "data.me.me.me.me.me… holds itself or is nested " +
      "deeper than 200 levels",
  },
  {
    value: nested(201),
    problem: "data[0][0][0][0][0]… holds itself or is nested deeper than " +
      "200 levels",
  },
  { value: LOUD, problem: "data cannot be read: not now" },
  {
    value: MUTE,
    problem: "data cannot be read: " +
      "Cannot read properties of undefined (reading 'length')",
  },
])("toJsonText() finds that $problem", ({ value, problem }) => {
  assertEquals(toJsonText(value, LIMIT, "data"), { problem });
});

Deno.test.each([
  { of: "ASCII", fits: "x".repeat(998), over: "x".repeat(999), bytes: 1001 },
  {
    of: "two bytes",
    fits: "ä".repeat(499),
    over: "ä".repeat(500),
    bytes: 1002,
  },
  {
    of: "escapes",
    fits: "\n".repeat(499),
    over: "\n".repeat(500),
    bytes: 1002,
  },
])("toJsonText() counts the bytes of $of", ({ fits, over, bytes }) => {
  assertEquals(toJsonText(fits, LIMIT, "data"), { text: JSON.stringify(fits) });
  assertEquals(toJsonText(over, LIMIT, "data"), {
    problem: `data has ${bytes} bytes as JSON, not at most 1000`,
  });
});

Deno.test.each<{ readonly of: string; readonly value: unknown }>([
  { of: "a long text", value: { a: { b: "x".repeat(1001) } } },
  { of: "many items", value: new Array(1001).fill(0) },
  { of: "long keys", value: { ["k".repeat(1000)]: 1 } },
  { of: "what is huge only as text", value: doubled(100) },
])(
  "toJsonText() does not write $of to see that it is too much",
  ({ value }) => {
    assertEquals(toJsonText(value, LIMIT, "data"), {
      problem: "data has more than 1000 bytes as JSON",
    });
  },
);

Deno.test("toJsonText() keeps every JSON value, or it is too large", () => {
  fc.assert(
    fc.property(jsonValues, (value) => {
      const json = toJsonText(value, LIMIT, "data");
      const text = JSON.stringify(value);
      if ("text" in json) assertEquals(JSON.parse(json.text), JSON.parse(text));
      assertEquals("text" in json, byteLength(text) <= LIMIT);
    }),
  );
});

Deno.test("byteLength() counts UTF-8", () => {
  const texts: readonly JsonValue[] = ["", "a", "ä", "€", "😀"];
  assertEquals(texts.map((text) => byteLength(String(text))), [0, 1, 2, 3, 4]);
});
