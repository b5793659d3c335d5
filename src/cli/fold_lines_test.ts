import { assertEquals } from "@std/assert";
import { foldLines } from "./fold_lines.ts";

Deno.test.each([
  { text: "short lines", lines: ["ab", ""], is: ["ab", ""] },
  { text: "a long line", lines: ["abcdefgh"], is: ["abcd", "efgh"] },
  { text: "wide characters", lines: ["日本語a"], is: ["日本", "語a"] },
])("foldLines() of $text", ({ is, lines }) => {
  assertEquals(foldLines(lines, 4), is);
});
