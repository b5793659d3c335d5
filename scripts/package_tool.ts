/**
 * Runs the programs that packaging needs, and says which one is missing.
 *
 * @module
 */

import { ScriptError } from "./run_script.ts";

/** How a program is run. */
export interface ToolOptions {
  /** Where it runs. */
  readonly cwd?: string;
  /** File that takes its standard output in place of the result. */
  readonly into?: string;
  /** What to do where it is missing. */
  readonly hint?: string;
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws {ScriptError} when it is missing or fails.
 */
export async function runTool(
  name: string,
  args: readonly string[],
  { cwd, into, hint = `Install ${name}.` }: ToolOptions = {},
): Promise<string> {
  const command = new Deno.Command(name, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ScriptError(`${name} is missing. ${hint}`);
  }
  const [printed, complaints, { code }] = await Promise.all([
    into === undefined
      ? new Response(child.stdout).text()
      : Deno.open(into, { write: true, create: true, truncate: true })
        .then((file) => child.stdout.pipeTo(file.writable)).then(() => ""),
    new Response(child.stderr).text(),
    child.status,
  ]);
  if (code !== 0) {
    throw new ScriptError(`${name} ended with ${code}: ${complaints.trim()}`);
  }
  return printed;
}

/** The SHA-256 of bytes, in hexadecimal. */
export async function sha256(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
