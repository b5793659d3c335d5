/**
 * All processes of a Linux machine in one pass over `/proc`, see proc(5).
 *
 * @module
 */

import type { ProcessListing, ProcessRow } from "../processes.ts";
import { parseStat, stateOf } from "./linux_stat.ts";

/** Reads every process that can be seen, or those of them that are named. */
export function readTable(among?: readonly number[]): ProcessListing {
  if (among !== undefined) return { kind: "table", rows: readRows(among) };
  let pids: readonly number[];
  try {
    pids = [...Deno.readDirSync("/proc")].map((entry) => Number(entry.name))
      .filter(Number.isInteger);
  } catch {
    return { kind: "unknown", reason: "/proc cannot be read" };
  }
  const rows = readRows(pids);
  // We are running, so a table without any process tells of a foreign /proc.
  return rows.length > 0
    ? { kind: "table", rows }
    : { kind: "unknown", reason: "/proc shows no process" };
}

function readRows(pids: readonly number[]): readonly ProcessRow[] {
  return pids.map(readRow).filter((row) => row !== undefined);
}

function readRow(pid: number): ProcessRow | undefined {
  try {
    const stat = parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
    if (stat === undefined) return undefined;
    return {
      pid,
      parentPid: stat.parentPid,
      sessionId: stat.sessionId,
      processGroup: stat.processGroup,
      // The owner of the directory costs half of what /proc/<pid>/status does.
      uid: Deno.statSync(`/proc/${pid}`).uid ?? undefined,
      startStamp: stat.startTicks,
      state: stateOf(stat.state),
    };
  } catch {
    // It has ended since the directory was listed.
    return undefined;
  }
}

/** Reads a variable out of `/proc/<pid>/environ`. */
export function readVariable(
  name: string,
  pids: readonly number[],
): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  for (const pid of pids) {
    const value = parseEnviron(readEnviron(pid), name);
    if (value !== undefined) values.set(pid, value);
  }
  return values;
}

function readEnviron(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`);
  } catch {
    // Another user's process, or one that has ended.
    return "";
  }
}

/** Finds a variable in an environment block; the first one counts. */
export function parseEnviron(block: string, name: string): string | undefined {
  const start = `\0${block}`.indexOf(`\0${name}=`);
  if (start < 0) return undefined;
  const from = start + name.length + 1;
  const end = block.indexOf("\0", from);
  return block.slice(from, end < 0 ? block.length : end);
}
