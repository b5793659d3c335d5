// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Makes what people download: an archive for each target with its runtime, a
 * file that unpacks itself for those with a shell, the package for npm, and
 * the checksums of all. Flags: `--target NAME`, `--all`, `--npm`, `--out DIR`
 * and `--fast`, which packs badly but soon.
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
import { type PackageTarget, readWish } from "./package_targets.ts";
import { runScript } from "./package_tool.ts";
import { checksumLines, layOut } from "./package_tree.ts";

const ROOT = new URL("..", import.meta.url).pathname;

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
    return [
      await packTarXz(tree, out, effort),
      await packSelfExtracting(tree, target, out, effort),
    ];
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function main(args: readonly string[]): Promise<void> {
  const { targets, rest } = readWish(args, Deno.build.target);
  const outAt = rest.indexOf("--out");
  const out = outAt < 0 ? `${ROOT}dist/packages` : rest[outAt + 1] ?? "";
  const effort = rest.includes("--fast") ? "fast" : "best";
  await Deno.mkdir(out, { recursive: true });
  const work = await Deno.makeTempDir({ prefix: "reeve-bundle-" });
  try {
    await buildBundle(`${work}/lib`);
    const paths: string[] = [];
    for (const target of targets) {
      paths.push(...await packTarget(target, `${work}/lib`, out, effort));
    }
    if (rest.includes("--npm")) {
      for (const kind of NPM_PACKAGES) {
        paths.push(await packNpm(kind, `${work}/lib`, out));
      }
    }
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

if (import.meta.main) await runScript(main);
