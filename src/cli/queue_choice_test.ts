import { assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../errors.ts";
import {
  deadJobFilter,
  requireJobChoice,
  requireLimit,
} from "./queue_choice.ts";

Deno.test("deadJobFilter() takes what was chosen and nothing else", () => {
  assertEquals(deadJobFilter({}, 1000), {});
  assertEquals(
    deadJobFilter({
      id: ["a"],
      reason: "timeout",
      before: { kind: "ago", ms: 400 },
    }, 1000),
    { ids: ["a"], reason: "timeout", before: 600 },
  );
});

Deno.test.each([
  { flags: { all: false }, is: "nothing is chosen" },
  { flags: { all: false, id: [] }, is: "nothing is chosen" },
  { flags: { all: true, id: ["a"] }, is: "--all is not all then" },
])("requireJobChoice() refuses $flags", ({ flags, is }) => {
  assertThrows(() => requireJobChoice(flags, "purge", "q"), KnownError, is);
});

Deno.test.each([
  { all: true },
  { all: false, id: ["a"] },
  { all: false, reason: "failed" as const },
  { all: false, before: { kind: "at", ms: 0 } as const },
])("requireJobChoice() takes %o", (flags) => {
  requireJobChoice(flags, "replay", "q");
});

Deno.test("requireLimit() takes a whole number that shows something", () => {
  assertEquals(requireLimit(1), 1);
  for (const limit of [0, -1, 1.5, NaN, 100_001]) {
    assertThrows(() => requireLimit(limit), KnownError, "--limit");
  }
});
