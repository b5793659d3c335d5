/**
 * The machines that Reeve is packaged for, and what differs between them.
 *
 * @module
 */

import runtimes from "../packaging/runtimes.json" with { type: "json" };
import { type Given, ScriptError, USAGE_EXIT } from "./run_script.ts";

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

/** Flags that choose among the targets. */
export const TARGET_FLAGS = {
  "target": { takes: "NAME", does: "For this machine; may be repeated." },
  "all": { does: "For every machine that there is a package for." },
};

/**
 * The targets that a script was asked for, in the order of the table; without
 * a flag it is the machine that it runs on.
 *
 * @throws {ScriptError} for a target that is not there.
 */
export function wantedTargets(
  given: Pick<Given, "has" | "all">,
  triple: string,
): readonly PackageTarget[] {
  const named = given.all("target");
  const own = named.length === 0 && !given.has("all") ? [triple] : [];
  const wanted = [...named, ...own];
  const isNamed = ({ name, triple }: PackageTarget, word: string) =>
    word === name || word === triple;
  const wrong = wanted.find((word) =>
    !TARGETS.some((target) => isNamed(target, word))
  );
  if (wrong !== undefined) {
    const names = TARGETS.map(({ name }) => name).join(", ");
    throw new ScriptError(
      `Cannot package for ${wrong}: choose one of ${names}`,
      USAGE_EXIT,
    );
  }
  if (given.has("all")) return TARGETS;
  return TARGETS.filter((target) =>
    wanted.some((word) => isNamed(target, word))
  );
}
