import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { joinCommand, splitCommand } from "./command_words.ts";

Deno.test.each([
  { text: "deno task dev", words: ["deno", "task", "dev"] },
  { text: "  a\t b  ", words: ["a", "b"] },
  { text: "a 'b c' d", words: ["a", "b c", "d"] },
  { text: "a b'c d'e", words: ["a", "bc de"] },
  { text: 'a "b \\"c\\""', words: ["a", 'b "c"'] },
  { text: 'a "b\\\\c\\d"', words: ["a", "b\\c\\d"] },
  { text: 'a "\\$HOME \\`x\\`"', words: ["a", "$HOME `x`"] },
  { text: "a 'b\\'", words: ["a", "b\\"] },
  { text: "a b\\ c", words: ["a", "b c"] },
  { text: "a '' \"\"", words: ["a", "", ""] },
  { text: "a $HOME *.ts ~", words: ["a", "$HOME", "*.ts", "~"] },
  { text: "a 'b && c | d > e'", words: ["a", "b && c | d > e"] },
  { text: "a \\& \\|", words: ["a", "&", "|"] },
  { text: "a b#c", words: ["a", "b#c"] },
  { text: "a '#b'", words: ["a", "#b"] },
  { text: "a --x=1 B=2", words: ["a", "--x=1", "B=2"] },
  { text: "a --port {port}", words: ["a", "--port", "{port}"] },
])("splitCommand() splits $text", ({ text, words }) => {
  assertEquals(splitCommand(text), { kind: "words", words });
});

const shell = (operator: string) =>
  `${operator} needs a shell: write sh -c '…'`;

Deno.test.each([
  { text: "a && b", reason: shell("&&") },
  { text: "a||b", reason: shell("||") },
  { text: "a | b", reason: shell("|") },
  { text: "a;b", reason: shell(";") },
  { text: "a &", reason: shell("&") },
  { text: "a > b", reason: shell(">") },
  { text: "a 2>>b", reason: shell(">>") },
  { text: "a < b", reason: shell("<") },
  { text: "a $(b)", reason: shell("(") },
  { text: "a `b`", reason: shell("`") },
  { text: "a\nb", reason: shell("a line break") },
  { text: "a 'b", reason: "a quote or a backslash is left open" },
  { text: 'a "b\\"', reason: "a quote or a backslash is left open" },
  { text: "a b\\", reason: "a quote or a backslash is left open" },
  { text: "", reason: "it names no program" },
  { text: "  ", reason: "it names no program" },
  { text: "'' a", reason: "it names no program" },
  {
    text: "a # b",
    reason: "a # before a word starts a comment; put it in quotes",
  },
  {
    text: "A=1 b",
    reason: "a variable before the command belongs in a key of its own",
  },
])("splitCommand() refuses $text", ({ text, reason }) => {
  assertEquals(splitCommand(text), { kind: "bad", reason });
});

Deno.test("splitCommand() gets back what joinCommand() wrote", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."a =&|'\"\\#$`\n{}~") }),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      fc.pre(words[0] !== "");
      assertEquals(splitCommand(joinCommand(words)), { kind: "words", words });
    }),
    { numRuns: 1000 },
  );
});

Deno.test.each([
  { words: ["deno", "run", "--port={port}"], text: "deno run --port={port}" },
  { words: ["a", "b c", ""], text: "a 'b c' ''" },
  { words: ["A=1", "B=2"], text: "'A=1' B=2" },
  { words: ["a", "it's"], text: "a 'it'\\''s'" },
])("joinCommand() writes $text", ({ words, text }) => {
  assertEquals(joinCommand([...words]), text);
});
