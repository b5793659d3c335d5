/**
 * A private HOME, state root and port block for tests, the demo and benches:
 * nothing of the user's own is ever read or touched.
 */

import { endEverythingBelow } from "./leftovers.ts";

/** Where one test lives. */
export interface Sandbox extends AsyncDisposable {
  /** Directory of everything below. */
  readonly directory: string;
  /** Private HOME. */
  readonly home: string;
  /** Private state root, canonical. */
  readonly root: string;
  /** First port of its sync block; the block has 50. */
  readonly firstPort: number;
  /** First port of its dashboard block; the block has 100. */
  readonly firstDashboardPort: number;
  /** Environment of every process in the sandbox. */
  readonly env: Readonly<Record<string, string>>;
}

const SYNC_PORTS = 50;
const DASHBOARD_PORTS = 100;

/** Makes a sandbox; it goes away with everything in it. */
export async function makeSandbox(): Promise<Sandbox> {
  const directory = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "reeve-" }),
  );
  const home = `${directory}/home`;
  const root = `${home}/.reeve`;
  await Deno.mkdir(root, { recursive: true, mode: 0o700 });
  const firstPort = findFreeBlock(SYNC_PORTS + DASHBOARD_PORTS);
  const firstDashboardPort = firstPort + SYNC_PORTS;
  const lastPort = firstPort + SYNC_PORTS - 1;
  const lastDashboardPort = firstDashboardPort + DASHBOARD_PORTS - 1;
  return {
    directory,
    home,
    root,
    firstPort,
    firstDashboardPort,
    env: {
      HOME: home,
      REEVE_HOME: root,
      REEVE_SYNC_PORTS: `${firstPort}-${lastPort}`,
      REEVE_DASHBOARD_PORTS: `${firstDashboardPort}-${lastDashboardPort}`,
      SPEC_KITTY_HOME: `${home}/.spec-kitty`,
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      DENO_DIR: denoDirectory(),
    },
    async [Symbol.asyncDispose]() {
      await endEverythingBelow(directory);
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Processes with a scope marker below a directory; zombies do not count. */
export async function findDaemonsBelow(
  directory: string,
): Promise<readonly number[]> {
  if (Deno.build.os === "windows") return [];
  const output = await new Deno.Command("ps", {
    args: ["-axww", "-o", "pid=,stat=,args="],
    stdin: "null",
    stderr: "null",
  }).output();
  const lines = new TextDecoder().decode(output.stdout).split("\n");
  return lines.flatMap((line) => {
    const [, pid, state] = /^\s*(\d+)\s+(\S+)/.exec(line) ?? [];
    const isOurs = line.includes(`-daemon-root=${directory}`);
    return isOurs && state?.startsWith("Z") === false ? [Number(pid)] : [];
  });
}

/** A private HOME must not mean that packages are fetched again. */
function denoDirectory(): string {
  const stated = Deno.env.get("DENO_DIR");
  if (stated) return stated;
  const home = Deno.env.get("HOME") ?? "/tmp";
  return Deno.build.os === "darwin"
    ? `${home}/Library/Caches/deno`
    : `${Deno.env.get("XDG_CACHE_HOME") || `${home}/.cache`}/deno`;
}

/** Ports of tests; `REEVE_TEST_PORTS` gives each of several runs its own. */
const [FIRST = 0, LAST = 0] =
  (Deno.env.get("REEVE_TEST_PORTS") ?? "20000-31999").split("-").map(Number);

/** Finds consecutive free ports outside the real ranges of any product. */
export function findFreeBlock(size: number): number {
  // One more is left free on either side.
  const choices = LAST - FIRST - size;
  for (let attempt = 0; attempt < 200; attempt++) {
    const first = FIRST + 1 + Math.floor(Math.random() * choices);
    if (isFreeBlock(first, size)) return first;
  }
  throw new Error(`Cannot find ${size} consecutive free ports`);
}

function isFreeBlock(first: number, size: number): boolean {
  for (let port = first - 1; port <= first + size; port++) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } catch {
      return false;
    }
  }
  return true;
}

/**
 * Everything about a directory tree that a command could change, as lines:
 * path, kind, mode, time of the last change and content.
 */
export async function snapshotTree(
  directory: string,
): Promise<readonly string[]> {
  const info = await Deno.lstat(directory).catch(() => undefined);
  if (info === undefined) return [`${directory} missing`];
  const facts = `${info.mode?.toString(8)} ${info.mtime?.toISOString()}`;
  if (info.isSymlink) {
    return [`${directory} ${facts} -> ${await Deno.readLink(directory)}`];
  }
  if (info.isFile) {
    const bytes = await Deno.readFile(directory);
    return [`${directory} ${facts} ${bytes.toBase64()}`];
  }
  if (!info.isDirectory) return [`${directory} ${facts}`];
  const names = (await Array.fromAsync(Deno.readDir(directory)))
    .map(({ name }) => name).toSorted();
  const below = await Promise.all(
    names.map((name) => snapshotTree(`${directory}/${name}`)),
  );
  return [`${directory} ${facts} directory`, ...below.flat()];
}
