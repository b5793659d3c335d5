/**
 * Runs the command line, but says on its standard error when it is about to
 * write the state file for the first time, and goes on when it is sent a line.
 */

import { runCli } from "../../src/cli/run.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import { MAIN } from "../support/cli.ts";

let isFirst = true;

async function standStill(): Promise<void> {
  Deno.stderr.writeSync(new TextEncoder().encode("at the state file\n"));
  await Deno.stdin.read(new Uint8Array(16));
}

const host: Host = {
  ...denoHost,
  env: {
    ...denoHost.env,
    self: {
      executable: Deno.execPath(),
      args: ["run", "--allow-all", "--no-prompt", "--quiet", MAIN],
    },
  },
  files: {
    ...denoHost.files,
    async writeAtomic(path, text) {
      if (path.endsWith("/sync-daemon") && isFirst) {
        isFirst = false;
        await standStill();
      }
      await denoHost.files.writeAtomic(path, text);
    },
  },
};

Deno.exit(await runCli(host, Deno.args));
