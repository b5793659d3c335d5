/**
 * Brings the runtime of a target from npm.
 *
 * @module
 */

import { runTool } from "./package_tool.ts";
import { type PackageTarget, pinnedRuntime } from "./package_targets.ts";
import { ScriptError } from "./run_script.ts";

/**
 * Whether bytes are what npm's integrity says.
 *
 * @param integrity `sha512-` and the hash in base64.
 */
export async function hasIntegrity(
  bytes: Uint8Array<ArrayBuffer>,
  integrity: string,
): Promise<boolean> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
  return integrity === `sha512-${hash.toBase64()}`;
}

/**
 * Downloads the runtime of a target, checks it and unpacks it into a directory
 * that is there.
 *
 * @returns path of the executable.
 * @throws {ScriptError} when npm has no such package or it is another one.
 */
export async function fetchRuntime(
  target: PackageTarget,
  directory: string,
): Promise<string> {
  const { version, integrity } = pinnedRuntime(target);
  const name = `${target.runtime}@${version}`;
  const printed = await runTool(
    "npm",
    ["pack", "--silent", "--prefer-offline", "--pack-destination", ".", name],
    { cwd: directory, hint: "The runtimes come from npm: install Node." },
  );
  const archive = `${directory}/${printed.trim().split("\n").at(-1)}`;
  if (!await hasIntegrity(await Deno.readFile(archive), integrity)) {
    throw new ScriptError(
      `${name} is not the one that packaging/runtimes.json names`,
    );
  }
  await runTool("tar", ["-xzf", archive, "-C", directory]);
  await Deno.remove(archive);
  const executable = target.isWindows ? "deno.exe" : "deno";
  return `${directory}/package/${executable}`;
}
