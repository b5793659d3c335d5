import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import stringWidth from "fast-string-width";
import { cutTo, formatTable, widthOf, wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

const columns = [
  { title: "PID", align: "right" },
  { title: "VERSION", isFlexible: true },
  { title: "WHY" },
] as const;

Deno.test("formatTable() aligns cells below their headings", () => {
  const table = formatTable(
    columns,
    [["7", "0.1.0", "x"], ["5001", "1", ""]],
    80,
  );
  assertEquals(table.split("\n"), [
    " PID  VERSION  WHY",
    "   7  0.1.0    x",
    "5001  1",
  ]);
});

Deno.test("formatTable() without rows shows its headings", () => {
  assertEquals(formatTable(columns, [], 80), "PID  VERSION  WHY");
});

Deno.test.each([
  { width: 80, cell: "0123456789abcdef" },
  { width: 26, cell: "0123456789abcdef" },
  { width: 25, cell: "0123456789abcd…" },
  { width: 18, cell: "0123456…" },
  { width: 1, cell: "0123456…" },
])("formatTable() in $width columns shows $cell", ({ width, cell }) => {
  const table = formatTable(columns, [["7", "0123456789abcdef", "x"]], width);
  const [, line = ""] = table.split("\n");
  assertEquals(line.trim().split(/ {2,}/)[1], cell);
});

Deno.test("formatTable() cuts the widest flexible column first", () => {
  const two = [
    { title: "A", isFlexible: true },
    { title: "B", isFlexible: true },
  ];
  const rows = [["a".repeat(30), "b".repeat(12)]];
  const [, line = ""] = formatTable(two, rows, 34).split("\n");
  assertEquals(line, `${"a".repeat(19)}…  ${"b".repeat(12)}`);
});

Deno.test("formatTable() counts wide characters as two columns", () => {
  const table = formatTable(
    [{ title: "A", isFlexible: true }, { title: "B" }],
    [["日本語日本語", "x"]],
    12,
  );
  const [, line = ""] = table.split("\n");
  assert(stringWidth(line) <= 12, line);
  assert(line.includes("…"));
});

Deno.test("formatTable() lets no cell move the cursor", () => {
  const table = formatTable(columns, [["7", "a\nb\u001b[31m", "x"]], 80);
  assertEquals(table.split("\n").length, 2);
  assert(table.includes("a?b?[31m"));
});

Deno.test("formatTable() never exceeds a width that it can keep", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.string(), fc.string({ unit: "grapheme" })), {
      maxLength: 5,
    }),
    fc.integer({ min: 18, max: 60 }),
    (rows, width) => {
      const two = [
        { title: "A", isFlexible: true },
        { title: "B", isFlexible: true },
      ];
      const lines = formatTable(two, rows, width).split("\n");
      assertEquals(lines.length, rows.length + 1);
      for (const line of lines) assert(stringWidth(line) <= width, line);
    },
  ));
});

Deno.test.each([
  { text: "a\tb", is: "a?b" },
  { text: "a\r\nb", is: "a??b" },
  { text: "\u001b]0;x\u0007", is: "?]0;x?" },
  { text: "a\u0085\u009bb", is: "a??b" },
  { text: "grün 日本", is: "grün 日本" },
])("toOneLine() gives $is", ({ text, is }) => {
  assertEquals(toOneLine(text), is);
});

Deno.test.each([
  { text: "", width: 10, is: [""] },
  { text: "one two", width: 7, is: ["one two"] },
  { text: "one two", width: 6, is: ["one", "  two"] },
  { text: "one two three", width: 9, is: ["one two", "  three"] },
  { text: "one two three", width: 6, is: ["one", "  two", "  three"] },
  { text: "incomprehensible", width: 5, is: ["incomprehensible"] },
])("wrap() at $width", ({ text, width, is }) => {
  assertEquals(wrap(text, width, "  ").split("\n"), [...is]);
});

Deno.test("wrap() loses no word", () => {
  fc.assert(fc.property(
    fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
    fc.integer({ min: 1, max: 40 }),
    (words, width) => {
      const wrapped = wrap(words.join(" "), width);
      assertEquals(wrapped.split(/[ \n]/), words);
    },
  ));
});

Deno.test.each([
  { columns: 0, is: 80 },
  { columns: 1, is: 1 },
  { columns: 132, is: 132 },
])("widthOf() of a terminal with $columns columns is $is", (row) => {
  assertEquals(widthOf(row), row.is);
});

Deno.test("our own marks are as wide as a terminal shows them", () => {
  for (const mark of "•○✓✗…") assertEquals(stringWidth(mark), 1);
  assertEquals(cutTo("✓✗○", 3), "✓✗○");
  assertEquals(cutTo("✓✗○•", 3), "✓✗…");
});
