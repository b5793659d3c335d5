/**
 * Shows an address in the person's browser.
 *
 * @module
 */

import { type Env, type Host, HostError } from "../host/host.ts";
import type { SpawnCommand } from "../host/processes.ts";
import { TOKEN_VARIABLE } from "./env_token.ts";

/** Starts the browser; `false` when there is nothing to start it with. */
export async function openBrowser(
  host: Pick<Host, "env" | "processes">,
  url: string,
): Promise<boolean> {
  try {
    await host.processes.spawn(browserCommand(host.env, url));
    return true;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return false;
  }
}

/** The program that opens an address, for each system. */
export function browserCommand(
  env: Pick<Env, "cwd" | "home" | "os">,
  url: string,
): SpawnCommand {
  const [executable, ...args] = PROGRAMS[env.os];
  return {
    executable,
    args: [...args, url],
    // A browser has no business with our token.
    env: { [TOKEN_VARIABLE]: "" },
    cwd: env.home ?? env.cwd,
  };
}

const PROGRAMS: Readonly<
  Record<Env["os"], readonly [string, ...(readonly string[])]>
> = {
  linux: ["xdg-open"],
  darwin: ["open"],
  windows: ["rundll32", "url.dll,FileProtocolHandler"],
};
