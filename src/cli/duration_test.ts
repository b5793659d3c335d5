import { assertEquals } from "@std/assert";
import { formatDuration } from "./duration.ts";

Deno.test.each([
  { ms: -5, is: "0 ms" },
  { ms: 0, is: "0 ms" },
  { ms: 0.4, is: "0 ms" },
  { ms: 85.4, is: "85 ms" },
  { ms: 999, is: "999 ms" },
  { ms: 1000, is: "1 s" },
  { ms: 59_999, is: "59 s" },
  { ms: 60_000, is: "1 min" },
  { ms: 3_599_999, is: "59 min" },
  { ms: 3_600_000, is: "1 h" },
  { ms: 86_399_999, is: "23 h" },
  { ms: 86_400_000, is: "1 d" },
  { ms: 40 * 86_400_000, is: "40 d" },
])("formatDuration() of $ms is $is", ({ ms, is }) => {
  assertEquals(formatDuration(ms), is);
});
