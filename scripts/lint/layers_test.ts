import { assertEquals } from "@std/assert";
import { MAY_IMPORT } from "./layers.ts";

Deno.test("every row of the table names rows or files that exist", () => {
  const known = new Set([...Object.keys(MAY_IMPORT), "deno.json"]);
  const unknown = Object.values(MAY_IMPORT).flat().filter((layer) =>
    !known.has(layer)
  );
  assertEquals(unknown, []);
});
