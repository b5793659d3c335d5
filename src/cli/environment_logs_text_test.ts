import { assertEquals } from "@std/assert";
import { sampleService } from "#support/observed_units.ts";
import {
  logPrefixes,
  logsJson,
  logsText,
  plainLine,
  type UnitLog,
} from "./environment_logs_text.ts";

const LOG: UnitLog = {
  unit: sampleService("api"),
  path: "/s/api.log",
  size: 12,
  lines: ["one", "  two"],
  isCut: false,
};

Deno.test.each([
  { line: "  plain", is: "  plain" },
  { line: "\u001b[31mred\u001b[0m", is: "red" },
  { line: "\u001b]0;title\u0007x", is: "x" },
  { line: "a\tb\u0008", is: "a    b?" },
])("plainLine() of $line", ({ line, is }) => {
  assertEquals(plainLine(line), is);
});

Deno.test("logsText() has headings only where there are several", () => {
  assertEquals(logsText([LOG]), "one\n  two");
  const other = { ...LOG, unit: sampleService("web"), lines: [] };
  assertEquals(
    logsText([LOG, other, { ...other, size: undefined }]).split("\n"),
    [
      "==> Main Api <==",
      "one",
      "  two",
      "",
      "==> Main Web <==",
      "The log is empty: /s/api.log",
      "",
      "==> Main Web <==",
      "There is no log at /s/api.log",
    ],
  );
  assertEquals(logsText([]), "There is no log.");
});

Deno.test.each([
  { text: "nothing for one log", names: ["Main Api"], is: [""] },
  {
    text: "names of one width",
    names: ["Main Api", "Main Küche", "\u001b[2J日本"],
    is: ["Main Api   | ", "Main Küche | ", "?[2J日本   | "],
  },
])("logPrefixes() are $text", ({ is, names }) => {
  assertEquals(logPrefixes(names, "none"), is);
});

Deno.test("logPrefixes() have a colour each on a terminal", () => {
  const prefixes = logPrefixes(["a", "b"], "some");
  assertEquals(prefixes.map(plainLine), ["a | ", "b | "]);
  assertEquals(new Set(prefixes.map((one) => one.slice(0, 5))).size, 2);
});

Deno.test("logsJson() says whether a log is there", () => {
  const json = JSON.stringify(
    logsJson(2, [LOG, { ...LOG, size: undefined, lines: [] }])["units"],
  );
  assertEquals(json.match(/"exists":(true|false)/g), [
    '"exists":true',
    '"exists":false',
  ]);
});
