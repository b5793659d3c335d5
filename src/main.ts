/**
 * The door: builds the real host, runs the command line, ends the process.
 *
 * @module
 */

import { runCli } from "./cli/run.ts";
import { denoHost } from "./host/deno_host.ts";

async function main(): Promise<void> {
  Deno.exit(await runCli(denoHost, Deno.args));
}

main();
