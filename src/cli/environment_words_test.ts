import { assertEquals } from "@std/assert";
import { COMMANDS } from "../environment/route_commands.ts";
import { ENVIRONMENT_COMMANDS } from "./environment_line.ts";
import {
  ENVIRONMENT_BRIEFS,
  mayBeEnvironmentLine,
} from "./environment_words.ts";

Deno.test("ENVIRONMENT_BRIEFS names what can be run, as the table does", () => {
  const names = new Set([
    ...Object.keys(ENVIRONMENT_COMMANDS),
    "list-commands",
  ]);
  const rows = COMMANDS.filter(({ name }) => names.has(name));
  assertEquals(
    Object.entries(ENVIRONMENT_BRIEFS),
    rows.map(({ name, brief }) => [name, brief]),
  );
});

Deno.test.each([
  { line: "start", is: true },
  { line: "--json status", is: true },
  { line: "strat", is: true },
  { line: "", is: false },
  { line: "--help", is: false },
  { line: "-v", is: false },
  { line: "config show", is: false },
  { line: "config edit", is: false },
  { line: "config --help", is: false },
  { line: "config", is: true },
  { line: "config init", is: true },
  { line: "config --set A=b", is: true },
  { line: "daemon status", is: false },
  { line: "queue worker --help", is: false },
  { line: "__complete -- start", is: false },
])("mayBeEnvironmentLine() of '$line' is $is", ({ line, is }) => {
  const words = line.split(" ").filter((word) => word !== "");
  assertEquals(mayBeEnvironmentLine(words), is);
});
