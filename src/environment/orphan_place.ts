/**
 * Servers that work inside a repository, whoever has started them. Only those
 * that listen are looked for: a shell or an editor works there too.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { ProcessRow } from "../host/processes.ts";

const ALL_PORTS = { first: 1, end: 65_536 };

/**
 * Pids of those of our processes that listen on some port and whose working
 * directory is one of these or below. Where nobody tells in which directory a
 * process works there are none.
 */
export async function findServersInside(
  host: Pick<Host, "env" | "files" | "processes">,
  rows: readonly ProcessRow[],
  directories: readonly string[],
): Promise<ReadonlySet<number>> {
  const { env, processes } = host;
  const wanted = directories.filter((one) => isOwnPlace(one, env.home));
  if (wanted.length === 0 || env.os !== "linux") return new Set();
  const own = rows.filter(({ uid, pid }) => uid === env.uid && pid !== env.pid)
    .map(({ pid }) => pid);
  const table = await processes.listeners(ALL_PORTS, own);
  if (table.kind === "unknown") return new Set();
  const pids = new Set(table.listeners.flatMap((one) => one.pids));
  const found = await Promise.all([...pids].map(async (pid) => {
    const cwd = await linkOf(host, `/proc/${pid}/cwd`);
    const isInside = cwd !== undefined &&
      wanted.some((one) => isBelow(cwd, one));
    return isInside ? [pid] : [];
  }));
  return new Set(found.flat());
}

/** Where a link of /proc leads; `undefined` when that is nobody's business. */
export async function linkOf(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<string | undefined> {
  try {
    const real = await files.realPath(path);
    return real.startsWith("/proc/") ? undefined : real;
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

/** In a repository that is the whole home, everything would be inside. */
function isOwnPlace(directory: string, home: string | undefined): boolean {
  if (directory === "/") return false;
  return home === undefined || !isBelow(home, directory);
}

/** Whether a path is a directory or something below it. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(joinPath(directory, ""));
}
