/** A project in a sandbox, and the command line in it. */

import { type CliResult, REEVE, reeveCommand } from "#support/cli.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";

/** A project with a directory below it. */
export interface ConfigPlace extends AsyncDisposable {
  /** Where all of it is. */
  readonly sandbox: Sandbox;
  /** The person's file. */
  readonly userFile: string;
  /** The project's root, a checkout. */
  readonly root: string;
  /** The project's file. */
  readonly projectFile: string;
  /** Runs `reeve` below the project's root. */
  run(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<CliResult>;
}

/** Makes a project; it goes away with everything in it. */
export async function makeConfigPlace(): Promise<ConfigPlace> {
  const sandbox = await makeSandbox();
  const root = `${sandbox.directory}/app`;
  const below = `${root}/src/deep`;
  await Deno.mkdir(below, { recursive: true });
  await Deno.mkdir(`${root}/.git`);
  return {
    sandbox,
    userFile: `${sandbox.root}/config.json`,
    root,
    projectFile: `${root}/.reeve`,
    run: (args, env = {}) => runIn(below, { ...sandbox.env, ...env }, args),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

async function runIn(
  cwd: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<CliResult> {
  const output = await new Deno.Command(REEVE, {
    args: reeveCommand(args),
    cwd,
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const stdout = decoder.decode(output.stdout);
  return {
    code: output.code,
    stdout,
    stderr: decoder.decode(output.stderr),
    get json() {
      return JSON.parse(stdout);
    },
  };
}
