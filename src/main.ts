/**
 * The door: builds the real host, runs the command line, ends the process.
 *
 * @module
 */

import { denoHost } from "./host/deno_host.ts";

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "daemon" && args[1] === "run") {
    const { runSpawned, spawnedRoot } = await import("./cli/daemon_door.ts");
    const root = spawnedRoot(args);
    if (root !== undefined) return await runSpawned(denoHost, root);
  }
  const { runCli } = await import("./cli/run.ts");
  return await runCli(denoHost, args);
}

async function failed(error: unknown): Promise<number> {
  const { printError } = await import("./cli/print_error.ts");
  return printError(denoHost, Deno.args.includes("--json"), error);
}

main(Deno.args).catch(failed).then((code) => Deno.exit(code));
