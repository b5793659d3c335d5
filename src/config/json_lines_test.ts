import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { scanJson } from "./json_lines.ts";

const RUNS = 3000;
const TEXT = `{
  "schema_version": 1,
  "sync": {
    "max_rows": 5, "mode":
      "off",
    "list": [
      { "mode": 1 }
    ],
    "batch": { "a\\n\\u0041": {} }
  },

  "last": null
}
`;

Deno.test.each([
  { path: ["schema_version"], line: 2 },
  { path: ["sync"], line: 3 },
  { path: ["sync", "max_rows"], line: 4 },
  { path: ["sync", "mode"], line: 4 },
  { path: ["sync", "list"], line: 6 },
  { path: ["sync", "batch", "a\nA"], line: 9 },
  { path: ["last"], line: 12 },
  { path: ["mode"], line: undefined },
  { path: ["sync", "list", "mode"], line: undefined },
  { path: [], line: undefined },
])("scanJson() finds $path on line $line", ({ path, line }) => {
  const scan = scanJson(TEXT);
  assertEquals([scan.lineOf(path), scan.errorLine], [line, undefined]);
});

Deno.test("scanJson() tells the line of the key that counts", () => {
  assertEquals(scanJson('{"a":1,\n"a":2}').lineOf(["a"]), 2);
});

Deno.test.each([
  { name: "nothing", text: "", line: 1 },
  { name: "half of it", text: '{\n"a": {\n', line: 3 },
  { name: "a missing comma", text: '{"a":1\n"b":2}', line: 2 },
  { name: "a last comma", text: '{"a":1,\n}', line: 2 },
  { name: "a comment", text: '{"a":1}\n// b', line: 2 },
  { name: "an open string", text: '{\n"a', line: 2 },
  { name: "a wrong escape", text: '{\n\n"\\x":1}', line: 3 },
  { name: "a bare word", text: '{"a":\nyes}', line: 2 },
  { name: "two values", text: "1\n2", line: 2 },
  { name: "a wrong bracket", text: '{"a":[\n}', line: 2 },
  { name: "a bracket too many", text: "{}\n}", line: 2 },
  { name: "a newline in a string", text: '{"a\nb":1}', line: 1 },
])("scanJson() finds $name on line $line", ({ text, line }) => {
  assertEquals(scanJson(text).errorLine, line);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const piece = fc.constantFrom(
  ..."{}[]:, \n\t",
  '"a"',
  '"\\u00e9"',
  '"\\',
  '"',
  "1",
  "-0",
  "01",
  "1.",
  "1e9",
  "true",
  "nul",
  "null",
  "\u00a0",
);

Deno.test("scanJson() agrees with the parser about what is JSON", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
        fc.json(),
        fc.tuple(fc.json(), fc.nat(), piece).map(([text, at, piece]) => {
          const cut = at % (text.length + 1);
          return text.slice(0, cut) + piece + text.slice(cut);
        }),
      ),
      (text) => {
        assertEquals(scanJson(text).errorLine === undefined, isJson(text));
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("scanJson() takes deep and long texts in its stride", () => {
  const deep = '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000);
  assertEquals(scanJson(deep).errorLine, undefined);
  const long = `{"a":"${"\\n".repeat(300_000)}",\n"b":1}`;
  assertEquals(scanJson(long).lineOf(["b"]), 2);
});
