/**
 * Our own version and how versions compare.
 *
 * @module
 */

/** Version of this release; `deno.json` says the same. */
export const VERSION = "0.1.0";

/** A build writes its commit in here, so it must stand in the code as it is. */
const BAKED_COMMIT = "commit:unknown";

/**
 * Commit that this program was built from, in full; `+changes` follows when
 * files differed from it. `unknown` outside a build.
 */
export const COMMIT: string = BAKED_COMMIT.slice("commit:".length);

/** Version of the daemon's control protocol. */
export const PROTOCOL_VERSION = 1;

/**
 * Orders two version texts: negative when `a` is older, positive when newer.
 * Numbers compare as numbers, a pre-release (`-rc.1`, `rc3`) is older than its
 * release, and texts that are no versions still have one fixed order, so that
 * two programs never both think the other one is the older.
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = splitVersion(a);
  const right = splitVersion(b);
  if (left === undefined || right === undefined) {
    if (left !== undefined) return 1;
    if (right !== undefined) return -1;
    return a < b ? -1 : 1;
  }
  for (let at = 0; at < 3; at++) {
    const difference = (left.release[at] ?? 0) - (right.release[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreRelease(left.preRelease, right.preRelease);
}

interface SplitVersion {
  readonly release: readonly number[];
  readonly preRelease: string;
}

function splitVersion(text: string): SplitVersion | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?[-.]?([0-9A-Za-z.-]*)(?:\+.*)?$/
    .exec(text.trim());
  if (match === null) return undefined;
  const [, major, minor, patch = "0", preRelease = ""] = match;
  return { release: [major, minor, patch].map(Number), preRelease };
}

function comparePreRelease(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const left = a.match(/\d+|[A-Za-z]+/g) ?? [];
  const right = b.match(/\d+|[A-Za-z]+/g) ?? [];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [x, y] = [left[at], right[at]];
    if (x === y) continue;
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const numeric = /^\d+$/.test(x) && /^\d+$/.test(y);
    return numeric ? Number(x) - Number(y) : x < y ? -1 : 1;
  }
  return a < b ? -1 : 1;
}

/** The version this process speaks for: `REEVE_CLI_VERSION`, else our own. */
export function cliVersion(
  env: { get(name: string): string | undefined },
): string {
  return env.get("REEVE_CLI_VERSION")?.trim() || VERSION;
}
