import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseEnvLines } from "../config/env_lines.ts";
import { KnownError } from "../errors.ts";
import { blockOf, managedLines } from "./managed_block.ts";
import {
  changedKeys,
  changedText,
  readText,
  savedText,
  settledText,
} from "./settings_change.ts";
import { knownKeys } from "./settings_names.ts";
import { readEnvironmentSettings } from "./settings_read.ts";

const PATH = "/r/.reeve";
const API = "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='deno task dev'\n";
const NOTHING = readText(PATH, "");
const DETECTED = readText(PATH, API);

function change(text: string | undefined, name: string, value?: string) {
  return changedText({ path: PATH, text }, [{ name, value }], DETECTED);
}

Deno.test("one key in a file that says nothing keeps what counted so far", () => {
  const text = change("# mine\nOTHER=1", "REEVE_DEFAULT_MODE", "trees");
  assert(text.startsWith("# mine\nOTHER=1\n# >>> reeve environment >>>\n"));
  assertEquals(readText(PATH, text).settings, {
    ...DETECTED.settings,
    defaultMode: "trees",
  });
  assertEquals(
    blockOf(text)?.split("\n").length,
    2 + 1 +
      managedLines(DETECTED.settings).length,
  );
});

Deno.test("taking a key out of a file that says nothing writes nothing", () => {
  assertEquals(change("# mine\n", "REEVE_DEFAULT_MODE"), "# mine\n");
  assertEquals(change(undefined, "REEVE_DEFAULT_MODE"), "");
});

Deno.test("what stands in for a fault is not written", () => {
  const wrong = readText(PATH, "REEVE_DEFAULT_MODE=x\nREEVE_PUBLIC_HOST=?\n");
  const both = [
    { name: "REEVE_DEFAULT_MODE", value: "main" },
    { name: "REEVE_PUBLIC_HOST", value: "h" },
  ];
  const file = { path: PATH, text: "" };
  assertThrows(
    () => changedText(file, both.slice(0, 1), wrong),
    KnownError,
    "REEVE_PUBLIC_HOST",
  );
  assertStringIncludes(changedText(file, both, wrong), "PUBLIC_HOST=h\n");
});

Deno.test("a file written by hand stays without a block", () => {
  const text = `# a\n${API}# b`;
  assertEquals(
    change(text, "REEVE_SERVICE_API_GRACE", "9s"),
    `# a\n${API}# b\nREEVE_SERVICE_API_GRACE=9s\n`,
  );
});

Deno.test("a block with a person's rows gets what it lacks and keeps them", () => {
  const block = savedText({ path: PATH, text: "" }, DETECTED.settings)
    .replace("REEVE_PUBLIC_HOST=localhost\n", "# my host\nX=1\n");
  const text = change(block, "REEVE_DEFAULT_MODE", "trees");
  assertEquals(
    text,
    block.replace("MODE=main", "MODE=trees").replace(
      /(# <<< reeve)/,
      "REEVE_PUBLIC_HOST=localhost\n$1",
    ),
  );
});

Deno.test("a new service gets every key of its own", () => {
  const before = savedText({ path: PATH, text: "" }, DETECTED.settings);
  const after = changedText({ path: PATH, text: before }, [
    { name: "REEVE_SERVICES", value: "api,web" },
    { name: "REEVE_SERVICE_WEB_CMD", value: "w" },
  ]);
  assertStringIncludes(after, "REEVE_SERVICE_WEB_GRACE=5s\n");
  const slugs = ["api", "web"];
  const missing = [...knownKeys(slugs).keys()].filter((name) =>
    !name.startsWith("REEVE_DEPENDENCY_") && !after.includes(`\n${name}=`)
  );
  assertEquals(missing, []);
});

Deno.test("the block holds nothing about a service that is taken out", () => {
  const two = savedText(
    { path: PATH, text: "" },
    readText(
      PATH,
      "REEVE_SERVICES=api,api-worker\nREEVE_SERVICE_API_CMD=a\n" +
        "REEVE_SERVICE_API_ENV__A=1\nREEVE_SERVICE_API_WORKER_CMD=w\n" +
        "REEVE_SERVICE_API_WORKER_ENV__B=2\n",
    ).settings,
  );
  const own = "REEVE_SERVICE_API_GRACE=5s\n";
  const text = change(own + two, "REEVE_SERVICES", "api-worker");
  assert(text.startsWith(own), "a person's rows stay");
  const names = parseEnvLines(blockOf(text) ?? "").lines.map(({ name }) =>
    name
  );
  assertEquals(names.filter((name) => /_API_(?!WORKER)/.test(name)), []);
  assertStringIncludes(text, "REEVE_SERVICE_API_WORKER_ENV__B=2\n");
});

Deno.test.each([
  {
    name: "REEVE_SERVICE_API_PORT",
    value: "x",
    says: "Cannot set REEVE_SERVICE_API_PORT: it must be a whole number",
  },
  {
    name: "REEVE_DEFAULT_MOD",
    value: "main",
    says: "Cannot set REEVE_DEFAULT_MOD: there is no such key",
  },
  {
    name: "REEVE_SERVICE_API_READY",
    value: "listen",
    says: "listen needs a port",
  },
  {
    name: "REEVE_SERVICE_API_CMD",
    value: "a\nb",
    says: "does not fit on one line",
  },
])("$name=$value is refused: $says", ({ name, value, says }) => {
  const error = assertThrows(() => change(API, name, value), KnownError);
  assertStringIncludes(error.message, says);
  assertEquals(error.code, "usage");
});

Deno.test("settledText() changes rows in a file that has some", () => {
  const text = `# top\n${API}REEVE_SERVICE_API_PORT=1 # why\n`;
  const [api] = readText(PATH, text).settings.services;
  assert(api !== undefined);
  const settings = {
    ...readText(PATH, text).settings,
    services: [{ ...api, portBase: 2 }],
  };
  assertEquals(
    settledText({ path: PATH, text }, settings),
    `# top\n${API}REEVE_SERVICE_API_PORT=2 # why\n`,
  );
});

Deno.test("changedKeys() names what differs, gone and new ones too", () => {
  const other = readText(PATH, "REEVE_SERVICES=b\nREEVE_SERVICE_B_CMD=b\n");
  const keys = changedKeys(DETECTED.settings, other.settings);
  const of = (name: string) => keys.find((key) => key.name === name);
  assertEquals(of("REEVE_SERVICES"), {
    name: "REEVE_SERVICES",
    before: "api",
    after: "b",
  });
  assertEquals(of("REEVE_SERVICE_API_DIR")?.after, undefined);
  assertEquals(of("REEVE_SERVICE_B_DIR")?.before, undefined);
  assertEquals(of("REEVE_DEFAULT_MODE"), undefined);
});

Deno.test("settings from nowhere are those of an empty file", () => {
  const env = { get: () => undefined };
  assertEquals(readEnvironmentSettings({ env }).settings, NOTHING.settings);
});
