import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isTimestamp } from "./validate.ts";

Deno.test.each([
  { text: "2026-01-02T03:04:05Z", is: true },
  { text: "2026-01-02T03:04:05.123456789+13:45", is: true },
  { text: "2024-02-29T23:59:60-00:00", is: true },
  { text: "2026-01-02t03:04:05z", is: false },
  { text: "2026-01-02 03:04:05Z", is: false },
  { text: "2026-01-02T03:04:05", is: false },
  { text: "2026-01-02T03:04Z", is: false },
  { text: "2026-01-02T03:04:05.Z", is: false },
  { text: "2026-01-02T03:04:05.1234567890Z", is: false },
  { text: "2026-02-29T03:04:05Z", is: false },
  { text: "2026-04-31T03:04:05Z", is: false },
  { text: "2026-13-01T03:04:05Z", is: false },
  { text: "2026-00-01T03:04:05Z", is: false },
  { text: "2026-01-00T03:04:05Z", is: false },
  { text: "2026-01-02T24:04:05Z", is: false },
  { text: "2026-01-02T03:60:05Z", is: false },
  { text: "2026-01-02T03:04:61Z", is: false },
  { text: "2026-01-02T03:04:05+24:00", is: false },
  { text: "2026-01-02T03:04:05Z\n", is: false },
  { text: "+002026-01-02T03:04:05Z", is: false },
])("isTimestamp() is $is for $text", ({ text, is }) => {
  assertEquals(isTimestamp(text), is);
});

Deno.test("isTimestamp() takes every instant that a computer writes", () => {
  const dates = fc.date({
    min: new Date("0100-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  fc.assert(fc.property(dates, (date) => isTimestamp(date.toISOString())));
});
