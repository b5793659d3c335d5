import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { canonicalJson, findNotJson, MAX_DEPTH } from "./canonical_json.ts";
import type { JsonValue } from "../state/json_value.ts";
import { isReadRight, jsonValues } from "#support/json_values.ts";

Deno.test.each([
  { name: "text", value: 'a"\n\u2028', is: '"a\\"\\n\u2028"' },
  { name: "half of a surrogate pair", value: "\ud800", is: '"\\ud800"' },
  { name: "a negative zero", value: -0, is: "0" },
  { name: "a large number", value: 1e21, is: "1e+21" },
  { name: "null", value: null, is: "null" },
  { name: "an empty object", value: {}, is: "{}" },
  { name: "an empty list", value: [], is: "[]" },
  { name: "keys out of order", value: { b: 1, a: 2 }, is: '{"a":2,"b":1}' },
  {
    name: "keys by code unit and not by letter",
    value: { a: 1, B: 2, "é": 3, "10": 4, "9": 5 },
    is: '{"10":4,"9":5,"B":2,"a":1,"é":3}',
  },
  {
    name: "keys beyond the first plane",
    value: { "\u{1F600}": 1, "\uFFFD": 2 },
    is: '{"\u{1F600}":1,"\uFFFD":2}',
  },
  { name: "a key without value", value: { b: undefined, a: 1 }, is: '{"a":1}' },
  {
    name: "only keys without value",
    value: { b: undefined },
    is: "{}",
  },
  {
    name: "lists in their order",
    value: [2, { b: 1, a: [1] }],
    is: '[2,{"a":[1],"b":1}]',
  },
])("canonicalJson() spells $name", ({ value, is }) => {
  assertEquals(canonicalJson(value), is);
});

/** What any sorting writer of JSON does. */
function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, entry]) => `${JSON.stringify(key)}:${write(entry)}`);
  return `{${members.join(",")}}`;
}

Deno.test("canonicalJson() is what a generic sorting writer gives", () => {
  fc.assert(
    fc.property(jsonValues, (value) => {
      assertEquals(canonicalJson(value), write(value));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("canonicalJson() comes back the same after a reader", () => {
  fc.assert(
    fc.property(jsonValues, (value) => {
      const text = canonicalJson(value);
      assertEquals(canonicalJson(JSON.parse(text)), text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("canonicalJson() does not depend on the order of keys", () => {
  const entries = fc.uniqueArray(fc.tuple(fc.string(), jsonValues), {
    selector: ([key]) => key,
  });
  fc.assert(fc.property(entries, (pairs) => {
    const there = Object.fromEntries(pairs);
    const back = Object.fromEntries(pairs.toReversed());
    assertEquals(canonicalJson(there), canonicalJson(back));
  }));
});

Deno.test("canonicalJson() keeps a key called __proto__", () => {
  const value = JSON.parse('{"b":1,"__proto__":{"a":2}}');
  assertEquals(canonicalJson(value), '{"__proto__":{"a":2},"b":1}');
});

class Point {
  x = 1;
}

/** As many lists around each other. */
function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

Deno.test.each<{ name: string; value: unknown; field: string; rule: string }>([
  {
    name: "undefined",
    value: undefined,
    field: "p",
    rule: "must not be a undefined",
  },
  {
    name: "a function",
    value: { f: () => 1 },
    field: "p.f",
    rule: "must not be a function",
  },
  {
    name: "a symbol",
    value: [Symbol("s")],
    field: "p[0]",
    rule: "must not be a symbol",
  },
  {
    name: "a big integer",
    value: { a: [1, 2n] },
    field: "p.a[1]",
    rule: "must not be a bigint",
  },
  {
    name: "no number",
    value: { a: NaN },
    field: "p.a",
    rule: "must be a finite number",
  },
  {
    name: "infinity",
    value: -Infinity,
    field: "p",
    rule: "must be a finite number",
  },
  {
    name: "a date",
    value: { at: new Date(0) },
    field: "p.at",
    rule: "must be a plain object",
  },
  {
    name: "a map",
    value: new Map(),
    field: "p",
    rule: "must be a plain object",
  },
  {
    name: "an object of a class",
    value: [new Point()],
    field: "p[0]",
    rule: "must be a plain object",
  },
  {
    name: "a boxed text",
    value: Object("x"),
    field: "p",
    rule: "must be a plain object",
  },
  {
    name: "a hole in a list",
    value: { a: [1, , 3] },
    field: "p.a[1]",
    rule: "must not be a undefined",
  },
  {
    name: "too many levels",
    value: nested(MAX_DEPTH + 1),
    field: `p${"[0]".repeat(MAX_DEPTH)}`,
    rule: "must not be nested over 32 levels",
  },
])("findNotJson() finds $name", ({ value, field, rule }) => {
  assertEquals(findNotJson(value, "p"), { field, rule });
});

Deno.test("findNotJson() ends at a value that holds itself", () => {
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  assertEquals(
    findNotJson(loop, "p")?.rule,
    "must not be nested over 32 levels",
  );
});

Deno.test("findNotJson() finds nothing in what JSON can say", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
    assertEquals(findNotJson(value, "p"), undefined);
  }));
  const bare = Object.assign(Object.create(null), { a: 1, b: undefined });
  assertEquals(findNotJson(bare, "p"), undefined);
  assertEquals(findNotJson(nested(MAX_DEPTH), "p"), undefined);
});

Deno.test("findNotJson() finds something in whatever JSON changes or refuses", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      if (findNotJson(value, "p") !== undefined) return;
      const text = canonicalJson(value as JsonValue);
      assert(typeof text === "string");
      if (!isReadRight(text)) return;
      assertEquals(canonicalJson(JSON.parse(text)), text);
    }),
    { numRuns: 2000 },
  );
});
