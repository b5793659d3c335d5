import { assertEquals } from "@std/assert";
import { formatJson } from "./print_error.ts";

Deno.test("formatJson() sorts the keys of every object and no list", () => {
  const value = { b: [{ z: 1, a: null }, 3, 2], a: { d: "x", c: {} } };
  assertEquals(
    formatJson(value).replaceAll(/\s/g, ""),
    '{"a":{"c":{},"d":"x"},"b":[{"a":null,"z":1},3,2]}',
  );
  assertEquals(JSON.parse(formatJson(value)), value);
});

Deno.test("formatJson() leaves nothing out, however deep", () => {
  const value = { "0": { "0": [[{ "deep key": [{ "é": 1 }] }]] } };
  assertEquals(JSON.parse(formatJson(value)), value);
});
