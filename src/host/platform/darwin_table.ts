/**
 * All processes of a Mac, and variables of their environments, as its `ps`
 * prints them. It tells no session ids, but services lead their own process
 * group, which it does tell.
 *
 * @module
 */

import type { ProcessFacts, ProcessListing, ProcessRow } from "../processes.ts";

/** pid, ppid, pgid, uid, stat and lstart. */
const ROW =
  /^ *(\d+) +(\d+) +(\d+) +(-?\d+) +(\S+) +(\w{3} +\w{3} +\d+ [\d:]{8} \d{4}) *$/;

/** Reads what `ps -ax -o pid=,ppid=,pgid=,uid=,stat=,lstart=` printed. */
export function parsePsTable(text: string): ProcessListing {
  const rows: ProcessRow[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const match = ROW.exec(line);
    // A line that is not understood may be a process of ours.
    if (match === null) return unknown("ps printed text of no known shape");
    const [, pid, parent, group, uid, stat = "", started = ""] = match;
    rows.push({
      pid: Number(pid),
      parentPid: Number(parent),
      sessionId: undefined,
      processGroup: Number(group),
      uid: Number(uid) >>> 0,
      startStamp: started.replaceAll(/ +/g, " "),
      state: parseState(stat),
    });
  }
  return rows.length > 0
    ? { kind: "table", rows }
    : unknown("ps printed no process");
}

/** What the letters of `ps -o stat` mean to us. */
export function parseState(stat: string): ProcessFacts["state"] {
  if (stat.startsWith("Z")) return "zombie";
  return stat.startsWith("T") ? "stopped" : "running";
}

/**
 * Reads a variable out of what `ps -E -ww -o pid=,command=` printed. The
 * environment follows the arguments, so the last match counts; a value with a
 * space ends there.
 */
export function parsePsEnvironments(
  text: string,
  name: string,
): ReadonlyMap<number, string> {
  const values = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [, pid, rest = ""] = /^ *(\d+) (.*)$/.exec(line) ?? [];
    if (pid === undefined) continue;
    const value = rest.split(" ").findLast((word) =>
      word.startsWith(`${name}=`)
    );
    if (value !== undefined) {
      values.set(Number(pid), value.slice(name.length + 1));
    }
  }
  return values;
}

function unknown(reason: string) {
  return { kind: "unknown", reason } as const;
}
