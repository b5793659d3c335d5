/** Packages of this checkout, made once, and places to try them in. */

import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import {
  makePackages,
  type Packages,
  packagesIn,
} from "../../scripts/package_install.ts";

/** Packages that go away with what uses them. */
export type OwnPackages = Packages & AsyncDisposable;

/**
 * The packages of this machine and those for npm: made here, or those that
 * `REEVE_TEST_PACKAGES` names, which others use too.
 */
export async function providePackages(): Promise<OwnPackages> {
  const given = Deno.env.get("REEVE_TEST_PACKAGES");
  if (given) {
    const packages = packagesIn(given);
    return { ...packages, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const directory = await Deno.makeTempDir({ prefix: "reeve-packages-" });
  return {
    ...await makePackages(directory),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
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
