/**
 * What a command may load: whoever only asks for help must not pay for queues
 * and delivery. A copy of the program, in which those files refuse to be
 * loaded, must still do its work.
 */

import { assert, assertEquals } from "@std/assert";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";

const PROJECT = new URL("../..", import.meta.url).pathname;
const HEAVY = [
  "src/auth",
  "src/environment",
  "src/jobs",
  "src/queue",
  "src/sync",
];
const SQLITE = "src/host/deno_databases.ts";
const REFUSAL = "a light command has loaded";

async function* filesBelow(folder: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** Names that a module gives away, so that whoever imports it can be linked. */
function exportsOf(code: string): readonly string[] {
  const plain =
    /^export (?:async )?(?:abstract )?(?:function\*?|const|let|class) (\w+)/gm;
  return [...code.matchAll(plain)].map(([, name = ""]) => name);
}

/** Copies the program; heavy files throw as soon as they run. */
async function copyWithTraps(directory: string): Promise<string> {
  for await (const path of filesBelow(`${PROJECT}src`)) {
    const name = path.slice(PROJECT.length);
    if (name.endsWith("_test.ts")) continue;
    const code = await Deno.readTextFile(path);
    const isHeavy = name === SQLITE ||
      HEAVY.some((folder) => name.startsWith(`${folder}/`));
    assert(
      isHeavy || !/from "node:sqlite"|\("node:sqlite"\)/.test(code),
      `${name} loads SQLite`,
    );
    const exported = exportsOf(code)
      .map((one) => `export const ${one}: any = undefined;\n`);
    const trap = exported.join("") +
      `throw new Error(${JSON.stringify(`${REFUSAL} ${name}`)});\n`;
    await Deno.mkdir(`${directory}/${name.slice(0, name.lastIndexOf("/"))}`, {
      recursive: true,
    });
    await Deno.writeTextFile(`${directory}/${name}`, isHeavy ? trap : code);
  }
  for (const name of ["deno.json", "deno.lock", "package.json"]) {
    await Deno.copyFile(`${PROJECT}${name}`, `${directory}/${name}`);
  }
  return `${directory}/src/main.ts`;
}

async function run(
  { env, directory }: Sandbox,
  main: string,
  args: readonly string[],
) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", "--quiet", main, ...args],
    cwd: directory,
    env: { ...env },
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

const LIGHT = [
  "--help",
  "--version",
  "sync --help",
  "sync now --help",
  "queue --help",
  "queue worker --help",
  "daemon status",
  "config path",
  "config show",
  "completions bash",
  "__complete -- sta",
  "__complete -- daemon st",
];

Deno.test("light commands load no file of the parts that they are not about", async (t) => {
  await using sandbox = await makeSandbox();
  const main = await copyWithTraps(`${sandbox.directory}/copy`);
  for (const line of LIGHT) {
    await t.step(`reeve ${line}`, async () => {
      const args = line.split(" ");
      const found = await run(sandbox, main, args);
      assertEquals(found, await run(sandbox, `${PROJECT}src/main.ts`, args));
      assert(!found.stderr.includes(REFUSAL), found.stderr);
    });
  }
  await t.step("reeve sync status loads some, so the traps work", async () => {
    const { stderr } = await run(sandbox, main, ["sync", "status"]);
    assert(stderr.includes(REFUSAL), stderr);
  });
  await t.step(
    "a young mark changes nothing, an old one is looked at",
    async () => {
      const mark =
        `${sandbox.root}/pending/7f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d`;
      await Deno.mkdir(`${sandbox.root}/pending`);
      await Deno.writeTextFile(mark, "");
      const young = await run(sandbox, main, ["config", "path"]);
      assertEquals([young.code, young.stderr], [0, ""]);
      await Deno.utime(mark, 1, 1);
      // Not even a trap can make the command fail.
      assertEquals(await run(sandbox, main, ["config", "path"]), young);
    },
  );
});
