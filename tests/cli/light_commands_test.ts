/**
 * What a command may load: whoever only asks for help must not pay for queues
 * and delivery, nor anybody for another system. In a copy of the program each
 * file writes its name down when it runs.
 */

import { assert, assertEquals } from "@std/assert";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";

const PROJECT = new URL("../..", import.meta.url).pathname;
const SQLITE = "src/host/deno_databases.ts";
/** Variable with the file that names are written to. */
const LOADED = "REEVE_TEST_LOADED";

async function* filesBelow(folder: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** Names of the files that check something with the library for that. */
const schemas = new Set<string>();

/** Copies the program; each file tells that it runs. */
async function copyThatTells(directory: string): Promise<string> {
  for await (const path of filesBelow(`${PROJECT}src`)) {
    const name = path.slice(PROJECT.length);
    if (name.endsWith("_test.ts")) continue;
    const code = await Deno.readTextFile(path);
    assert(
      name === SQLITE || !/from "node:sqlite"|\("node:sqlite"\)/.test(code),
      `${name} loads SQLite`,
    );
    if (/^import \*? ?(?!type\b).*from "zod\/?\w*";$/m.test(code)) {
      schemas.add(name);
    }
    const tells = `\nDeno.writeTextFileSync(Deno.env.get("${LOADED}")!, ` +
      `"${name}\\n", { append: true });\n`;
    await Deno.mkdir(`${directory}/${name.slice(0, name.lastIndexOf("/"))}`, {
      recursive: true,
    });
    await Deno.writeTextFile(`${directory}/${name}`, code + tells);
  }
  for (const name of ["deno.json", "deno.lock", "package.json"]) {
    await Deno.copyFile(`${PROJECT}${name}`, `${directory}/${name}`);
  }
  return `${directory}/src/main.ts`;
}

/** A repository with one service, which needs no port. */
async function makeRepository(directory: string): Promise<string> {
  await Deno.mkdir(`${directory}/.git`, { recursive: true });
  await Deno.writeTextFile(
    `${directory}/.reeve`,
    "REEVE_SERVICES=a\nREEVE_SERVICE_A_CMD='sleep 600'\n",
  );
  return directory;
}

/** Runs a line; gives the names of the files that it has loaded. */
async function run(
  { directory, env }: Sandbox,
  { cwd, line, main }: {
    readonly cwd: string;
    readonly line: string;
    readonly main: string;
  },
) {
  const list = `${directory}/loaded`;
  await Deno.writeTextFile(list, "");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-prompt", "--quiet"],
      ...[main, ...line.split(" ")],
    ],
    cwd,
    env: { ...env, [LOADED]: list },
  }).output();
  const loaded = (await Deno.readTextFile(list)).trim().split("\n");
  return { code, stderr: new TextDecoder().decode(stderr), loaded };
}

/** What only other systems, persons at a keyboard or rare repositories need. */
const SELDOM = [
  ...["darwin", "linux", "windows"].filter((os) => os !== Deno.build.os)
    .map((os) => `src/host/platform/${os}.ts`),
  "src/cli/select_list.ts",
  "src/environment/dependency_registry.ts",
  "src/environment/end_leftovers.ts",
  "src/environment/legacy_",
  "src/environment/provisioners/",
  "src/host/deno_keyboard.ts",
  "src/jobs/redis",
];

const STORES = ["src/jobs/", "src/queue/", "src/sync/", SQLITE];
const DOMAINS = ["src/auth/", "src/environment/", ...STORES];
const TABLES = ["src/cli/commands.ts", "src/cli/table_line.ts"];

const LINES: readonly {
  readonly line: string;
  /** Exit code. @default 0 */
  readonly exit?: number;
  readonly never: readonly string[];
}[] = [
  { line: "--help", never: [...DOMAINS, ...TABLES, "src/daemon/"] },
  { line: "--version", never: [...DOMAINS, ...TABLES, "src/daemon/"] },
  ...[
    "sync --help",
    "sync now --help",
    "queue --help",
    "queue worker --help",
    "config path",
    "config show",
    "completions bash",
    "__complete -- sta",
    "__complete -- daemon st",
  ].map((line) => ({ line, never: DOMAINS })),
  { line: "daemon status", exit: 1, never: DOMAINS },
  {
    line: "auth doctor",
    never: [...STORES, "src/environment/", "src/cli/sync_", "src/cli/queue_"],
  },
  ...["show-config", "list-targets", "explain-startup", "start", "stop"]
    .map((line) => ({
      line,
      never: [...STORES, ...TABLES, "src/auth/", "src/daemon/"],
    })),
  {
    line: "status",
    never: [
      ...[...STORES, ...TABLES, "src/auth/", "src/daemon/"],
      "src/config/keys.ts",
      "src/environment/start",
      "src/host/deno_outside.ts",
    ],
  },
];

/** Those of the loaded files that a line has no use for. */
function needless(
  loaded: readonly string[],
  never: readonly string[],
): readonly string[] {
  const parts = [...SELDOM, ...never];
  return loaded.filter((name) =>
    schemas.has(name) || parts.some((part) => name.startsWith(part))
  );
}

Deno.test("commands load no file of the parts that they are not about", async (t) => {
  await using sandbox = await makeSandbox();
  const main = await copyThatTells(`${sandbox.directory}/copy`);
  const cwd = await makeRepository(`${sandbox.directory}/repository`);
  assert(schemas.size > 0);
  for (const { exit = 0, line, never } of LINES) {
    await t.step(`reeve ${line}`, async () => {
      const { code, loaded, stderr } = await run(sandbox, { cwd, line, main });
      assert(loaded.includes("src/main.ts"), stderr);
      assertEquals([code, needless(loaded, never)], [exit, []], stderr);
    });
  }
  await t.step("reeve sync status loads some, so that shows", async () => {
    const line = "sync status";
    const { loaded } = await run(sandbox, { cwd, line, main });
    assert(needless(loaded, STORES).length > 0);
  });
  await t.step("only an old mark is looked at", async () => {
    const mark = `${sandbox.root}/pending/7f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d`;
    await Deno.mkdir(`${sandbox.root}/pending`);
    await Deno.writeTextFile(mark, "");
    const line = "config path";
    const young = await run(sandbox, { cwd, line, main });
    assertEquals([young.code, young.stderr], [0, ""]);
    assert(!young.loaded.includes("src/sync/stall.ts"));
    await Deno.utime(mark, 1, 1);
    const old = await run(sandbox, { cwd, line, main });
    assertEquals([old.code, old.stderr], [0, ""]);
    assert(old.loaded.includes("src/sync/stall.ts"));
  });
});
