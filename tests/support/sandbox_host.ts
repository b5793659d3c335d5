/** The real host, seeing the environment of a sandbox. */

import "./c_library.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import { MAIN } from "./cli.ts";
import type { Sandbox } from "./sandbox.ts";

/** Makes a host for library calls in a test's own process. */
export function sandboxHost(
  sandbox: Pick<Sandbox, "env" | "home">,
  env: Readonly<Record<string, string>> = {},
): Host {
  const variables: Readonly<Record<string, string>> = {
    ...sandbox.env,
    ...env,
  };
  return {
    ...denoHost,
    env: {
      get: (name) => variables[name] || undefined,
      os: denoHost.env.os,
      home: sandbox.home,
      cwd: denoHost.env.cwd,
      pid: Deno.pid,
      uid: denoHost.env.uid,
      self: {
        executable: Deno.execPath(),
        args: ["run", "--allow-all", "--no-prompt", "--quiet", MAIN],
      },
    },
  };
}
