/**
 * Which Linux processes hold which sockets: the `socket:[inode]` links below
 * `/proc/<pid>/fd`, see proc(5).
 *
 * @module
 */

/** Finds the processes that hold the sockets with these inodes. */
export function findHolders(
  inodes: ReadonlySet<string>,
  among: readonly number[] = allPids(),
): ReadonlyMap<string, readonly number[]> {
  const holders = new Map<string, number[]>();
  for (const pid of among) {
    for (const inode of socketsOf(pid)) {
      if (!inodes.has(inode)) continue;
      const pids = holders.get(inode) ?? [];
      if (!pids.includes(pid)) holders.set(inode, [...pids, pid]);
    }
  }
  return holders;
}

function allPids(): readonly number[] {
  return [...Deno.readDirSync("/proc")].map((entry) => Number(entry.name))
    .filter(Number.isInteger);
}

function socketsOf(pid: number): readonly string[] {
  const inodes: string[] = [];
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
      const link = readLink(`/proc/${pid}/fd/${name}`);
      if (link.startsWith("socket:[")) inodes.push(link.slice(8, -1));
    }
  } catch {
    // Another user's process, or one that has just ended. One refusal stands
    // for all links of a process, and each would cost an exception.
  }
  return inodes;
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    // Closed since the directory was read.
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
