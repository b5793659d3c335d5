import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonRecords } from "#support/json_values.ts";
import { DEPTH_LIMIT, formatCanonical, keyOrder } from "./canonical_json.ts";

function nest(levels: number): unknown {
  return levels === 0 ? 1 : [nest(levels - 1)];
}

Deno.test.each([
  { json: '{"a":1,"b":2}', order: "sorted" },
  { json: '{"b":1,"a":2}', order: "unsorted" },
  { json: '{"a":{"y":1,"x":2},"b":1}', order: "unsorted" },
  { json: '[{"a":1},{"b":1,"a":2}]', order: "unsorted" },
  { json: '{"Z":1,"a":2}', order: "sorted" },
  { json: '{"a":1,"Z":2}', order: "unsorted" },
  // An object gives whole numbers first and by size, not by code unit.
  { json: '{"10":1,"9":2}', order: "unsorted" },
  { json: '{"__proto__":{"b":1,"a":2}}', order: "unsorted" },
  { json: "null", order: "sorted" },
  { json: "[]", order: "sorted" },
])("keyOrder() of $json is $order", ({ json, order }) => {
  assertEquals<string>(keyOrder(JSON.parse(json)), order);
});

Deno.test("keyOrder() follows so many levels and no further", () => {
  assertEquals(keyOrder(nest(DEPTH_LIMIT)), "sorted");
  assertEquals(keyOrder(nest(DEPTH_LIMIT + 1)), "too_deep");
  assertEquals(keyOrder({ b: nest(DEPTH_LIMIT), a: 1 }), "too_deep");
});

Deno.test.each([
  { json: '{"10":1,"9":2}', is: '{"10":1,"9":2}' },
  {
    json: ' { "b" : [ {"d":1, "c":"é"} ], "a":null }',
    is: '{"a":null,"b":[{"c":"é","d":1}]}',
  },
  { json: '{"b":1.0,"a":1e3,"c":-0}', is: '{"a":1000,"b":1,"c":0}' },
])("formatCanonical() writes $json as $is", ({ json, is }) => {
  const value: unknown = JSON.parse(json);
  assertEquals(formatCanonical(value, keyOrder(value)), is);
});

Deno.test("formatCanonical() writes equal content equally", () => {
  fc.assert(
    fc.property(jsonRecords, (record) => {
      const plain: unknown = JSON.parse(JSON.stringify(record));
      const turned = Object.fromEntries(Object.entries(record).reverse());
      const other: unknown = JSON.parse(JSON.stringify(turned));
      assertEquals(
        formatCanonical(other, keyOrder(other)),
        formatCanonical(plain, "unsorted"),
      );
    }),
  );
});
