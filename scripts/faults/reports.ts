/**
 * Commands that report on daemons, and the states of these in `/proc`.
 *
 * @module
 */

import { reeve } from "#support/cli.ts";
import type { Sandbox } from "#support/sandbox.ts";

/** Only looks. */
export const DOCTOR: readonly string[] = ["auth", "doctor", "--json"];
/** Ends what is stale. */
export const RESET: readonly string[] = [
  "auth",
  "doctor",
  "--reset",
  "--json",
];
/** Ends also what a person has to answer for. */
export const FORCED: readonly string[] = [
  "auth",
  "doctor",
  "--reset",
  "--force",
  "--json",
];
/** The environment of a newer command line. */
export const NEW: Readonly<Record<string, string>> = {
  REEVE_CLI_VERSION: "3.2.6",
};

/**
 * Runs a command that has to come to an end with a report.
 *
 * @throws {Error} when it ends with anything but 0 or 1.
 */
export async function report(
  sandbox: Sandbox,
  args: readonly string[],
  // deno-lint-ignore no-explicit-any -- a document of a command, as in a test
): Promise<{ readonly json: any; readonly took: number }> {
  const start = performance.now();
  const { code, json, stderr } = await reeve(sandbox, args, NEW);
  if (code !== 0 && code !== 1) throw new Error(`${args.join(" ")}: ${stderr}`);
  return { json, took: performance.now() - start };
}

/** The letter of a process state; `?` when it is gone. */
export async function stateOf(pid: number): Promise<string> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") ?");
  return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "?";
}
