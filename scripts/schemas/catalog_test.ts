import { assert, assertEquals } from "@std/assert";
import type { Command, RouteMap } from "@stricli/core";
import { app } from "../../src/cli/commands.ts";
import type { ReeveContext } from "../../src/cli/define_command.ts";
import { ENVIRONMENT_BRIEFS } from "../../src/cli/environment_words.ts";
import { FLAGS } from "../../src/environment/route_flags.ts";
import {
  type CommandDocument,
  DOCUMENTS,
  ERROR,
  FILES,
  MESSAGES,
} from "./catalog.ts";
import { headOf, jsonPages } from "./publish.ts";

type Target = RouteMap<ReeveContext> | Command<ReeveContext>;

interface Found {
  readonly words: string;
  readonly flags: readonly string[];
}

function* commandsBelow(target: Target, words: string): Generator<Found> {
  if (!("getRoutingTargetForInput" in target)) {
    yield { words, flags: Object.keys(target.parameters.flags ?? {}) };
    return;
  }
  for (const entry of target.getAllEntries()) {
    const path = `${words} ${entry.name.original}`.trim();
    yield* commandsBelow(entry.target, path);
  }
}

const COMMANDS: readonly Found[] = [
  ...commandsBelow(app.root, ""),
  // Those about environments have a table of their own.
  ...Object.keys(ENVIRONMENT_BRIEFS).map((words) => ({
    words,
    flags: FLAGS.filter(({ commands }) =>
      commands === "all" || commands.some((name) => name === words)
    ).flatMap(({ tokens }) => tokens.map((token) => token.replace(/^-+/, ""))),
  })),
];

function dashed(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

Deno.test("DOCUMENTS has a schema for every command with --json", () => {
  const described = new Set(DOCUMENTS.flatMap(({ commands }) => commands));
  const missing = COMMANDS.filter(({ flags }) => flags.includes("json"))
    .filter(({ words }) => !described.has(words));
  assertEquals(missing, []);
  assert(COMMANDS.length > 40, "the walk sees the commands");
});

Deno.test("DOCUMENTS names commands and flags that are there", () => {
  for (const words of DOCUMENTS.flatMap(({ commands }) => commands)) {
    const [path = "", flag] = words.split(" --");
    const { flags = [] } = COMMANDS.find((one) => one.words === path) ?? {};
    assert(flags.includes("json"), words);
    const isFlag = flag === undefined || flags.map(dashed).includes(flag);
    assert(isFlag, words);
  }
});

Deno.test("the catalog names every schema once, but for what is also a file", () => {
  const names = [ERROR, ...DOCUMENTS, ...MESSAGES, ...FILES]
    .map(({ name }) => name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  assertEquals(twice, ["reset_plan"]);
});

// Its name is that of the file with the settings.
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "config_show": "config",
};

Deno.test.each(DOCUMENTS.map((one) => ({ ...one })))(
  "$name states its name and version",
  ({ name, schema }: CommandDocument) => {
    const { title, version } = headOf(schema);
    assertEquals(title, OTHER_NAMES[name] ?? name);
    assertEquals(version, name === "auth_doctor" ? 2 : 1);
  },
);

const PAGES = Object.entries(jsonPages(""));

/** Every object schema in a schema, with the path to it. */
function* objectsIn(
  value: unknown,
  path: string,
): Generator<readonly [string, Readonly<Record<string, unknown>>]> {
  if (typeof value !== "object" || value === null) return;
  const record = value as Readonly<Record<string, unknown>>;
  if (!Array.isArray(value) && "type" in record) yield [path, record];
  for (const [key, inner] of Object.entries(record)) {
    yield* objectsIn(inner, `${path}/${key}`);
  }
}

const CLOSED = ["event_types.schema.json"];

Deno.test("published schemas allow keys that readers must expect", () => {
  for (const [file, text] of PAGES) {
    if (!file.endsWith(".json")) continue;
    const closed = [...objectsIn(JSON.parse(text), "")]
      .filter(([, schema]) => schema["additionalProperties"] === false);
    assertEquals(closed.length > 0, CLOSED.includes(file), file);
  }
});

// Files whose checks are part of the program say what they say in the source.
const DESCRIBED = [ERROR, ...DOCUMENTS, ...MESSAGES]
  .map(({ name }) => `${name}.schema.json`)
  .filter((file) => file !== "reset_plan.schema.json");

Deno.test("published documents describe every key", () => {
  for (const [file, text] of PAGES) {
    if (!DESCRIBED.includes(file)) continue;
    for (const [path, schema] of objectsIn(JSON.parse(text), "")) {
      const { properties = {} } = schema as {
        readonly properties?: Readonly<
          Record<string, { description?: string }>
        >;
      };
      const bare = Object.entries(properties)
        .filter(([, one]) => one.description === undefined)
        .map(([key]) => `${file}${path}/${key}`);
      assertEquals(bare, []);
    }
  }
});

// What people have met under two meanings once.
const MEANINGS: Readonly<Record<string, string>> = {
  "argv": "array",
  "entries": "array",
  "events": "array",
  "project": "string",
  "project_id": "string",
  "project_slug": "string",
  "remediation": "object",
  "remedy": "nothing",
  "server": "string",
};

/** What a value is, beside `null`. */
function typeOf(schema: Readonly<Record<string, unknown>>): string {
  const { anyOf, type } = schema;
  const types = Array.isArray(anyOf)
    ? anyOf.map(typeOf)
    : [type].flat().map(String);
  return types.filter((one) => !["", "null"].includes(one)).join(" or ");
}

Deno.test("a key means the same in every document of a command", () => {
  const files = new Set(DOCUMENTS.map(({ name }) => `${name}.schema.json`));
  for (const [file, text] of PAGES.filter(([name]) => files.has(name))) {
    for (const [path, schema] of objectsIn(JSON.parse(text), "")) {
      for (const [key, one] of Object.entries(schema["properties"] ?? {})) {
        const wanted = MEANINGS[key];
        if (wanted === undefined) continue;
        assertEquals(typeOf(one), wanted, `${file}${path}/${key}`);
      }
    }
  }
});

Deno.test("the index lists every schema", () => {
  const index = jsonPages("")["README.md"] ?? "";
  for (const [file] of PAGES) {
    if (file.endsWith(".json")) assert(index.includes(`(${file})`), file);
  }
});
