import { assertEquals } from "@std/assert";
import type { JsonValue } from "../state/json_value.ts";
import type { FieldRule } from "./registry.ts";
import { breaks } from "./validate.ts";

interface Row {
  readonly name: string;
  readonly rule: FieldRule;
  readonly value: JsonValue;
  readonly says: string | undefined;
}

const string: FieldRule = { kind: "string" };
const array: FieldRule = { kind: "array" };

Deno.test.each<Row>([
  { name: "text as text", rule: string, value: "", says: undefined },
  { name: "a number as text", rule: string, value: 1, says: "must be text" },
  { name: "null as text", rule: string, value: null, says: "must not be null" },
  {
    name: "null where it may be",
    rule: { kind: "string", nullable: true },
    value: null,
    says: undefined,
  },
  {
    name: "null as anything",
    rule: { kind: "any" },
    value: null,
    says: undefined,
  },
  {
    name: "a list as anything",
    rule: { kind: "any" },
    value: [1],
    says: undefined,
  },
  {
    name: "true as boolean",
    rule: { kind: "boolean" },
    value: true,
    says: undefined,
  },
  {
    name: "text as boolean",
    rule: { kind: "boolean" },
    value: "true",
    says: "must be true or false",
  },
  {
    name: "a fraction as number",
    rule: { kind: "number" },
    value: 1.5,
    says: undefined,
  },
  {
    name: "text as number",
    rule: { kind: "number" },
    value: "1",
    says: "must be a number",
  },
  {
    name: "a fraction as integer",
    rule: { kind: "integer" },
    value: 1.5,
    says: "must be a whole number",
  },
  {
    name: "an unsafe integer",
    rule: { kind: "integer" },
    value: 2 ** 53,
    says: "must be a whole number",
  },
  {
    name: "a safe integer",
    rule: { kind: "integer" },
    value: -(2 ** 53) + 1,
    says: undefined,
  },
  {
    name: "an object as object",
    rule: { kind: "object" },
    value: {},
    says: undefined,
  },
  {
    name: "a list as object",
    rule: { kind: "object" },
    value: [],
    says: "must be an object",
  },
  { name: "an object as list", rule: array, value: {}, says: "must be a list" },
])("breaks() judges $name", ({ rule, value, says }) => {
  const expected = says === undefined ? undefined : { field: "f", rule: says };
  assertEquals(breaks(value, rule, "f"), expected);
});

Deno.test.each<Row>([
  {
    name: "one of the values",
    rule: { kind: "string", values: ["a", "b"] },
    value: "b",
    says: undefined,
  },
  {
    name: "none of the values",
    rule: { kind: "string", values: ["a", "b"] },
    value: "c",
    says: "must be one of a, b",
  },
  {
    name: "a match",
    rule: { kind: "string", pattern: "a|b" },
    value: "b",
    says: undefined,
  },
  {
    name: "half a match",
    rule: { kind: "string", pattern: "a|b" },
    value: "bc",
    says: "must match a|b",
  },
  {
    name: "a match before a line break",
    rule: { kind: "string", pattern: "a" },
    value: "a\n",
    says: "must match a",
  },
  {
    name: "a match beyond the first plane",
    rule: { kind: "string", pattern: "." },
    value: "\u{1F600}",
    says: undefined,
  },
  {
    name: "the smallest number",
    rule: { kind: "number", min: 0 },
    value: 0,
    says: undefined,
  },
  {
    name: "less than that",
    rule: { kind: "number", min: 0 },
    value: -0.1,
    says: "must be at least 0",
  },
  {
    name: "the largest number",
    rule: { kind: "integer", max: 9 },
    value: 9,
    says: undefined,
  },
  {
    name: "more than that",
    rule: { kind: "integer", max: 9 },
    value: 10,
    says: "must be at most 9",
  },
  {
    name: "too short a text",
    rule: { kind: "string", min: 1 },
    value: "",
    says: "must be at least 1 characters",
  },
  {
    name: "the longest text",
    rule: { kind: "string", max: 2 },
    value: "ab",
    says: undefined,
  },
  {
    name: "too long a text",
    rule: { kind: "string", max: 2 },
    value: "abc",
    says: "must be at most 2 characters",
  },
  {
    name: "too few items",
    rule: { kind: "array", min: 2 },
    value: [1],
    says: "must be at least 2 items",
  },
  {
    name: "too many items",
    rule: { kind: "array", max: 1 },
    value: [1, 2],
    says: "must be at most 1 items",
  },
  {
    name: "an object of any size",
    rule: { kind: "object", max: 0 },
    value: { a: 1 },
    says: undefined,
  },
])("breaks() judges $name", ({ rule, value, says }) => {
  const expected = says === undefined ? undefined : { field: "f", rule: says };
  assertEquals(breaks(value, rule, "f"), expected);
});

Deno.test("breaks() names the item at fault, however deep", () => {
  const rule: FieldRule = {
    kind: "array",
    items: { kind: "array", items: { kind: "string", max: 1 } },
  };
  assertEquals(breaks([["a"], ["b", "cc"]], rule, "f"), {
    field: "f[1][1]",
    rule: "must be at most 1 characters",
  });
  assertEquals(breaks([["a"], []], rule, "f"), undefined);
});
