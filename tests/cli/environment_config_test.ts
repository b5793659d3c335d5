/** Settings of a repository, written from the command line. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type EnvironmentPlaceForTests,
  makeEnvironmentPlace,
} from "./environment_place.ts";

const TERMINAL = { "REEVE_FORCE_INTERACTIVE": "1" };
const TASKS = '{"tasks":{"dev":"deno run -A main.ts"}}';

async function textOf(place: EnvironmentPlaceForTests) {
  try {
    return await Deno.readTextFile(`${place.root}/.reeve`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function addTasks({ root }: EnvironmentPlaceForTests): Promise<void> {
  await Deno.mkdir(`${root}/api`);
  await Deno.writeTextFile(`${root}/api/deno.json`, TASKS);
}

/** Runs a command where the program takes its pipe for a terminal. */
async function asAtTerminal(
  { checker }: EnvironmentPlaceForTests,
  words: string,
  exit: number,
  env: Readonly<Record<string, string>> = {},
) {
  return await checker.run(words, exit, { env: { ...TERMINAL, ...env } });
}

Deno.test("reeve config without terminal and input writes nothing", async () => {
  await using place = await makeEnvironmentPlace();
  await addTasks(place);
  const { code, stderr, stdout } = await place.run("config");
  assertEquals([code, stdout], [1, ""]);
  for (const way of ["KEY=VALUE", "--stdin-json", "reeve config init"]) {
    assertStringIncludes(stderr, way);
  }
  const { error } = await place.checker.run("config", 1);
  assertEquals(error.code, "unusable");
  assertEquals(await textOf(place), undefined);
});

Deno.test("reeve config init takes what the repository has", async () => {
  await using place = await makeEnvironmentPlace();
  const empty = await place.run("config init");
  assertEquals([empty.code, await textOf(place)], [1, undefined]);
  assertStringIncludes(empty.stderr, "Found nothing to start");
  await addTasks(place);
  for (const words of ["start", "restart", "explain-startup"]) {
    const { code, stderr, stdout } = await place.run(words);
    const isLook = words === "explain-startup";
    assertEquals(code, 1, words);
    const said = isLook ? stdout : stderr;
    assertStringIncludes(said, "found, but not written down: api");
    assertStringIncludes(said, "reeve config init");
  }
  const dry = await place.json("config init --dry-run", 0);
  assertEquals(
    [dry.saved, dry.changed, dry.dry_run, dry.found_services[0].slug],
    [false, true, true, "api"],
  );
  assertEquals(await textOf(place), undefined);
  const done = await place.run("init");
  assertEquals(done.code, 0);
  assertStringIncludes(done.stdout, "Found api: deno task dev, port 8000");
  const text = await textOf(place);
  assertStringIncludes(text ?? "", "REEVE_SERVICE_API_CMD='deno task dev'\n");
  const again = await place.json("config init", 0);
  assertEquals([again.saved, again.keys], [false, []]);
  assertEquals(await textOf(place), text);
});

Deno.test("settings are written key by key, and every other byte stays", async () => {
  await using place = await makeEnvironmentPlace();
  const own = "# mine\r\nREEVE_SYNC_AUTO_START=true # why\r\nOTHER='a b'";
  await Deno.writeTextFile(`${place.root}/.reeve`, own);
  const first = await place.json(
    "config SERVICES=api SERVICE_API_CMD=serve --set SERVICE_API_PORT=8100",
    0,
  );
  assert(first.saved && first.keys.includes("REEVE_SERVICE_API_PORT"));
  assertEquals(first.config.services[0].port_base, 8100);
  const text = await textOf(place) ?? "";
  assert(text.startsWith(`${own}\r\n# >>> reeve environment >>>\r\n`), text);
  const set = await place.json("config set BACKEND_PORT_BASE 1", 64);
  assertStringIncludes(set.error.message, "REEVE_SERVICE_BACKEND_PORT");
  const port = await place.json("config set SERVICE_API_PORT 8200", 0);
  assertEquals(
    [port.key, port.value, port.source, port.changed],
    ["REEVE_SERVICE_API_PORT", 8200, "project", true],
  );
  assertEquals(await textOf(place), text.replace("PORT=8100", "PORT=8200"));
  assertEquals(
    (await place.run("config get REEVE_SERVICE_API_PORT")).stdout,
    "8200\n",
  );
  const unset = await place.run("config unset SERVICE_API_PORT");
  assertEquals(unset.code, 64, "it is ready once it listens");
  assertEquals((await place.run("config set SERVICE_API_GRACE 9s")).code, 0);
  const shown = await place.run("config show SERVICE_API_GRACE");
  assertStringIncludes(shown.stdout, "value     9s");
  assertEquals((await place.run("config unset SERVICE_API_GRACE")).code, 0);
  assertEquals(await textOf(place), text.replace("PORT=8100", "PORT=8200"));
});

Deno.test("a service that is left out takes its rows along", async () => {
  await using place = await makeEnvironmentPlace();
  const program = "#!/bin/sh\nexec sleep 300\n";
  await Deno.writeTextFile(`${place.root}/wait`, program, { mode: 0o755 });
  await place.run("config SERVICES=web SERVICE_WEB_CMD=./wait");
  const left = await place.run("config SERVICES=a SERVICE_A_CMD=./wait");
  assertEquals([left.code, left.stderr], [0, ""]);
  const text = await textOf(place) ?? "";
  assert(!text.includes("_WEB_"), text);
  await Deno.writeTextFile(
    `${place.root}/.reeve`,
    `${text}REEVE_SERVICE_A_PRT=8000\n`,
  );
  const odd = '_A_PRT" is unknown (did you mean REEVE_SERVICE_A_PORT?)';
  const started = await place.run("start");
  assertEquals([started.code, started.stderr.split(odd).length], [0, 2]);
  const { warnings } = await place.json("resume", 0);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], odd);
  const { stderr } = await place.run("config SERVICE_A_GRACE=1s");
  assertStringIncludes(stderr, "What runs keeps its settings");
});

Deno.test("a program hands settings over as JSON", async () => {
  await using place = await makeEnvironmentPlace();
  const input = JSON.stringify({
    default_mode: "trees",
    services: { api: { cmd: "serve {port}", env: { TOKEN: "s3cret" } } },
    ports: { api: 8100 },
    profiles: { main: { api: true, redis: true } },
    ui: { visual_host: "x" },
  });
  const line = "config --stdin-json";
  const dry = await place.checker.run(`${line} --dry-run`, 0, { input });
  assertEquals([dry.saved, await textOf(place)], [false, undefined]);
  assert(!JSON.stringify(dry).includes("s3cret"));
  const { config, warnings } = await place.checker.run(line, 0, { input });
  assertEquals(warnings, ["ui has no counterpart here and was left out"]);
  assertEquals(config.default_mode, "trees");
  assertEquals(config.dependencies[0].id, "redis");
  assertEquals(config.dependencies[0].modes, ["main"]);
  assertStringIncludes(await textOf(place) ?? "", "ENV__TOKEN=s3cret\n");
  const before = await textOf(place);
  for (const wrong of ["", "{", '{"ports":{"apj":1}}', '{"ports":{"api":0}}']) {
    await place.checker.fails(line, "usage", { input: wrong });
  }
  assertEquals(await textOf(place), before);
});

Deno.test.each([
  { line: "config DEFAULT_MOD=main", says: "Did you mean REEVE_DEFAULT_MODE?" },
  { line: "config DEFAULT_MODE=x", says: "it must be main or trees" },
  { line: "config --set DEFAULT_MODE", says: "is not KEY=VALUE" },
  { line: "config ste DEFAULT_MODE main", says: "Did you mean set?" },
  { line: "config set DEFAULT_MODE x", says: "it must be main or trees" },
  { line: "config get DEFAULT_MOED", says: "Did you mean REEVE_DEFAULT_MODE?" },
  { line: "config get REEVE_SYNC_AUTO_START", says: "sync.auto_start" },
])("reeve $line is wrong usage: $says", async ({ line, says }) => {
  await using place = await makeEnvironmentPlace();
  const { code, stderr } = await place.run(line);
  assertEquals(code, 64, stderr);
  assertStringIncludes(stderr, says);
  assertEquals(await textOf(place), undefined);
});

Deno.test("what is wrong in the file is named with its line and what it takes", async () => {
  await using place = await makeEnvironmentPlace();
  await place.settings({
    SERVICES: "api",
    SERVICE_API_CMD: "x",
    DEFAULT_MOED: "a",
  });
  const file = `${place.root}/.reeve`;
  await Deno.writeTextFile(file, "REEVE_SERVICE_API_PORT=99999\n", {
    append: true,
  });
  const says = `${file} line 4: it must be a whole number from 1 to 65535`;
  const start = await place.run("start");
  assertEquals(start.code, 1);
  assertStringIncludes(start.stderr, "REEVE_SERVICE_API_PORT");
  assertStringIncludes(start.stderr, says);
  assertStringIncludes(
    (await place.run("show-config")).stdout,
    "DEFAULT_MODE?",
  );
  const get = await place.run("config get SERVICE_API_PORT");
  assertStringIncludes(get.stderr, says);
  assertEquals((await place.run("config set SERVICE_API_PORT 99")).code, 0);
  assertEquals((await place.run("config get SERVICE_API_PORT")).stdout, "99\n");
});

Deno.test("reeve config edit checks what was saved, and keeps it", async () => {
  await using place = await makeEnvironmentPlace();
  await place.settings({ SERVICES: "api", SERVICE_API_CMD: "x" });
  const before = await textOf(place) ?? "";
  const same = await asAtTerminal(place, "config edit", 0, { EDITOR: "echo" });
  assertEquals([same.ok, same.changed], [true, false]);
  const editor = "sed -i s/=api/=api,web/";
  const wrong = await asAtTerminal(place, "config edit", 1, { VISUAL: editor });
  assertEquals([wrong.ok, wrong.changed], [false, true]);
  assertEquals(wrong.faults[0].key, "REEVE_SERVICE_WEB_CMD");
  assertEquals(await textOf(place), before.replace("=api", "=api,web"));
  const missing = await asAtTerminal(place, "config edit", 1, {
    EDITOR: "no-such-editor",
  });
  assertStringIncludes(missing.error.message, "no-such-editor");
  const { code, stderr } = await place.run("config edit");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "no terminal");
});

Deno.test.each([
  { line: "start", env: {}, exit: 1, code: "not_found" },
  { line: "restart", env: {}, exit: 1, code: "not_found" },
  { line: "start", env: TERMINAL, exit: 1, code: "not_found" },
  { line: "stop", env: TERMINAL, exit: 0, code: undefined },
  { line: "show-config", env: TERMINAL, exit: 0, code: undefined },
  { line: "explain-startup", env: {}, exit: 1, code: undefined },
  { line: "preflight", env: TERMINAL, exit: 1, code: undefined },
])(
  "reeve $line --json with $env and no settings ends with $exit",
  async ({ line, env, exit, code }) => {
    await using place = await makeEnvironmentPlace();
    const { error } = await place.checker.run(line, exit, { env });
    assertEquals(error?.code, code);
    assertEquals(await textOf(place), undefined);
  },
);
