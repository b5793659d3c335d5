// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Compiles the bundled command line into one executable for each target. The
 * permissions are baked in: it may do everything and never asks.
 *
 * Run with `deno task compile`.
 */

import { VERSION } from "../src/version.ts";
import { buildBundle } from "./build.ts";
import { readCommit } from "./build_commit.ts";
import {
  type PackageTarget,
  TARGET_FLAGS,
  targetOf,
  wantedTargets,
} from "./package_targets.ts";
import { runTool } from "./package_tool.ts";
import {
  type Given,
  runScript,
  ScriptError,
  type Usage,
} from "./run_script.ts";

const ROOT = new URL("..", import.meta.url).pathname;

const USAGE: Usage = {
  run: "deno task compile",
  does: "Compiles the command line into one executable for each target.",
  flags: {
    ...TARGET_FLAGS,
    "out": { takes: "DIR", does: "Where they go [default: dist/compiled]." },
  },
};

/** The words for `deno`; all chunks go along, as they are loaded by name. */
export function compileArgs(
  bundle: string,
  triple: string,
  output: string,
): readonly string[] {
  return [
    "compile",
    "--allow-all",
    "--no-prompt",
    "--no-config",
    "--target",
    triple,
    "--include",
    bundle,
    "--output",
    output,
    `${bundle}/main.js`,
  ];
}

/** How to bring the runtime of compiled programs to a machine without it. */
export function seedHint(
  triple: string,
  version: string,
  denoDir: string,
): string {
  const name = `denort-${triple}.zip`;
  return `On a machine that reaches it, download ${name} of the release ` +
    `v${version} of Deno, and put it at ` +
    `${denoDir}/dl/release/v${version}/${name}, or set DENORT_BIN to the ` +
    "unpacked denort of that target.";
}

/** Whether what `deno compile` complained about is that it has no runtime. */
export function lacksRuntime(complaint: string): boolean {
  return /Setting up base binary|denort/.test(complaint);
}

async function compileTarget(
  target: PackageTarget,
  bundle: string,
  out: string,
): Promise<string> {
  const { triple, isWindows, name } = target;
  const output = `${out}/reeve-${VERSION}-${name}${isWindows ? ".exe" : ""}`;
  const deno = Deno.execPath();
  try {
    await runTool(deno, compileArgs(bundle, triple, output));
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    if (!lacksRuntime(error.message)) throw error;
    const { denoDir } = JSON.parse(await runTool(deno, ["info", "--json"]));
    const hint = seedHint(triple, Deno.version.deno, denoDir);
    const reason = /error sending request[^\n]*/.exec(error.message)?.[0] ??
      error.message;
    throw new ScriptError(
      `The compile runtime for ${name} is not here and cannot be had: ` +
        `${reason}\nhint:  ${hint}`,
    );
  }
  return output;
}

/** Starts what was compiled for this machine: it must be what was built. */
async function proveRuns(path: string): Promise<void> {
  const printed = await runTool(path, ["--version", "--json"]).catch(() => "");
  const { version, commit } = JSON.parse(printed.trim() || "{}");
  if (version !== VERSION || commit !== await readCommit(ROOT)) {
    throw new ScriptError(
      `${path} is not reeve ${VERSION}: is DENORT_BIN really a denort?`,
    );
  }
}

async function main(given: Given): Promise<void> {
  const targets = wantedTargets(given, Deno.build.target);
  const out = given.last("out") ?? `${ROOT}dist/compiled`;
  await Deno.mkdir(out, { recursive: true });
  const work = await Deno.makeTempDir({ prefix: "reeve-compile-" });
  try {
    await buildBundle(`${work}/lib`);
    for (const target of targets) {
      const path = await compileTarget(target, `${work}/lib`, out);
      if (target === targetOf(Deno.build.target)) await proveRuns(path);
      const { size } = await Deno.stat(path);
      console.log(`${(size / 1e6).toFixed(1).padStart(6)} MB  ${path}`);
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) await runScript(USAGE, main);
