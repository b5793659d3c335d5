import { assertEquals } from "@std/assert";
import { tidyHelp } from "./help_text.ts";

Deno.test("tidyHelp() keeps defaults that say something", () => {
  const text = "  [--json]  One document   [default = false]\n" +
    "  [--lines] How many       [default = 50]\n";
  assertEquals(
    tidyHelp(text),
    "  [--json]  One document\n  [--lines] How many [default = 50]\n",
  );
});
