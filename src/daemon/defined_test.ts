import { assertEquals } from "@std/assert";
import { defined } from "./defined.ts";

Deno.test("defined() drops undefined and keeps every other value", () => {
  const kept = defined({ a: undefined, b: null, c: 0, d: "", e: false });
  assertEquals(Object.keys(kept), ["b", "c", "d", "e"]);
});
