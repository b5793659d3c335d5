import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { lineDiff } from "./line_diff.ts";

Deno.test.each([
  { before: "", after: "", rows: [] },
  { before: "a\nb\n", after: "a\nb\n", rows: [] },
  { before: "", after: "a\nb\n", rows: ["+a", "+b"] },
  { before: "a\nb", after: "a\nc\nb\n", rows: ["+c"] },
  { before: "a\nb\nc\n", after: "a\nc\n", rows: ["-b"] },
  { before: "a\r\nb\r\n", after: "a\nx\n", rows: ["-b", "+x"] },
])("the rows of $before and $after differ in $rows", (row) => {
  assertEquals(lineDiff(row.before, row.after), [...row.rows]);
});

Deno.test("the rows that differ lead from one text to the other", () => {
  const texts = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
  fc.assert(fc.property(texts, texts, (old, now) => {
    const rows = lineDiff(old.join("\n"), now.join("\n"));
    const count = (list: readonly string[], row: string) =>
      list.filter((one) => one === row).length;
    for (const row of ["a", "b", "c"]) {
      assertEquals(
        count(old, row) - count(rows, `-${row}`) + count(rows, `+${row}`),
        count(now, row),
      );
    }
  }));
});
