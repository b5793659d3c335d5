// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Packs Reeve for this machine, installs it into an empty prefix and runs the
 * tests of the command line with it, with neither Deno nor Node on the PATH.
 * Words name files of `tests/cli`; without them it is all of them.
 *
 * Run with `deno task test:package`.
 */

import { VERSION } from "../src/version.ts";
import { makeBarePath, unpack } from "./package_install.ts";
import { targetOf } from "./package_targets.ts";
import { PackageError, runTool } from "./package_tool.ts";

const ROOT = new URL("..", import.meta.url).pathname;

/** They start the checkout by themselves, so they say nothing of a package. */
const OF_THE_CHECKOUT = [
  "tests/cli/docs_commands_test.ts",
  "tests/cli/light_commands_test.ts",
];

async function main(files: readonly string[]): Promise<number> {
  const target = targetOf(Deno.build.target);
  if (target === undefined || target.isWindows) {
    throw new PackageError("There is no installer for this machine.");
  }
  const work = await Deno.makeTempDir({ prefix: "reeve-check-" });
  try {
    const [path, prefix] = [`${work}/bin`, `${work}/prefix`];
    await makeBarePath(path);
    const script = `${ROOT}scripts/package.ts`;
    const args = ["run", "--allow-all", script, "--fast", "--out", work];
    console.log(await runTool(Deno.execPath(), args, { cwd: ROOT }));
    const archive = `${work}/reeve-${VERSION}-${target.name}.tar.xz`;
    const env = { "PATH": path, "HOME": work };
    const unpacked = await unpack(archive, `${work}/unpacked`, env);
    const { code, text } = await unpacked.install("--prefix", prefix);
    console.log(text);
    if (code !== 0) return code;
    const wanted = files.length > 0
      ? files.map((name) => `tests/cli/${name}`)
      : ["tests/cli/", `--ignore=${OF_THE_CHECKOUT.join(",")}`];
    const { code: ended } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--allow-all", ...wanted],
      cwd: ROOT,
      env: { "PATH": path, "REEVE_TEST_COMMAND": `${prefix}/bin/reeve` },
    }).spawn().status;
    return ended;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    console.error(`error: ${error.message}`);
    Deno.exit(1);
  }
}
