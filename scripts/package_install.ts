/**
 * Brings a package to where it can be tried: an empty prefix, and a PATH that
 * has what a system has, but neither Deno nor Node.
 *
 * @module
 */

import { VERSION } from "../src/version.ts";
import { targetOf } from "./package_targets.ts";
import { runTool } from "./package_tool.ts";
import { ScriptError } from "./run_script.ts";

const ROOT = new URL("..", import.meta.url).pathname;

/** Where packages can be installed by a shell script. */
export const HAS_INSTALLER: boolean = Deno.build.os === "linux" &&
  targetOf(Deno.build.target) !== undefined;

const ABSENT = /^(?:deno|node|nodejs|npm|npx|corepack)$/;

/** Directories that every system has its programs in. */
const SYSTEM_PATH = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Fills a new directory with links to all other programs of the system. */
export async function makeBarePath(directory: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  const seen = new Set<string>();
  for (const folder of SYSTEM_PATH) {
    const entries = await Array.fromAsync(Deno.readDir(folder))
      // Some systems have only two of them.
      .catch(() => []);
    for (const { name } of entries) {
      if (ABSENT.test(name) || seen.has(name)) continue;
      seen.add(name);
      await Deno.symlink(`${folder}/${name}`, `${directory}/${name}`);
    }
  }
}

/** An archive that was unpacked. */
export interface UnpackedPackage {
  /** Its directory, with `install.sh`. */
  readonly directory: string;
  /** Runs its installer with these words. */
  install(...words: readonly string[]): Promise<InstallResult>;
}

/** How the installer ended. */
export interface InstallResult {
  /** Exit code. */
  readonly code: number;
  /** Both streams. */
  readonly text: string;
}

/** Runs an installer with nothing but a HOME and a PATH. */
export async function runInstaller(
  script: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<InstallResult> {
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: [script, ...words],
    clearEnv: true,
    env: { ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Unpacks a `.tar.xz` into a directory. */
export async function unpack(
  archive: string,
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<UnpackedPackage> {
  await Deno.mkdir(directory, { recursive: true });
  await runTool("tar", ["-xJf", archive, "-C", directory]);
  const name = archive.slice(archive.lastIndexOf("/") + 1, -".tar.xz".length);
  const unpacked = `${directory}/${name}`;
  return {
    directory: unpacked,
    install: (...words) => runInstaller(`${unpacked}/install.sh`, words, env),
  };
}

/** The packages of this checkout for this machine, in one directory. */
export interface Packages {
  /** Directory of the packages, with a file for each. */
  readonly directory: string;
  /** A PATH without Deno and Node. */
  readonly path: string;
  /** The archive of this machine. */
  readonly archive: string;
  /** The file that unpacks itself. */
  readonly selfExtracting: string;
}

/** Names what {@linkcode makePackages} makes in a directory. */
export function packagesIn(directory: string): Packages {
  const name = `reeve-${VERSION}-${targetOf(Deno.build.target)?.name}`;
  return {
    directory,
    path: `${directory}/bin`,
    archive: `${directory}/${name}.tar.xz`,
    selfExtracting: `${directory}/${name}.run`,
  };
}

/** Makes the packages of this machine, those for npm, and a bare PATH. */
export async function makePackages(directory: string): Promise<Packages> {
  const packages = packagesIn(directory);
  const script = `${ROOT}scripts/package.ts`;
  await makeBarePath(packages.path);
  await runTool(Deno.execPath(), [
    ...["run", "--allow-all", script, "--fast", "--npm", "--out", directory],
  ], { cwd: ROOT });
  return packages;
}

/**
 * Installs the archive into an empty prefix, as a person would who has neither
 * Deno nor Node.
 *
 * @returns path of the installed program.
 * @throws {ScriptError} when the installer fails.
 */
export async function installArchive(
  { archive, directory, path }: Packages,
): Promise<string> {
  const env = { "PATH": path, "HOME": directory };
  const unpacked = await unpack(archive, `${directory}/unpacked`, env);
  const prefix = `${directory}/prefix`;
  const { code, text } = await unpacked.install("--prefix", prefix);
  await Deno.remove(`${directory}/unpacked`, { recursive: true });
  if (code !== 0) throw new ScriptError(`The archive's installer: ${text}`);
  return `${prefix}/bin/reeve`;
}
