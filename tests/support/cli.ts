/** Runs the real command line as a child process. */

import type { Sandbox } from "./sandbox.ts";

/** What a command line gave. */
export interface CliResult {
  /** Exit code. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
  /** Standard output parsed as the one JSON document. */
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

/**
 * The program under test: the source, or what `REEVE_TEST_MAIN` names.
 * `REEVE_TEST_COMMAND` names an executable that is run in its place.
 */
export const MAIN = Deno.env.get("REEVE_TEST_MAIN") ||
  new URL("../../src/main.ts", import.meta.url).pathname;

const INSTALLED = Deno.env.get("REEVE_TEST_COMMAND");

/** The program that gets {@linkcode reeveCommand}; it may be an installed one. */
export const REEVE: string = INSTALLED || Deno.execPath();

/** How to run the command line. */
export function reeveCommand(args: readonly string[]): string[] {
  if (INSTALLED) return [...args];
  return ["run", "--allow-all", "--no-prompt", "--quiet", MAIN, ...args];
}

/** Runs `reeve` with these arguments in a sandbox and waits for its end. */
export async function reeve(
  sandbox: Pick<Sandbox, "env">,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  options: { readonly cwd?: string } = {},
): Promise<CliResult> {
  const output = await new Deno.Command(REEVE, {
    args: reeveCommand(args),
    env: { ...sandbox.env, ...env },
    stdin: "null",
    ...options,
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
