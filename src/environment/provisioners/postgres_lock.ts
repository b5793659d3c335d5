/**
 * The lock file that PostgreSQL leaves in its data when it is killed. It takes
 * any process with the number in it for its predecessor, even one that has
 * ended and only waits to be reaped, and then refuses to start.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { joinPath } from "../../host/path.ts";
import type { Inspection } from "../../host/processes.ts";

const LOCK_FILE = "postmaster.pid";
const SERVER = /postgres|postmaster/i;

/**
 * Variables that let PostgreSQL start on data whose lock is proved to be
 * nobody's. The lock is not touched: PostgreSQL replaces it itself, and only
 * when no other process of it uses the data any more.
 */
export async function lockVariables(
  { files, processes }: Pick<Host, "files" | "processes">,
  directory: string,
): Promise<Readonly<Record<string, string>>> {
  const text = await files.readText(joinPath(directory, LOCK_FILE))
    .catch(() => "");
  const pid = lockedBy(text);
  if (pid === undefined) return {};
  const seen = (await processes.inspect([pid])).get(pid);
  return seen !== undefined && isStale(seen)
    // The parent of its parent is the one process that it does not fear.
    ? { "PG_GRANDPARENT_PID": String(pid) }
    : {};
}

/** Process id in the text of a lock file; `undefined` for none. */
export function lockedBy(text: string): number | undefined {
  const [first = ""] = text.split("\n");
  const pid = Number(first);
  return /^[1-9][0-9]*$/.test(first) && Number.isSafeInteger(pid)
    ? pid
    : undefined;
}

/** Whether a process is there, and is proved not to be a PostgreSQL server. */
export function isStale(seen: Inspection): boolean {
  if (seen.kind !== "found") return false;
  const { argv, executable, state } = seen.facts;
  if (state === "zombie") return true;
  if (argv === undefined || executable === undefined) return false;
  return ![executable, ...argv].some((word) => SERVER.test(word));
}
