import { assertEquals } from "@std/assert";
import { KEY_NAMES } from "./keys.ts";
import { nearestName } from "./nearest.ts";

Deno.test.each([
  { text: "sync.moed", is: "sync.mode" },
  { text: "sync.max-rows", is: "sync.max_rows" },
  { text: "sync.maxrows", is: "sync.max_rows" },
  { text: "SYNC.MODE", is: "sync.mode" },
  { text: "sync.autostart", is: "sync.auto_start" },
  { text: "sync.batch.max_event", is: "sync.batch.max_events" },
  { text: "sync.max_row", is: "sync.max_rows" },
  { text: "colour.theme", is: undefined },
  { text: "", is: undefined },
  { text: "sync.mode".repeat(20), is: undefined },
])("nearestName() of '$text' is $is", ({ text, is }) => {
  assertEquals(nearestName(text, KEY_NAMES), is);
});

Deno.test("nearestName() of nothing is nothing", () => {
  assertEquals(nearestName("a", []), undefined);
});
