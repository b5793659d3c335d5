import { assertEquals, assertThrows } from "@std/assert";
import { instantOf, parseSince } from "./since.ts";

const NOW = Date.UTC(2026, 0, 31);

Deno.test.each([
  { text: "90s", is: NOW - 90_000 },
  { text: "5m", is: NOW - 300_000 },
  { text: "2h", is: NOW - 7_200_000 },
  { text: "3d", is: NOW - 259_200_000 },
  { text: "0s", is: NOW },
  { text: "2026-01-30", is: Date.UTC(2026, 0, 30) },
  { text: "2026-01-30T12:00:00Z", is: Date.UTC(2026, 0, 30, 12) },
])("parseSince() understands $text", ({ text, is }) => {
  assertEquals(instantOf(parseSince(text), NOW), is);
});

Deno.test.each([
  { text: "" },
  { text: "2" },
  { text: "h2" },
  { text: "2 h" },
  { text: "-2h" },
  { text: "yesterday" },
  { text: "2026-13-01" },
])("parseSince() refuses '$text'", ({ text }) => {
  assertThrows(() => parseSince(text), SyntaxError, "Cannot use the time");
});

Deno.test("instantOf() of nothing is nothing", () => {
  assertEquals(instantOf(undefined, NOW), undefined);
});
