/**
 * Brings a package to where it can be tried: an empty prefix, and a PATH that
 * has what a system has, but neither Deno nor Node.
 *
 * @module
 */

import { runTool } from "./package_tool.ts";

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
