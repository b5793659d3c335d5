/**
 * The files of a portable package, as they lie below a prefix.
 *
 * @module
 */

import { SCRIPTS } from "../src/cli/commands/completions.ts";
import { VERSION } from "../src/version.ts";
import { manPage } from "./man.ts";
import {
  fillFile,
  shellLauncher,
  windowsLauncher,
} from "./package_launcher.ts";
import { type PackageTarget, pinnedRuntime } from "./package_targets.ts";
import { sha256 } from "./package_tool.ts";
import { thirdPartyNotices } from "./package_notices.ts";

const ROOT = new URL("..", import.meta.url).pathname;

/** A package that is laid out but not yet packed. */
export interface PackageTree {
  /** Directory of all files; its last part names the archive. */
  readonly directory: string;
  /** Name of this very build: the version and a hash of what is in it. */
  readonly build: string;
}

/** Every file below a directory by its path from there, in order. */
export async function filesBelow(
  directory: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for await (const entry of Deno.readDir(`${directory}/${folder}`)) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory) await walk(`${path}/`);
      else found.push(path);
    }
  };
  await walk("");
  return found.sort();
}

/** Lines as `sha256sum` writes them, for files in a directory. */
export async function checksumLines(
  directory: string,
  names: readonly string[],
): Promise<string> {
  let lines = "";
  for (const name of names) {
    const bytes = await Deno.readFile(`${directory}/${name}`);
    lines += `${await sha256(bytes)}  ${name}\n`;
  }
  return lines;
}

/** Copies a bundle; returns a hash of it and of the runtime it goes with. */
async function nameBuild(
  bundle: string,
  target: PackageTarget,
): Promise<string> {
  const sums = await checksumLines(bundle, await filesBelow(bundle));
  const text = `${pinnedRuntime(target).integrity}\n${sums}`;
  const hash = await sha256(new TextEncoder().encode(text));
  return `${VERSION}-${hash.slice(0, 12)}`;
}

async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text, { mode });
}

/** What every package says about itself and about what it is made of. */
export async function writeDocuments(directory: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  await Deno.copyFile(`${ROOT}LICENSE`, `${directory}/LICENSE`);
  await Deno.copyFile(
    `${ROOT}packaging/LICENSE.deno`,
    `${directory}/LICENSE.deno`,
  );
  await write(`${directory}/THIRD_PARTY.txt`, await thirdPartyNotices());
}

async function writeShared(directory: string): Promise<void> {
  const { bash = "", zsh = "", fish = "" } = SCRIPTS;
  const share = `${directory}/share`;
  await write(`${share}/bash-completion/completions/reeve`, `${bash}\n`);
  await write(`${share}/zsh/site-functions/_reeve`, `${zsh}\n`);
  await write(`${share}/fish/vendor_completions.d/reeve.fish`, `${fish}\n`);
  await write(`${share}/man/man1/reeve.1`, manPage());
  await writeDocuments(`${share}/doc/reeve`);
}

async function writeLaunchers(
  directory: string,
  build: string,
  isWindows: boolean,
): Promise<void> {
  const library = `../lib/reeve/${build}`;
  const main = `${library}/main.js`;
  if (isWindows) {
    const runtime = `${library}/runtime/deno.exe`;
    const text = await windowsLauncher(main, [runtime]);
    await write(`${directory}/bin/reeve.cmd`, text);
    return;
  }
  const launcher = await shellLauncher(main, [`${library}/runtime/deno`]);
  await write(`${directory}/bin/reeve`, launcher, 0o755);
  const installer = await fillFile("install.sh", { "BUILD": build });
  await write(`${directory}/install.sh`, installer, 0o755);
}

/**
 * Lays out a package below a directory.
 *
 * @param bundle Directory of the bundled program.
 * @param runtime Path of the runtime's executable; it is moved.
 */
export async function layOut(
  target: PackageTarget,
  parent: string,
  bundle: string,
  runtime: string,
): Promise<PackageTree> {
  const build = await nameBuild(bundle, target);
  const directory = `${parent}/reeve-${VERSION}-${target.name}`;
  const library = `${directory}/lib/reeve/${build}`;
  await Deno.mkdir(`${library}/runtime`, { recursive: true });
  for (const name of await filesBelow(bundle)) {
    await Deno.copyFile(`${bundle}/${name}`, `${library}/${name}`);
  }
  const executable = target.isWindows ? "deno.exe" : "deno";
  await Deno.rename(runtime, `${library}/runtime/${executable}`);
  await writeLaunchers(directory, build, target.isWindows);
  await writeShared(directory);
  const sums = await checksumLines(directory, await filesBelow(directory));
  await write(`${directory}/SHA256SUMS`, sums);
  return { directory, build };
}
