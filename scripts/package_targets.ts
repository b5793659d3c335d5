/**
 * The machines that Reeve is packaged for, and what differs between them.
 *
 * @module
 */

import runtimes from "../packaging/runtimes.json" with { type: "json" };

/** A machine that Reeve is packaged for. */
export interface PackageTarget {
  /** How archives name it. */
  readonly name: string;
  /** How `deno compile` names it. */
  readonly triple: string;
  /** The package of npm that carries its runtime. */
  readonly runtime: keyof typeof runtimes;
  /** Whether its programs end in `.exe` and its archive is a zip. */
  readonly isWindows: boolean;
}

/** A runtime as it is pinned. */
export interface PinnedRuntime {
  /** Version of the package. */
  readonly version: string;
  /** What npm calls integrity: `sha512-` and the hash in base64. */
  readonly integrity: string;
}

/** Every target. */
export const TARGETS: readonly PackageTarget[] = [
  {
    name: "linux-x64",
    triple: "x86_64-unknown-linux-gnu",
    runtime: "@deno/linux-x64-glibc",
    isWindows: false,
  },
  {
    name: "linux-arm64",
    triple: "aarch64-unknown-linux-gnu",
    runtime: "@deno/linux-arm64-glibc",
    isWindows: false,
  },
  {
    name: "macos-x64",
    triple: "x86_64-apple-darwin",
    runtime: "@deno/darwin-x64",
    isWindows: false,
  },
  {
    name: "macos-arm64",
    triple: "aarch64-apple-darwin",
    runtime: "@deno/darwin-arm64",
    isWindows: false,
  },
  {
    name: "windows-x64",
    triple: "x86_64-pc-windows-msvc",
    runtime: "@deno/win32-x64",
    isWindows: true,
  },
];

/** What is pinned as the runtime of a target. */
export function pinnedRuntime({ runtime }: PackageTarget): PinnedRuntime {
  return runtimes[runtime];
}

/** The target that a machine is, in Deno's words for it. */
export function targetOf(triple: string): PackageTarget | undefined {
  return TARGETS.find((target) => target.triple === triple);
}

/** What a command line asks a packaging script for. */
export interface Wish {
  /** The targets, in the order of the table. */
  readonly targets: readonly PackageTarget[];
  /** Words that are neither `--all` nor about targets. */
  readonly rest: readonly string[];
}

/**
 * Reads `--all` and `--target NAME`, which may be repeated; without either it
 * is the machine that it runs on.
 *
 * @throws {TypeError} for a target that is not there.
 */
export function readWish(args: readonly string[], triple: string): Wish {
  const names: string[] = [];
  const rest: string[] = [];
  let isAll = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--all") isAll = true;
    else if (word === "--target") names.push(args[++at] ?? "");
    else if (word.startsWith("--target=")) names.push(word.slice(9));
    else rest.push(word);
  }
  const own = targetOf(triple)?.name;
  const wanted = names.length > 0 ? names : own === undefined ? [] : [own];
  const known = (name: string) =>
    TARGETS.some((target) => target.name === name || target.triple === name);
  const wrong = wanted.find((name) => !known(name));
  if (!isAll && (wrong !== undefined || wanted.length === 0)) {
    throw new TypeError(
      `Cannot package for ${wrong || "this machine"}: choose one of ` +
        TARGETS.map(({ name }) => name).join(", "),
    );
  }
  const isWanted = ({ name, triple }: PackageTarget) =>
    isAll || wanted.includes(name) || wanted.includes(triple);
  return { targets: TARGETS.filter(isWanted), rest };
}
