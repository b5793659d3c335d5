import { assertEquals } from "@std/assert";
import * as z from "zod/mini";
import { parseDocument } from "./document.ts";

const schema = z.object({ "schema_version": z.int(), "name": z.string() });

Deno.test.each([
  {
    name: "a sound one",
    text: '{"schema_version":1,"name":"a"}',
    kind: "found",
  },
  { name: "an empty one", text: "", kind: "damaged" },
  { name: "a truncated one", text: '{"schema_version":1,"na', kind: "damaged" },
  { name: "a binary one", text: "\0\uFFFD\u0001", kind: "damaged" },
  { name: "an array", text: "[1]", kind: "damaged" },
  { name: "null", text: "null", kind: "damaged" },
  {
    name: "a wrong type",
    text: '{"schema_version":1,"name":2}',
    kind: "damaged",
  },
  {
    name: "a newer one",
    text: '{"schema_version":2,"title":"a"}',
    kind: "too_new",
  },
])("parseDocument() calls $name $kind", ({ text, kind }) => {
  assertEquals<string>(parseDocument(text, schema).kind, kind);
});

Deno.test("parseDocument() names wrong keys and never their values", () => {
  const read = parseDocument('{"schema_version":1,"name":42}', schema);
  assertEquals(read, { kind: "damaged", reason: "these keys are wrong: name" });
});
