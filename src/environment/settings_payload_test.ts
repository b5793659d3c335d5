import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { KnownError } from "../errors.ts";
import { changedText, readText } from "./settings_change.ts";
import { readPayload } from "./settings_payload.ts";

const PATH = "/r/.reeve";
const NOW = readText(
  PATH,
  "REEVE_SERVICES=api,web\nREEVE_SERVICE_API_CMD=a\n" +
    "REEVE_SERVICE_WEB_CMD=w\nREEVE_SERVICE_WEB_MODES=main\n" +
    "REEVE_DEPENDENCIES=redis\n",
).settings;

function changesOf(payload: unknown) {
  const { changes } = readPayload(JSON.stringify(payload), NOW);
  return Object.fromEntries(changes.map(({ name, value }) => [name, value]));
}

Deno.test.each([
  { payload: { default_mode: "trees" }, gives: { DEFAULT_MODE: "trees" } },
  {
    payload: { directories: { trees: "wt", api: "a", web_dir: "b" } },
    gives: { TREES_DIR: "wt", SERVICE_API_DIR: "a", SERVICE_WEB_DIR: "b" },
  },
  {
    payload: {
      ports: { api: 8100, web_port_base: "9", db: 5, supabase_api: 6 },
    },
    gives: {
      SERVICE_API_PORT: "8100",
      SERVICE_WEB_PORT: "9",
      DEPENDENCY_POSTGRES_PORT: "5",
      DEPENDENCY_SUPABASE_PORT: "6",
    },
  },
  { payload: { network: { public_host: "h" } }, gives: { PUBLIC_HOST: "h" } },
  {
    payload: { profiles: { main: { api: false, postgres_enable: true } } },
    gives: {
      SERVICE_API_MODES: "trees",
      DEPENDENCY_POSTGRES_MODES: "main",
      DEPENDENCIES: "redis,postgres",
    },
  },
  {
    payload: { profiles: { trees: { startup: false, web: true } } },
    gives: {
      SERVICE_API_MODES: "main",
      SERVICE_WEB_MODES: "main",
      DEPENDENCY_REDIS_MODES: "main",
    },
  },
  {
    payload: { profiles: { main: { redis: false }, trees: { redis: false } } },
    gives: { DEPENDENCIES: "none" },
  },
  {
    payload: {
      additional_services: [
        {
          slug: "cron",
          start_cmd: "c",
          expect_listener: false,
          critical: false,
        },
      ],
      ports: { cron: 7 },
    },
    gives: {
      SERVICE_CRON_CMD: "c",
      SERVICE_CRON_READY: "running",
      SERVICE_CRON_CRITICAL: "false",
      SERVICE_CRON_PORT: "7",
      SERVICES: "api,web,cron",
    },
  },
  {
    payload: {
      services: {
        api: { cmd: "x", env: { A: "b c", B: null }, enabled: false },
      },
    },
    gives: {
      SERVICE_API_CMD: "x",
      SERVICE_API_ENV__A: "b c",
      SERVICE_API_ENV__B: undefined,
      SERVICE_API_MODES: "none",
    },
  },
  {
    payload: { dependencies: { n8n: { mode: "container", port: 1 } } },
    gives: {
      DEPENDENCY_N8N_MODE: "container",
      DEPENDENCY_N8N_PORT: "1",
      DEPENDENCIES: "redis,n8n",
    },
  },
  { payload: { dependencies: [] }, gives: { DEPENDENCIES: "none" } },
  {
    payload: {
      dependencies: { postgres: {} },
      profiles: { trees: { postgres: false } },
    },
    gives: {
      DEPENDENCY_POSTGRES_MODES: "main",
      DEPENDENCIES: "redis,postgres",
    },
  },
  {
    payload: {
      dependencies: ["n8n"],
      profiles: { main: { n8n: false } },
    },
    gives: { DEPENDENCY_N8N_MODES: "trees", DEPENDENCIES: "n8n" },
  },
  {
    payload: { REEVE_DEFAULT_MODE: "main", SERVICE_API_PORT: null },
    gives: { DEFAULT_MODE: "main", SERVICE_API_PORT: undefined },
  },
  { payload: {}, gives: {} },
])("$payload sets keys", ({ payload, gives }) => {
  const wanted = Object.entries(gives).map(([key, value]) =>
    [`REEVE_${key}`, value] as const
  );
  assertEquals(changesOf(payload), Object.fromEntries(wanted));
});

Deno.test.each([
  { text: "", says: "standard input is empty" },
  { text: "{", says: "is not JSON" },
  { text: "[]", says: "it must be an object" },
  { text: '{"ports":[]}', says: 'Cannot use "ports": it must be an object' },
  { text: '{"ports":{"apj":1}}', says: '"ports.apj" means nothing' },
  { text: '{"prots":{}}', says: '"prots" means nothing' },
  { text: '{"ports":{"api":{}}}', says: '"ports.api": it must be a text' },
  { text: '{"profiles":{"tree":{}}}', says: '"profiles.tree" means nothing' },
  { text: '{"profiles":{"main":{"api":1}}}', says: "true or false" },
  { text: '{"profiles":{"main":{"x":true}}}', says: "means nothing" },
  { text: '{"services":{"all":{}}}', says: "is no name for a service" },
  { text: '{"services":{"A B":{}}}', says: "is no name for a service" },
  { text: '{"additional_services":[{}]}', says: "it needs a slug" },
  { text: '{"additional_services":{}}', says: "it must be a list" },
  { text: '{"dependencies":["mysql"]}', says: '"dependencies: mysql" means' },
  { text: '{"dependencies":{"mysql":{}}}', says: "means nothing" },
])("$text is refused: $says", ({ text, says }) => {
  const error = assertThrows(() => readPayload(text, NOW), KnownError);
  assertEquals(error.code, "usage");
  assertStringIncludes(error.message, says);
  assert(error.hint !== undefined);
});

Deno.test("what has no counterpart is named and left out", () => {
  const text = JSON.stringify({
    ui: { visual_host: "x" },
    ports: { spacing: 20 },
    directories: { planning: "todo" },
  });
  const { changes, warnings } = readPayload(text, NOW);
  assertEquals(changes, []);
  assertEquals(warnings.map((text) => text.split(" ")[0]), [
    "directories.planning",
    "ports.spacing",
    "ui",
  ]);
});

Deno.test("a payload gives a file that says what it says", () => {
  const text = JSON.stringify({
    default_mode: "trees",
    services: { api: { cmd: "deno task dev", port: 8000, ready: "listen" } },
    dependencies: ["postgres"],
    profiles: { main: { postgres: true }, trees: { postgres: false } },
  });
  const none = readText(PATH, "");
  const { changes } = readPayload(text, none.settings);
  const after = changedText({ path: PATH, text: "" }, changes, none);
  const { faults, settings } = readText(PATH, after);
  assertEquals(faults, []);
  assertEquals(settings.defaultMode, "trees");
  assertEquals(settings.services[0]?.portBase, 8000);
  assertEquals(settings.dependencies[0]?.modes, ["main"]);
});

Deno.test("any JSON is read or refused, never more", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    try {
      readPayload(text, NOW);
    } catch (error) {
      assert(error instanceof KnownError, String(error));
    }
  }));
});
