import { assert, assertEquals, assertThrows } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { KEY_NAMES, type KeyName, specOf } from "./keys.ts";
import { type Config, readConfig, requireSound } from "./read_config.ts";

const ROOT = "/r";
const USER = "/r/config.json";
const PROJECT = "/p/.reeve";

interface Given {
  readonly user?: string;
  readonly project?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Partial<Record<KeyName, string>>>;
}

function open({ user, project, env = {}, flags }: Given): Config {
  const host = createFakeHost({ env });
  if (user !== undefined) host.world.disk.put(USER, user);
  if (project !== undefined) host.world.disk.put(PROJECT, project);
  return readConfig(host, {
    root: ROOT,
    project: { root: "/p", slug: "p", file: project && PROJECT },
    flags,
  });
}

Deno.test("readConfig() gives every default when nothing is set", () => {
  const config = open({});
  for (const key of KEY_NAMES) {
    assertEquals<unknown>(config.get(key), specOf(key).default, key);
    assertEquals(config.origin(key), { source: "default", where: "default" });
  }
  assertEquals([config.faults, config.warnings], [[], []]);
  assertEquals([config.userFile, config.projectFile], [USER, undefined]);
});

Deno.test("readConfig() knows the type of what it gives", () => {
  const config = open({});
  const url: string | undefined = config.get("sync.server_url");
  const mode: "external" | "local" | "off" | "teamspace" = config.get(
    "sync.mode",
  );
  const bytes: number = config.get("sync.max_bytes");
  const starts: boolean | undefined = config.get("sync.auto_start");
  const words: readonly string[] = config.get("sync.privacy.include");
  assertEquals([url, mode, bytes, starts, words], [
    undefined,
    "teamspace",
    2 ** 28,
    undefined,
    ["commit", "repo"],
  ]);
});

const USER_ON = '{"sync":{"auto_start":true}}';

Deno.test.each([
  { name: "default", given: {}, is: undefined, where: "default" },
  {
    name: "user file",
    given: { user: USER_ON },
    is: true,
    where: `${USER} line 1`,
  },
  {
    name: "project over user file",
    given: { user: USER_ON, project: "#\nREEVE_SYNC_AUTO_START=no\n" },
    is: false,
    where: `${PROJECT} line 2`,
  },
  {
    name: "flag over all",
    given: {
      user: USER_ON,
      project: "REEVE_SYNC_AUTO_START=false",
      flags: { "sync.auto_start": "true" },
    },
    is: true,
    where: "the command line",
  },
])("readConfig() takes auto_start from: $name", ({ given, is, where }) => {
  const config = open(given);
  assertEquals(config.get("sync.auto_start"), is);
  assertEquals(config.origin("sync.auto_start").where, where);
});

Deno.test.each([
  { env: {}, flags: {}, is: "relaxed", source: "user" },
  {
    env: { REEVE_SYNC_DURABILITY: "full" },
    flags: {},
    is: "full",
    source: "env",
  },
  {
    env: { REEVE_SYNC_DURABILITY: "" },
    flags: {},
    is: "relaxed",
    source: "user",
  },
  {
    env: { REEVE_SYNC_DURABILITY: "full" },
    flags: { "sync.durability": "relaxed" },
    is: "relaxed",
    source: "flag",
  },
])("readConfig() takes durability $is from $source", (row) => {
  const { env, flags } = row;
  const user = '{"sync":{"durability":"relaxed"}}';
  const config = open({ user, env, flags });
  assertEquals<string>(config.get("sync.durability"), row.is);
  assertEquals<string>(config.origin("sync.durability").source, row.source);
  assertEquals(config.faults, []);
});

Deno.test("readConfig() does not let a project decide about a person", () => {
  const project = "REEVE_SYNC_SERVER_URL=https://evil.example\n" +
    "REEVE_SYNC_PRIVACY_INCLUDE=paths\nREEVE_SERVER_URL=https://evil.example\n";
  const config = open({ project });
  assertEquals(config.get("sync.server_url"), undefined);
  assertEquals(config.get("sync.privacy.include"), ["commit", "repo"]);
  assertEquals(config.warnings, [
    `${PROJECT} line 1: sync.server_url does not count in a project; ` +
    "it is for your own settings",
    `${PROJECT} line 2: sync.privacy.include does not count in a project; ` +
    "it is for your own settings",
  ]);
});

Deno.test("readConfig() names place and allowed values of a wrong one", () => {
  const config = open({
    user: '{\n"sync": {\n"max_rows": "many",\n"mode": "loud"}}',
    project: "REEVE_SYNC_AUTO_START=perhaps",
    env: { REEVE_SYNC_WS: "perhaps" },
    flags: { "sync.interval_s": "5" },
  });
  assertEquals(
    Object.fromEntries(
      config.faults.map(({ key, message }) => [key, message]),
    ),
    {
      "sync.auto_start": "Cannot use /p/.reeve line 1: " +
        "sync.auto_start must be true or false",
      "sync.mode": "Cannot use /r/config.json line 4: sync.mode must be " +
        "local, teamspace, external or off",
      "sync.max_rows": "Cannot use /r/config.json line 3: sync.max_rows must " +
        "be a whole number from 1 to 100000000",
      "sync.interval_s": "Cannot use the command line: sync.interval_s must " +
        "be a whole number from 10 to 86400",
      "sync.websocket":
        "Cannot use REEVE_SYNC_WS: sync.websocket must be true or false",
    },
  );
  for (const { kind, key } of config.faults) {
    assert(key !== undefined && kind === "bad_value");
    assertEquals(config.get(key), specOf(key).default);
    assertEquals(config.origin(key).source, "default");
  }
});

Deno.test("readConfig() never falls back from a wrong value to a weaker file", () => {
  const config = open({
    user: USER_ON,
    project: "REEVE_SYNC_AUTO_START=flase",
  });
  assertEquals(config.get("sync.auto_start"), undefined);
  assertEquals(config.faults.length, 1);
});

Deno.test("readConfig() never takes a damaged project file for silence", () => {
  const config = open({
    user: '{"sync":{"auto_start":true,"max_rows":5}}',
    project: "<<<<<<< HEAD\nREEVE_SYNC_AUTO_START=false\n",
  });
  assertEquals(config.get("sync.auto_start"), undefined);
  assertEquals(config.get("sync.max_rows"), 5);
  assertEquals(config.faults.map(({ kind }) => kind), ["unparseable"]);
});

Deno.test("readConfig() keeps what is stronger than a damaged file", () => {
  const config = open({ user: "{", env: { REEVE_SYNC_WS: "off" } });
  assert(!config.get("sync.websocket"));
  assertEquals(config.faults.map(({ file }) => file), [USER]);
});

Deno.test("readConfig() takes an unknown word for the daemon as a warning", () => {
  const config = open({ user: '{"sync":{"daemon":"sometimes"}}' });
  assertEquals([config.get("sync.daemon"), config.faults], ["auto", []]);
  assertEquals(config.warnings, [
    `${USER} line 1: sync.daemon must be auto, manual or off; auto is used`,
  ]);
});

Deno.test("readConfig() warns of unknown keys and guesses what was meant", () => {
  const { warnings, faults } = open({
    user: '{"sync":{"max_row":5},\n"sync.mode":"off","zebra":1}',
    project: "REEVE_SYNC_AUTOSTART=false\nREEVE_JOBS_X=1\nOTHER=2\nodd line",
  });
  assertEquals(faults, []);
  assertEquals(warnings, [
    `${USER} line 1: "sync.max_row" is unknown (did you mean sync.max_rows?)`,
    `${USER} line 2: sync.mode does not count: write its parts as nested objects`,
    `${USER} line 2: "zebra" is unknown`,
    `${PROJECT} line 4 means nothing: it is not NAME=value`,
    `${PROJECT} line 1: "REEVE_SYNC_AUTOSTART" is unknown ` +
    "(did you mean REEVE_SYNC_AUTO_START?)",
  ]);
});

Deno.test("readConfig() shows no more than a piece of a strange name", () => {
  const { warnings } = open({
    user: JSON.stringify({ ["\u001b[2J".repeat(99)]: 1 }),
  });
  assert((warnings[0]?.length ?? 0) < 200);
  assert(!warnings[0]?.includes("\u001b"));
});

Deno.test.each([
  { name: "a wrong value", user: '{"sync":{"mode":1}}', code: "usage" },
  { name: "no JSON", user: "{", code: "damaged_file" },
  { name: "a wrong shape", user: '{"sync":1}', code: "damaged_file" },
  { name: "a later version", user: '{"schema_version":9}', code: "newer_file" },
])("requireSound() throws $code for $name", ({ user, code }) => {
  const error = assertThrows(
    () => requireSound(open({ user })),
    KnownError,
    USER,
  );
  assertEquals<string>(error.code, code);
  assert(error.hint !== undefined);
});

Deno.test("requireSound() looks at the keys that matter, and at every file", () => {
  requireSound(open({}));
  const config = open({ user: '{"sync":{"mode":1}}' });
  requireSound(config, ["sync.max_rows"]);
  assertThrows(() => requireSound(config, ["sync.mode"]), KnownError);
  assertThrows(() => requireSound(open({ user: "{" }), []), KnownError);
});

Deno.test("readConfig() puts no value into a message", () => {
  const secret = "hunter2hunter2";
  const { faults, warnings } = open({
    user: JSON.stringify({
      sync: {
        mode: secret,
        server_url: `https://a:${secret}@b`,
        daemon: secret,
      },
    }),
    project: `REEVE_SYNC_AUTO_START=${secret}\nREEVE_PROJECT_ID ${secret}`,
    env: { REEVE_SYNC_WS: secret },
  });
  assert(faults.length > 2);
  assert(!JSON.stringify([faults, warnings]).includes(secret));
});
