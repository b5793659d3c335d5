// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Bundles the command line into `dist/`: `lib/` holds the code in lazy chunks,
 * `bin/reeve` starts it.
 *
 * Run with `deno task build`.
 */

import { bakeCommit, readCommit } from "./build_commit.ts";
import { checkCycles, markEager } from "./build_eager.ts";
import { joinGroups } from "./build_groups.ts";
import { checkUsing, dropKeeps, keepUsing } from "./build_using.ts";
import { shellLauncher } from "./package_launcher.ts";
import { type Given, runScript, type Usage } from "./run_script.ts";

const USAGE: Usage = {
  run: "deno task build",
  does: "Bundles the command line into dist/.",
  flags: {
    "runtime": {
      does: "Adds the Deno executable, for a machine that has nothing.",
    },
  },
};

const ROOT = new URL("..", import.meta.url).pathname;

async function bundle(
  main: string,
  directory: string,
  ...flags: readonly string[]
): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--code-splitting", ...flags],
      ...["--outdir", directory, main],
    ],
    cwd: ROOT,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

/** Every module of a directory, by its name there. */
async function readAll(directory: string): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  for await (const { name } of Deno.readDir(directory)) {
    modules.set(name, await Deno.readTextFile(`${directory}/${name}`));
  }
  return modules;
}

async function writeAll(
  directory: string,
  modules: ReadonlyMap<string, string>,
  change: (code: string) => string,
): Promise<void> {
  for (const [name, code] of modules) {
    await Deno.writeTextFile(`${directory}/${name}`, change(code));
  }
}

/**
 * Deno reads and parses every module that a literal `import()` names before it
 * runs the first one. A call in between leaves each chunk to the moment when
 * it is wanted, which halves the cost of a command.
 */
export function deferImports(code: string): string {
  return code.replaceAll(
    /\bimport\((["'])(\.\/[\w.-]+\.js)\1\)/g,
    'import((x=>x)("$2"))',
  );
}

const REQUIRE =
  /\bimport ?\{ ?createRequire as (\w+) ?\} ?from ?"node:module";\s*var (\w+) ?= ?\1\(import\.meta\.url\);/g;

const LATE_REQUIRE = "var $2=(x=>y=>(x??=process.getBuiltinModule" +
  '("node:module").createRequire(import.meta.url))(y))();';

/**
 * Two libraries look at Node's world in passing: for an `inspect` that we never
 * call, and for the platform after they know it from Deno. Each look loads
 * Node's modules, which costs a daemon eight MiB. The bundler itself makes a
 * `require()` for the libraries that want one, in a chunk that all commands
 * share: it is made when it is called.
 */
export function withoutNode(code: string): string {
  return code
    .replaceAll(
      /\bimport (\w+) ?from ?"node:util";/g,
      "const $1={inspect:Deno.inspect};",
    )
    .replaceAll(REQUIRE, LATE_REQUIRE)
    .replaceAll(/ ?\|\| ?\w+\.process\?\.platform\?\.startsWith\("win"\)/g, "");
}

/** Bundles the command line into a directory, which is made anew. */
export async function buildBundle(directory: string): Promise<void> {
  const commit = await readCommit(ROOT);
  const whole = await Deno.makeTempDir({ prefix: "reeve-build-" });
  try {
    await Deno.remove(directory, { recursive: true }).catch(() => undefined);
    await bundle(`${ROOT}src/main.ts`, whole);
    const before = await readAll(whole);
    const joined = joinGroups(before, "main.js");
    await writeAll(whole, joined, (code) => keepUsing(withoutNode(code)));
    await bundle(`${whole}/main.js`, directory, "--minify");
    const after = await readAll(directory);
    checkCycles(after);
    await writeAll(
      directory,
      after,
      (code) => bakeCommit(deferImports(markEager(dropKeeps(code))), commit),
    );
    const made = await readAll(directory);
    checkUsing([...before.values()].join(), [...made.values()].join());
  } finally {
    await Deno.remove(whole, { recursive: true });
  }
}

/** Builds into a directory and returns the path of the bundled entry. */
export async function build(
  directory: string,
  options: { readonly withRuntime?: boolean } = {},
): Promise<string> {
  await Deno.remove(directory, { recursive: true }).catch(() => undefined);
  await buildBundle(`${directory}/lib`);
  await Deno.mkdir(`${directory}/bin`, { recursive: true });
  const launcher = await shellLauncher("../lib/main.js", ["../runtime/deno"]);
  await Deno.writeTextFile(`${directory}/bin/reeve`, launcher, { mode: 0o755 });
  if (options.withRuntime) {
    await Deno.mkdir(`${directory}/runtime`);
    await Deno.copyFile(Deno.execPath(), `${directory}/runtime/deno`);
  }
  return `${directory}/lib/main.js`;
}

async function main(given: Given): Promise<void> {
  const withRuntime = given.has("runtime");
  await build(`${ROOT}dist`, { withRuntime });
  let bytes = 0;
  for await (const entry of Deno.readDir(`${ROOT}dist/lib`)) {
    bytes += (await Deno.stat(`${ROOT}dist/lib/${entry.name}`)).size;
  }
  console.log(
    `Built dist/bin/reeve: ${Math.round(bytes / 1024)} KiB of code` +
      (withRuntime ? " and the runtime." : "; it needs deno on the PATH."),
  );
}

if (import.meta.main) await runScript(USAGE, main);
