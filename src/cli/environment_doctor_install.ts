/**
 * How this program came here and what runs it.
 *
 * @module
 */

import type { InstallFacts } from "../doctor/environment_report.ts";
import { findProgram } from "../environment/provision_facts.ts";
import type { Host } from "../host/host.ts";
import { baseName } from "../host/path.ts";
import { VERSION } from "../version.ts";

const DENO_TIMEOUT_MS = 5000;

/** Looks at the installation. */
export async function readInstall(
  host: Pick<Host, "env" | "files" | "programs">,
): Promise<InstallFacts> {
  const { executable, args } = host.env.self;
  const [deno, onPath] = await Promise.all([
    denoVersion(host, executable, args),
    findProgram(host, ["reeve"], []),
  ]);
  return {
    version: VERSION,
    executable,
    args,
    method: methodOf(args),
    deno,
    os: host.env.os,
    onPath,
  };
}

/** A program of its own needs no words; what is bundled is one script. */
export function methodOf(args: readonly string[]): InstallFacts["method"] {
  const main = args.at(-1);
  if (main === undefined) return "program";
  return main.endsWith(".js") ? "bundle" : "source";
}

async function denoVersion(
  { env, programs }: Pick<Host, "env" | "programs">,
  executable: string,
  args: readonly string[],
): Promise<string | undefined> {
  // A program of its own would run itself.
  if (args.length === 0 || !/^deno/.test(baseName(executable))) {
    return undefined;
  }
  const end = await programs.run({
    executable,
    args: ["--version"],
    env: { "NO_COLOR": "1" },
    cwd: env.cwd,
    timeoutMs: DENO_TIMEOUT_MS,
  });
  if (end.kind !== "exited") return undefined;
  return /^deno (\S+)/.exec(end.stdout)?.[1];
}
