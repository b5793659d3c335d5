import { assert, assertEquals } from "@std/assert";
import { isServerMissing, STOP_REASONS, stopText } from "./stop_text.ts";

Deno.test.each(STOP_REASONS)("stopText() has words for %s", (reason) => {
  const { text, command } = stopText(reason);
  assert(text.length > 5 && !text.endsWith("."));
  assert(command === undefined || command.startsWith("reeve "));
});

Deno.test("stopText() has a command for all but the end of the work", () => {
  const without = STOP_REASONS.filter((reason) =>
    stopText(reason).command === undefined
  );
  assertEquals(without, ["done"]);
});

Deno.test.each(
  [
    "gateway",
    "not_json",
    "server_error",
    "timeout",
    "transport",
  ] as const,
)(
  "stopText() of %s says neither that data is lost nor whose fault",
  (reason) => {
    const { text } = stopText(reason);
    assert(!/\b(?:lost|fail(?:ed)? to|your fault)\b/.test(text), text);
  },
);

Deno.test("isServerMissing() tells a server that is away from our own part", () => {
  assertEquals(STOP_REASONS.filter(isServerMissing), [
    "gateway",
    "not_json",
    "offline_wait",
    "server_error",
    "throttled",
    "timeout",
    "transient",
    "transport",
  ]);
});
