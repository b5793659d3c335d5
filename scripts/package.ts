// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Makes what people download: an archive for each target with its runtime, a
 * file that unpacks itself for those with a shell, the package for npm, and
 * the checksums of all.
 *
 * Run with `deno task package`.
 */

import { VERSION } from "../src/version.ts";
import {
  type Effort,
  packSelfExtracting,
  packTarXz,
  packZip,
} from "./archive.ts";
import { buildBundle } from "./build.ts";
import { NPM_PACKAGES, packNpm } from "./npm_package.ts";
import { fetchRuntime } from "./package_runtime.ts";
import {
  type PackageTarget,
  TARGET_FLAGS,
  wantedTargets,
} from "./package_targets.ts";
import { checksumLines, layOut } from "./package_tree.ts";
import { type Given, runScript, type Usage } from "./run_script.ts";

const ROOT = new URL("..", import.meta.url).pathname;

const USAGE: Usage = {
  run: "deno task package",
  does: "Makes what people download: an archive and a file that unpacks " +
    "itself, and the checksums of all.",
  flags: {
    ...TARGET_FLAGS,
    "npm": { does: "The packages for npm too." },
    "out": { takes: "DIR", does: "Where they go [default: dist/packages]." },
    "fast": { does: "Packs badly but soon." },
  },
};

/** Makes every file for one target; returns their paths. */
export async function packTarget(
  target: PackageTarget,
  bundle: string,
  out: string,
  effort: Effort,
): Promise<readonly string[]> {
  const work = await Deno.makeTempDir({ prefix: "reeve-package-" });
  try {
    const runtime = await fetchRuntime(target, work);
    const tree = await layOut(target, work, bundle, runtime);
    if (target.isWindows) return [await packZip(tree, out, effort)];
    return await Promise.all([
      packTarXz(tree, out, effort),
      packSelfExtracting(tree, target, out, effort),
    ]);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** One after the other: each takes a runtime's size of disk and memory. */
async function packTargets(
  targets: readonly PackageTarget[],
  bundle: string,
  out: string,
  effort: Effort,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const target of targets) {
    paths.push(...await packTarget(target, bundle, out, effort));
  }
  return paths;
}

async function main(given: Given): Promise<void> {
  const targets = wantedTargets(given, Deno.build.target);
  const out = given.last("out") ?? `${ROOT}dist/packages`;
  const effort = given.has("fast") ? "fast" : "best";
  await Deno.mkdir(out, { recursive: true });
  const work = await Deno.makeTempDir({ prefix: "reeve-bundle-" });
  try {
    await buildBundle(`${work}/lib`);
    const kinds = given.has("npm") ? NPM_PACKAGES : [];
    const [archives, npm] = await Promise.all([
      packTargets(targets, `${work}/lib`, out, effort),
      Promise.all(kinds.map((kind) => packNpm(kind, `${work}/lib`, out))),
    ]);
    const paths = [...archives, ...npm];
    for (const path of paths) {
      const { size } = await Deno.stat(path);
      console.log(`${(size / 1e6).toFixed(1).padStart(6)} MB  ${path}`);
    }
    const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
    const sums = await checksumLines(out, names.sort());
    await Deno.writeTextFile(`${out}/SHA256SUMS`, sums);
    console.log(`Packed reeve ${VERSION}; sums are in ${out}/SHA256SUMS.`);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) await runScript(USAGE, main);
