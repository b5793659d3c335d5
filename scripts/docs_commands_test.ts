import { assertEquals, assertThrows } from "@std/assert";
import {
  type DocBlock,
  DocFault,
  isBackground,
  readDocBlocks,
} from "./docs_commands.ts";

function block(...lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

function only(markdown: string): DocBlock | undefined {
  const blocks = readDocBlocks(markdown);
  assertEquals(blocks.length, 1);
  return blocks[0];
}

Deno.test("readDocBlocks() finds each command with its line", () => {
  const text = block("# A", "", "```sh", "a", "# why", "", "b  # c", "```");
  assertEquals(only(text), {
    line: 3,
    first: "",
    says: [],
    file: undefined,
    commands: [
      { line: 4, text: "a", exit: 0, skipped: undefined },
      { line: 7, text: "b  # c", exit: 0, skipped: undefined },
    ],
  });
});

Deno.test.each([
  { what: "a backslash", lines: ["a \\", "  b"] },
  { what: "a pipe", lines: ["a |", "  b"] },
  { what: "and", lines: ["a &&", "  b"] },
])("readDocBlocks() goes on after $what", ({ lines }) => {
  const { commands = [] } = only(block("```sh", ...lines, "z", "```")) ?? {};
  assertEquals(commands.map(({ text }) => text), [lines.join("\n"), "z"]);
});

Deno.test.each([
  { language: "text" },
  { language: "" },
  { language: "ts" },
  { language: "shell" },
])("readDocBlocks() leaves a block of '$language' alone", ({ language }) => {
  assertEquals(readDocBlocks(block("```" + language, "a", "```")), []);
});

Deno.test("readDocBlocks() leaves remarks that a block shows alone", () => {
  const text = block("```html", "<!-- run: first a -->", "```", "words");
  assertEquals(readDocBlocks(text), []);
});

Deno.test("readDocBlocks() ends a block at its own fence", () => {
  const text = block("```text", "a", "```", "", "```sh", "b", "```");
  assertEquals(only(text)?.commands.map(({ text }) => text), ["b"]);
});

Deno.test("readDocBlocks() skips a block for a reason", () => {
  const text = block(
    "<!-- run: skip because it takes",
    "a year -->",
    "",
    "```sh",
    "a",
    "b",
    "```",
  );
  assertEquals(only(text)?.commands.map(({ skipped }) => skipped), [
    "it takes a year",
    "it takes a year",
  ]);
});

Deno.test("readDocBlocks() skips a line, and knows how another one ends", () => {
  const text = block(
    '<!-- run: skip "a b" because c -->',
    '<!-- run: exit 3 "d" -->',
    "```sh",
    "a b",
    "d",
    "e",
    "```",
  );
  const { commands = [] } = only(text) ?? {};
  assertEquals(commands.map(({ exit, skipped }) => [exit, skipped]), [
    [0, "c"],
    [3, undefined],
    [0, undefined],
  ]);
});

Deno.test("readDocBlocks() tells what is said and what comes first", () => {
  const text = block(
    "<!-- a comment for people -->",
    "<!-- run: first",
    "cd x",
    "y",
    "-->",
    '<!-- run: says "one" -->',
    '<!-- run: says "two" -->',
    "",
    "```sh",
    "a",
    "```",
  );
  const found = only(text);
  assertEquals([found?.first, found?.says], ["cd x\ny\n", ["one", "two"]]);
});

Deno.test("readDocBlocks() takes a block of any kind as a file", () => {
  const text = block("<!-- run: file a.ini -->", "", "```ini", "A=1", "```");
  const found = only(text);
  assertEquals(found?.file, { path: "a.ini", text: "A=1\n" });
  assertEquals(found?.commands, []);
});

Deno.test.each([
  { why: "it has no reason", remark: "skip" },
  { why: "its line has no reason", remark: 'skip "a"' },
  { why: "its word is none", remark: "jump because a" },
  { why: "it names no line", remark: 'skip "nope" because b' },
  { why: "its code names no line", remark: 'exit 1 "nope"' },
  { why: "it has a code and no line", remark: "exit 1" },
  { why: "it says nothing", remark: "says" },
  { why: "its file has no name", remark: "file" },
])("readDocBlocks() refuses a remark when $why", ({ remark }) => {
  const text = block(`<!-- run: ${remark} -->`, "```sh", "a", "```");
  assertThrows(() => readDocBlocks(text), DocFault);
});

Deno.test.each([
  { where: "text", lines: ["", "words", "", "```sh", "a", "```"] },
  { where: "the end", lines: [] },
])("readDocBlocks() refuses a remark above $where", ({ lines }) => {
  const text = block("<!-- run: first a -->", ...lines);
  assertThrows(() => readDocBlocks(text), DocFault);
});

Deno.test.each([
  { text: "a &", is: true },
  { text: "a &   # why", is: true },
  { text: "a && b", is: false },
  { text: "a &&", is: false },
  { text: "a '&' b", is: false },
  { text: "a", is: false },
])("isBackground() of $text is $is", ({ text, is }) => {
  assertEquals(isBackground(text), is);
});
