/**
 * `/proc/<pid>/stat`, see proc(5).
 *
 * @module
 */

import type { ProcessFacts } from "../processes.ts";

/** The fields of `/proc/<pid>/stat` that Reeve uses. */
export interface LinuxStat {
  /** One-letter process state. */
  readonly state: string;
  /** Parent process id. */
  readonly parentPid: number;
  /** Process group id (field 5). */
  readonly processGroup: number;
  /** Session id (field 6). */
  readonly sessionId: number;
  /** Start in clock ticks since boot (field 22), as text. */
  readonly startTicks: string;
}

/**
 * Parses `/proc/<pid>/stat`. The command name may hold spaces, newlines and
 * closing brackets, so fields count from the last one.
 */
export function parseStat(text: string): LinuxStat | undefined {
  const close = text.lastIndexOf(")");
  if (close < 0) return undefined;
  const fields = text.slice(close + 1).trim().split(" ");
  const [state, parent, group, session] = fields;
  // A text that ends in the middle of field 22 would give another start.
  const startTicks = fields.length > 20 ? fields[19] : undefined;
  if (state === undefined || !/^[A-Za-z]$/.test(state)) return undefined;
  if (startTicks === undefined || !/^\d+$/.test(startTicks)) return undefined;
  const ids = [parent, group, session];
  if (!ids.every((id) => id !== undefined && /^\d+$/.test(id))) {
    return undefined;
  }
  return {
    state,
    parentPid: Number(parent),
    processGroup: Number(group),
    sessionId: Number(session),
    startTicks,
  };
}

/** What the letter of a process state means to us. */
export function stateOf(letter: string): ProcessFacts["state"] {
  if (letter === "Z" || letter === "X" || letter === "x") return "zombie";
  return letter === "T" || letter === "t" ? "stopped" : "running";
}
