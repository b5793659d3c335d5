import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseEnvLines, removeLine, setLine } from "./env_lines.ts";

const RUNS = 3000;

function valueOf(text: string, name = "A"): string | undefined {
  return parseEnvLines(text).lines.findLast((line) => line.name === name)
    ?.value;
}

Deno.test.each([
  { name: "a plain value", text: "A=b", value: "b" },
  { name: "nothing", text: "A=", value: "" },
  { name: "spaces around", text: "  A =  b c  ", value: "b c" },
  { name: "export", text: "export A=b", value: "b" },
  { name: "double quotes", text: 'A="b c"', value: "b c" },
  { name: "escapes", text: 'A="b \\"c\\" \\\\ \\$d"', value: 'b "c" \\ $d' },
  { name: "single quotes", text: "A='b \\ \"c'", value: 'b \\ "c' },
  { name: "a comment behind", text: "A=b # c", value: "b" },
  { name: "a comment behind quotes", text: "A='b # c' # d", value: "b # c" },
  { name: "only a comment", text: "A= # c", value: "" },
  { name: "a hash that is no comment", text: "A=#b", value: "#b" },
  { name: "a hash within", text: "A=b#c", value: "b#c" },
  { name: "quotes within", text: "A=b'c", value: "b'c" },
  { name: "an equals sign", text: "A=b=c", value: "b=c" },
  { name: "CRLF", text: "A=b\r\nB=c\r\n", value: "b" },
  { name: "a mark at the start", text: "\uFEFFA=b", value: "b" },
  { name: "the last of several", text: "A=b\nA=c", value: "c" },
  { name: "another case as another name", text: "a=b", value: undefined },
  { name: "a comment as nothing", text: "# A=b", value: undefined },
])("parseEnvLines() reads $name", ({ text, value }) => {
  assertEquals(valueOf(text), value);
  assertEquals(parseEnvLines(text).odd, []);
});

Deno.test.each([
  { name: "words", text: "A b", reason: "it is not NAME=value" },
  { name: "a colon", text: "A: b", reason: "it is not NAME=value" },
  { name: "a digit first", text: "1A=b", reason: "it is not NAME=value" },
  { name: "a dash", text: "A-B=c", reason: "it is not NAME=value" },
  { name: "a conflict", text: "<<<<<<< A", reason: "it is not NAME=value" },
  {
    name: "open quotes",
    text: 'A="b',
    reason: "its quotes do not end where the value ends",
  },
  {
    name: "text behind quotes",
    text: "A='b'c",
    reason: "its quotes do not end where the value ends",
  },
])("parseEnvLines() finds $name odd", ({ text, reason }) => {
  assertEquals(parseEnvLines(`# c\n${text}\r\n`), {
    lines: [],
    odd: [{ line: 2, reason, text }],
  });
});

Deno.test("parseEnvLines() counts lines from one", () => {
  const { lines } = parseEnvLines("A=1\n\n# c\nB=2\r\nC=3");
  assertEquals(lines.map(({ name, line }) => [name, line]), [
    ["A", 1],
    ["B", 4],
    ["C", 5],
  ]);
});

Deno.test.each([
  { name: "an empty text", text: "", is: "A=x\n" },
  { name: "no last newline", text: "B=1", is: "B=1\nA=x\n" },
  { name: "CRLF", text: "B=1\r\nC=2", is: "B=1\r\nC=2\r\nA=x\r\n" },
  { name: "a comment with the name", text: "# A=1\n", is: "# A=1\nA=x\n" },
  { name: "an open quote", text: 'A="1\n', is: 'A="1\nA=x\n' },
])("setLine() adds a line to $name", ({ text, is }) => {
  assertEquals(setLine(text, "A", "x"), is);
});

Deno.test.each([
  { name: "quotes", text: "A='1'\nB=2\n", is: "A=x\nB=2\n" },
  { name: "export", text: " export A = 1\n", is: " export A = x\n" },
  { name: "a comment", text: "A=1  # why\n", is: "A=x  # why\n" },
  { name: "CRLF", text: "A=1\r\nB=2\r\n", is: "A=x\r\nB=2\r\n" },
  { name: "no last newline", text: "B=2\nA=1", is: "B=2\nA=x" },
  { name: "a mark", text: "\uFEFFA=1\n", is: "\uFEFFA=x\n" },
  { name: "the last one", text: "A=1\nA=2\n", is: "A=1\nA=x\n" },
  { name: "no value", text: "A= # why\n", is: "A= x # why\n" },
])("setLine() changes a line and keeps $name", ({ text, is }) => {
  assertEquals(setLine(text, "A", "x"), is);
});

const line = fc.oneof(
  fc.constantFrom(
    "A=1",
    " export A = 'x y' # c",
    'B="q\\"r"',
    "# comment",
    "",
    "odd line",
    'A="open',
    "A=#b",
    "A= # c",
    "\uFEFFA=1",
    "=",
    "A",
  ),
  fc.string(),
  fc.string({ unit: fc.constantFrom("A", "=", " ", '"', "'", "#", "\\", "$") }),
);
const text = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")))
  .chain((rows) =>
    fc.constantFrom(
      rows.flat().join(""),
      rows.flat().slice(0, -1).join(""),
    )
  );
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("a", " ", '"', "'", "#", "\\", "$", "`") }),
).map((given) => given.replaceAll(/[\n\r]/g, ""));

function rowsOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

Deno.test("setLine() sets any value and changes one line at most", () => {
  fc.assert(
    fc.property(text, value, (before, wanted) => {
      const after = setLine(before, "A", wanted);
      assertEquals(valueOf(after), wanted);
      const [old, now] = [rowsOf(before), rowsOf(after)];
      const changed = old.filter((row, at) => row !== now[at]);
      if (valueOf(before) !== undefined) {
        assertEquals(now.length, old.length);
        assert(changed.length <= 1);
      } else {
        assert(after.startsWith(before));
        assertEquals(now.length, old.length + 1);
      }
      assertEquals(setLine(after, "A", wanted), after);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("removeLine() takes out every line of a name and no other", () => {
  fc.assert(
    fc.property(text, (before) => {
      const after = removeLine(before, "A");
      assertEquals(valueOf(after), undefined);
      const others = (text: string) =>
        parseEnvLines(text).lines.flatMap(({ name, value }) =>
          name === "A" ? [] : [[name, value]]
        );
      assertEquals(others(after), others(before));
      assertEquals(
        parseEnvLines(after).odd.map(({ text }) => text),
        parseEnvLines(before).odd.map(({ text }) => text),
      );
    }),
    { numRuns: RUNS },
  );
});
