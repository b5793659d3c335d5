import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "./route_commands.ts";
import { FLAGS } from "./route_flags.ts";
import { commandHelp, commandList, proposeWords } from "./route_help.ts";
import { parseRoute } from "./route.ts";
import { isFlagOf } from "./route_table.ts";

Deno.test.each([...COMMANDS])("the help of $name is whole and fits", (row) => {
  const help = commandHelp(row.name);
  for (const line of help.split("\n")) {
    assert(line.length <= 80, line);
    assertEquals(line, line.trimEnd());
  }
  assert(help.startsWith(`USAGE\n  reeve ${row.name} [FLAGS]`), help);
  for (const { word } of row.aliases) assert(help.includes(word), word);
  for (const flag of FLAGS) {
    const [token = ""] = flag.tokens;
    if (token === "--command" || !isFlagOf(flag, row.name)) continue;
    assert(help.includes(flag.brief), flag.brief);
    assert(help.includes(token), token);
  }
});

Deno.test.each(
  COMMANDS.flatMap(({ name, examples }) =>
    examples.map((example) => ({ name, example }))
  ),
)("the example $example is understood", ({ name, example }) => {
  const [line = ""] = example.split("   ");
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)]
    .map(([, quoted, plain]) => quoted ?? plain ?? "");
  const route = parseRoute(words.slice(1), {});
  if (route.kind === "error") throw new Error(route.message);
  assertEquals([words[0], commandHelp(route.command)], [
    "reeve",
    commandHelp(name === "dashboard" ? "dashboard" : name),
  ]);
});

Deno.test("the list of commands tells each with its flags", () => {
  const list = commandList();
  assertEquals(
    list.map((row) => row["name"]),
    COMMANDS.map(({ name }) => name),
  );
  const last = list.find((row) => row["name"] === "debug-last");
  assertEquals(last, {
    "name": "debug-last",
    "aliases": [],
    "brief": "Print the path of the last bundle",
    "words": "none",
    "when_nothing": "none",
    "mode": null,
    "needs_settings": false,
    "takes_lease": false,
    "loads_state": false,
    "headless": false,
    "flags": last?.["flags"],
  });
});

const names = { projects: ["Main"], units: ["backend", "postgres"] };

Deno.test.each<{ words: readonly string[]; is: string }>([
  { words: ["st"], is: "start stop stop-all" },
  {
    words: ["--project", "Main", "li"],
    is: "list-commands list-targets list-trees",
  },
  { words: ["stop", ""], is: "Main backend postgres" },
  { words: ["stop", "b"], is: "backend" },
  { words: ["logs", "--f"], is: "--follow --frontend --fullstack" },
  { words: ["start", "--mode", ""], is: "main trees" },
  { words: ["start", "--project", ""], is: "Main" },
  { words: ["start", "--service", "p"], is: "postgres" },
  { words: ["--service", "p"], is: "postgres" },
  { words: ["list-commands", ""], is: "" },
  { words: ["logs", "--tail", ""], is: "" },
])("after $words come $is", ({ words, is }) => {
  assertEquals(proposeWords(words, names).join(" "), is);
});
