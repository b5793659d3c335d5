import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseEnvLines } from "../config/env_lines.ts";
import { KnownError } from "../errors.ts";
import {
  addToBlock,
  BLOCK_END,
  BLOCK_START,
  contradictingLines,
  managedLines,
  withoutBlock,
  writeBlock,
} from "./managed_block.ts";
import type {
  DependencyChoice,
  EnvironmentSettings,
  Mode,
  ReadyRule,
  ServiceDefinition,
} from "./model.ts";
import { DEPENDENCY_IDS, DEPENDENCY_PORTS } from "./service_keys.ts";
import { knownKeys } from "./settings_names.ts";
import { readEnvironmentSettings } from "./settings_read.ts";

const EMPTY: EnvironmentSettings = {
  defaultMode: "main",
  treesDirectory: "trees",
  worktrees: { plansDirectory: "plans", links: [], runsHooks: false },
  services: [],
  dependencies: [],
  publicHost: "localhost",
  inheritedEnv: [],
};

function load(text: string) {
  return readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path: "/r/.reeve", text },
  });
}

const ODD = [..."ab \t'\"\\#$`&|;<>=%~*?[]:,/é漢"];
const inLine = fc.oneof(
  fc.string({ unit: fc.constantFrom(...ODD), maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 8 }),
).map((text) => text.replaceAll(/(?!\t)\p{Cc}|\uFFFD/gu, ""))
  .filter((text) => text.isWellFormed());
const shown = inLine.map((text) => `x${text.replaceAll("\t", "")}`.trim());
const slug = fc.stringMatching(/^[a-z][a-z0-9]{0,4}(-[a-z0-9]{1,3}){0,2}$/)
  .filter((text) => !/^(all|n8n|redis)$/.test(text));
const path = fc.stringMatching(/^[a-z.][a-z0-9_ -]{0,5}[a-z](\/[a-z]{1,4})?$/)
  .filter((text) => !text.startsWith(".."));
const words = fc.array(inLine, { minLength: 1, maxLength: 4 })
  .map(([first = "", ...rest]) => [`x${first}`, ...rest]);
const port = fc.integer({ min: 1, max: 65_535 });
const duration = fc.integer({ min: 100, max: 600_000 });
const modes: fc.Arbitrary<readonly Mode[]> = fc.subarray(["main", "trees"]);
const url = fc.webUrl().filter((text) => !/[{}]/.test(text));
const variable = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/)
  .filter((name) => !/^reeve_/i.test(name));
const free = fc.constantFrom<ReadyRule>({ kind: "exit" }, { kind: "running" });
const logged = shown.filter((text) => isPattern(text))
  .map((pattern): ReadyRule => ({ kind: "log", pattern }));
const served = fc.webPath().map((text): ReadyRule => ({
  kind: "http",
  path: `/${text.replace(/^\/+/, "")}`,
}));

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

function service(slug: string): fc.Arbitrary<ServiceDefinition> {
  return fc.option(port, { nil: undefined }).chain((portBase) =>
    fc.record({
      slug: fc.constant(slug),
      displayName: shown,
      command: words,
      directory: fc.oneof(fc.constant("."), path),
      portBase: fc.constant(portBase),
      ready: portBase === undefined ? fc.oneof(free, logged) : fc.oneof(
        free,
        logged,
        served,
        fc.constant<ReadyRule>({ kind: "listen" }),
      ),
      dependsOn: fc.constantFrom<readonly string[]>([], ["dependencies"]),
      env: fc.dictionary(
        variable,
        inLine.map((text) => text.replaceAll(/[{}]/g, "")),
        { maxKeys: 4, noNullPrototype: true },
      ),
      timeoutMs: duration,
      graceMs: fc.oneof(fc.constant(0), duration),
      isCritical: fc.boolean(),
      onlyIfPath: fc.option(path, { nil: undefined }),
      modes,
      healthUrl: fc.option(url, { nil: undefined }),
      publicUrl: fc.option(url, { nil: undefined }),
    })
  );
}

const URLS: Readonly<Record<string, string>> = {
  n8n: "http://h:1/",
  postgres: "postgres://h/d?x=%20'#y",
  redis: "rediss://h:1/2",
  supabase: "https://h",
};

function dependency(
  id: (typeof DEPENDENCY_IDS)[number],
): fc.Arbitrary<DependencyChoice> {
  return fc.record({
    id: fc.constant<string>(id),
    mode: fc.constantFrom(
      "auto" as const,
      "command" as const,
      "container" as const,
      "external" as const,
      "native" as const,
    ),
    ports: fc.record(
      Object.fromEntries(
        Object.keys(DEPENDENCY_PORTS[id]).map((name) => [name, port]),
      ),
    ),
    url: fc.constant(URLS[id]),
    command: words,
    isShared: fc.boolean(),
    // Two databases in one mode are a fault.
    modes: id === "supabase" ? fc.constant<readonly Mode[]>([]) : modes,
  });
}

const settings: fc.Arbitrary<EnvironmentSettings> = fc.uniqueArray(slug, {
  maxLength: 4,
}).chain((slugs) =>
  fc.record({
    defaultMode: fc.constantFrom<Mode>("main", "trees"),
    treesDirectory: path.filter((text) => !/^\.(?:\/|$)/.test(text)),
    worktrees: fc.record({
      plansDirectory: path,
      links: fc.uniqueArray(
        fc.constantFrom("node_modules", "web/node_modules", ".venv"),
      ),
      runsHooks: fc.boolean(),
    }),
    services: fc.tuple(...slugs.map(service)).map((services) =>
      services.map((one, at) => ({
        ...one,
        dependsOn: at === 0 ? one.dependsOn : slugs.slice(0, at),
      }))
    ),
    dependencies: fc.shuffledSubarray([...DEPENDENCY_IDS])
      .chain((ids) => fc.tuple(...ids.map(dependency))),
    publicHost: fc.constantFrom("localhost", "a.b-c.example", "[::1]"),
    inheritedEnv: fc.uniqueArray(variable, { maxLength: 3 }),
  })
);

const ownRow = fc.oneof(
  fc.constantFrom(
    "",
    "# mine",
    "REEVE_PROJECT_ID=x",
    "export A='b c' # d",
    'B="open',
    "REEVE_SYNC_AUTO_START=yes",
    `# ${BLOCK_START}`,
    ` ${BLOCK_END}`,
    `${BLOCK_START}x`,
  ),
  fc.string().filter((text) => !/REEVE_|[\n\r]/i.test(text)),
);
const ownText = fc.array(
  fc.tuple(ownRow, fc.constantFrom("\n", "\r\n")),
  { maxLength: 6 },
).map((rows) => rows.flat().join(""));

Deno.test("settings come back from a file as they were saved", () => {
  fc.assert(
    fc.property(settings, ownText, (wanted, own) => {
      const { settings: found, faults } = load(writeBlock(own, wanted));
      assertEquals(faults, []);
      assertEquals(found, wanted);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("saving keeps every other byte and nothing changes the second time", () => {
  fc.assert(
    fc.property(
      settings,
      settings,
      ownText,
      ownText,
      (first, second, above, below) => {
        const text = writeBlock(above, first) + below;
        const again = writeBlock(text, second);
        assert(again.startsWith(above));
        assert(again.endsWith(below));
        assertEquals(withoutBlock(again), withoutBlock(text));
        assertEquals(withoutBlock(again), above + below);
        assertEquals(writeBlock(again, second), again);
        assertEquals(load(again).settings, second);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("the block holds every key, also those that are as by default", () => {
  const text = writeBlock("", EMPTY);
  assertEquals(
    text,
    [
      BLOCK_START,
      "REEVE_DEFAULT_MODE=main",
      "REEVE_TREES_DIR=trees",
      "REEVE_PLANS_DIR=plans",
      "REEVE_WORKTREE_LINKS=''",
      "REEVE_WORKTREE_HOOKS=off",
      "REEVE_PUBLIC_HOST=localhost",
      "REEVE_INHERIT_ENV=''",
      "REEVE_SERVICES=''",
      "REEVE_DEPENDENCIES=none",
      BLOCK_END,
      "",
    ].join("\n"),
  );
  const { settings } = load(
    "REEVE_SERVICES=a\nREEVE_SERVICE_A_CMD=x\n" +
      "REEVE_DEPENDENCIES=postgres,redis,supabase,n8n\n",
  );
  const names = managedLines(settings).map(([name]) => name);
  assertEquals(names.toSorted(), [...knownKeys(["a"]).keys()].toSorted());
});

Deno.test("saved defaults switch nothing on", () => {
  assertEquals(load(writeBlock("", load("").settings)).settings, EMPTY);
});

Deno.test("writeBlock() refuses a block without end", () => {
  const text = `a=1\n${BLOCK_START}\nREEVE_SERVICES=\n`;
  const error = assertThrows(() => writeBlock(text, EMPTY), KnownError);
  assertEquals(error.code, "damaged_file");
});

Deno.test.each(["a\nb", "a\rb", "a\0b", "a\uD800b", "a\uFFFDb"])(
  "writeBlock() refuses a value that would not come back",
  (value) => {
    const error = assertThrows(
      () => writeBlock("", { ...EMPTY, publicHost: value }),
      KnownError,
    );
    assertEquals(
      error.message,
      "Cannot save REEVE_PUBLIC_HOST: its value does not fit on one line " +
        "of text",
    );
  },
);

Deno.test.each([
  { name: "LF", end: "\n", gap: "" },
  { name: "CRLF", end: "\r\n", gap: "" },
])("writeBlock() keeps $name", ({ end }) => {
  const text = writeBlock(`a=1${end}b=2`, EMPTY);
  assert(text.startsWith(`a=1${end}b=2${end}${BLOCK_START}${end}`));
  assertEquals(text.replaceAll(end, "").match(/[\r\n]/g), null);
});

Deno.test("addToBlock() adds before the end, and only where a block is", () => {
  const text = `x=1\n${writeBlock("", EMPTY)}y=2\n`;
  const added = addToBlock(text, "REEVE_A", "b c") ?? "";
  assertEquals(
    added,
    text.replace(BLOCK_END, `REEVE_A='b c'\n${BLOCK_END}`),
  );
  assertEquals(parseEnvLines(added).odd, []);
  assertEquals(addToBlock("x=1\n", "REEVE_A", "b"), undefined);
});

Deno.test("contradictingLines() finds what says something else outside", () => {
  const { settings } = load(
    "REEVE_SERVICES=a\nREEVE_SERVICE_A_CMD=x\nREEVE_SERVICE_A_ENV__K=v\n",
  );
  const block = writeBlock("", settings);
  const outside = (text: string) =>
    contradictingLines(text, settings).map(({ line, name }) => [line, name]);
  assertEquals(outside(block), []);
  assertEquals(outside(block.replace("CMD=x", "CMD=y")), []);
  assertEquals(
    outside(
      "REEVE_SERVICE_A_CMD=x\nREEVE_SERVICE_A_ENV__L=v\nREEVE_SERVICE_B_CMD=x\n" +
        `Z=1\nREEVE_DEFAULT_MODE=trees\n${block}REEVE_SERVICE_A_CMD=y\n`,
    ),
    [
      [2, "REEVE_SERVICE_A_ENV__L"],
      [5, "REEVE_DEFAULT_MODE"],
      [6 + block.split("\n").length - 1, "REEVE_SERVICE_A_CMD"],
    ],
  );
});
