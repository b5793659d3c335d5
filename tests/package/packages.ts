/** Packages of this checkout, made once, and places to try them in. */

import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { makeBarePath } from "../../scripts/package_install.ts";
import { targetOf } from "../../scripts/package_targets.ts";
import { runTool } from "../../scripts/package_tool.ts";
import { VERSION } from "../../src/version.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Where packages can be installed by a shell script. */
export const HAS_INSTALLER: boolean = Deno.build.os === "linux" &&
  targetOf(Deno.build.target) !== undefined;

/** What is there for the tests. */
export interface Packages extends AsyncDisposable {
  /** Directory of the packages, with a file for each. */
  readonly directory: string;
  /** A PATH without Deno and Node. */
  readonly path: string;
  /** The archive of this machine. */
  readonly archive: string;
  /** The file that unpacks itself. */
  readonly selfExtracting: string;
}

/** How a program ended. */
export interface Ended {
  /** Exit code. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
}

/** Makes the packages of this machine and those for npm. */
export async function makePackages(): Promise<Packages> {
  const directory = await Deno.makeTempDir({ prefix: "reeve-packages-" });
  const script = `${ROOT}scripts/package.ts`;
  await Promise.all([
    makeBarePath(`${directory}/bin`),
    runTool(Deno.execPath(), [
      ...["run", "--allow-all", script, "--fast", "--npm"],
      ...["--out", directory],
    ], { cwd: ROOT }),
  ]);
  const name = `reeve-${VERSION}-${targetOf(Deno.build.target)?.name}`;
  return {
    directory,
    path: `${directory}/bin`,
    archive: `${directory}/${name}.tar.xz`,
    selfExtracting: `${directory}/${name}.run`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Runs a program with these variables and no others. */
export async function runAlone(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = "/",
): Promise<Ended> {
  const output = await new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    cwd,
    env: { ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/** A machine of a test: an empty HOME, and neither Deno nor Node. */
export interface BareMachine extends AsyncDisposable {
  /** Its files. */
  readonly sandbox: Sandbox;
  /** Every variable that a program gets. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes such a machine. */
export async function makeBareMachine(
  { path }: Packages,
): Promise<BareMachine> {
  const sandbox = await makeSandbox();
  // Packages that handlers of jobs name come from the cache of the tests.
  const env = { ...sandbox.env, PATH: path };
  return {
    sandbox,
    env,
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** Every file below a directory, by its path from there. */
export async function walk(directory: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(directory))
    .catch(() => []);
  const found = await Promise.all(
    entries.map(async ({ name, isDirectory }) =>
      isDirectory
        ? (await walk(`${directory}/${name}`)).map((path) => `${name}/${path}`)
        : [name]
    ),
  );
  return found.flat();
}
