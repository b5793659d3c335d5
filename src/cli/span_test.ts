import { assertEquals, assertThrows } from "@std/assert";
import { parseInstant, parseSpan } from "./span.ts";

Deno.test.each([
  { text: "500ms", is: 500 },
  { text: "5s", is: 5000 },
  { text: "2m", is: 120_000 },
  { text: "3d", is: 259_200_000 },
  { text: "0", is: 0 },
])("parseSpan() reads $text as $is ms", ({ text, is }) => {
  assertEquals(parseSpan(text), is);
});

Deno.test.each(["5", "5 weeks", "-5s", "", "1.5h"])(
  "parseSpan() refuses '%s'",
  (text) => {
    assertThrows(() => parseSpan(text), SyntaxError, "Cannot use the span");
  },
);

Deno.test.each([
  { text: "2026-01-31", is: "2026-01-31T00:00:00.000Z" },
  { text: "2026-01-31T08:00:00+02:00", is: "2026-01-31T06:00:00.000Z" },
])("parseInstant() reads $text", ({ text, is }) => {
  assertEquals(new Date(parseInstant(text)).toISOString(), is);
});

Deno.test.each(["tomorrow", "12", "2026-13-40", ""])(
  "parseInstant() refuses '%s'",
  (text) => {
    assertThrows(() => parseInstant(text), SyntaxError, "Cannot use the time");
  },
);
