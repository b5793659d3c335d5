/**
 * Packs a directory so that the same files always give the same bytes: names
 * in order, one time for all, no owner.
 *
 * @module
 */

import { fillTemplate, RUN_FLAGS } from "./package_launcher.ts";
import type { PackageTarget } from "./package_targets.ts";
import { filesBelow, type PackageTree } from "./package_tree.ts";
import { ScriptError } from "./run_script.ts";
import { runTool, sha256 } from "./package_tool.ts";

/** The first moment that a zip can state. */
const EPOCH = "1980-01-01T00:00:00";

/** How hard packing tries: `fast` is for tests. */
export type Effort = "best" | "fast";

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Writes a tar of what is in a folder; names start below the folder. */
async function writeTar(
  folder: string,
  names: readonly string[],
  into: string,
): Promise<void> {
  const version = await runTool("tar", ["--version"]);
  if (!version.includes("GNU tar")) {
    throw new ScriptError(
      "tar cannot sort: install GNU tar and put it on the PATH as tar.",
    );
  }
  await runTool("tar", [
    "--create",
    "--sort=name",
    "--format=ustar",
    `--mtime=${EPOCH}Z`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
    `--directory=${folder}`,
    "--",
    ...names,
  ], { into });
}

/** Packs a tree as `NAME.tar.xz` and returns its path. */
export async function packTarXz(
  { directory }: PackageTree,
  out: string,
  effort: Effort,
): Promise<string> {
  const name = baseOf(directory);
  const tar = `${out}/${name}.tar`;
  await writeTar(directory.slice(0, -name.length - 1), [name], tar);
  const level = effort === "best" ? "-6" : "-0";
  // The number of threads decides how xz cuts its blocks.
  await runTool("xz", ["--force", "--threads=2", level, tar], {
    hint: "Install xz-utils.",
  });
  return `${tar}.xz`;
}

/** Packs a tree as `NAME.zip` and returns its path. */
export async function packZip(
  { directory }: PackageTree,
  out: string,
  effort: Effort,
): Promise<string> {
  const name = baseOf(directory);
  const files = await filesBelow(directory);
  const time = new Date(`${EPOCH}Z`);
  for (const path of files) {
    await Deno.utime(`${directory}/${path}`, time, time);
  }
  const path = `${out}/${name}.zip`;
  await Deno.remove(path).catch(() => undefined);
  const names = files.map((file) => `${name}/${file}`);
  const level = effort === "best" ? "-9" : "-1";
  // A zip states local times; what else the system knows stays out of it.
  const words = ["TZ=UTC", "zip", "-X", "-D", "-q", level, path, ...names];
  await runTool("env", words, {
    cwd: directory.slice(0, -name.length - 1),
    hint: "Install zip.",
  });
  return path;
}

/** The header of a self-extracting file, with a gap less for each line. */
export function selfExtractHeader(
  template: string,
  values: {
    readonly version: string;
    readonly target: string;
    readonly build: string;
    readonly sum: string;
  },
): string {
  return fillTemplate(template, {
    "VERSION": values.version,
    "TARGET": values.target,
    "BUILD": values.build,
    "SUM": values.sum,
    "FLAGS": RUN_FLAGS.join(" "),
    "LINE": String(template.split("\n").length),
  });
}

/**
 * Packs a tree as one file that unpacks itself, and returns its path. It holds
 * gzip and not xz, which many small systems lack.
 */
export async function packSelfExtracting(
  { directory, build }: PackageTree,
  target: PackageTarget,
  out: string,
  effort: Effort,
): Promise<string> {
  const path = `${out}/${baseOf(directory)}.run`;
  const tar = `${path}.tar`;
  const names = ["bin", "lib", "share"];
  await writeTar(directory, names, tar);
  const level = effort === "best" ? "-9" : "-1";
  await runTool("gzip", ["--force", "--no-name", level, tar]);
  const payload = await Deno.readFile(`${tar}.gz`);
  await Deno.remove(`${tar}.gz`);
  const template = await Deno.readTextFile(
    new URL("../packaging/self_extract.sh", import.meta.url),
  );
  const header = selfExtractHeader(template, {
    version: build.slice(0, build.lastIndexOf("-")),
    target: target.name,
    build,
    sum: await sha256(payload),
  });
  await Deno.writeTextFile(path, header, { mode: 0o755 });
  await Deno.writeFile(path, payload, { append: true });
  return path;
}
