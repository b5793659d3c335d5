/**
 * What each operating system must be able to tell about processes, and the
 * one place that picks the implementation.
 *
 * @module
 */

import type {
  Inspection,
  ListenerTable,
  Machine,
  PortRange,
  ProcessListing,
} from "../processes.ts";

/** The operating system's view of processes and listening sockets. */
export interface ProcessTable {
  /** Looks at several processes at once; each pid asked for has an answer. */
  inspect(pids: readonly number[]): Promise<ReadonlyMap<number, Inspection>>;
  /** All processes, or some of them, in one pass. */
  table(among?: readonly number[]): Promise<ProcessListing>;
  /** Values of a variable; see `Processes`. */
  readVariable(
    name: string,
    pids: readonly number[],
  ): Promise<ReadonlyMap<number, string>>;
  /** Listening TCP sockets with a port in the range; see `Processes`. */
  listeners(
    range: PortRange,
    among?: readonly number[],
  ): Promise<ListenerTable>;
  /** This machine, boot and pid namespace. */
  machine(): Promise<Machine>;
}

/**
 * Picks the process table of an operating system and loads it; those of others
 * are never read.
 *
 * @throws {TypeError} for an operating system that Reeve does not know.
 */
export async function pickProcessTable(os: string): Promise<ProcessTable> {
  switch (os) {
    case "linux":
    case "android":
      return (await import("./linux.ts")).linuxProcessTable;
    case "darwin":
      return (await import("./darwin.ts")).darwinProcessTable;
    case "windows":
      return (await import("./windows.ts")).windowsProcessTable;
    default:
      throw new TypeError(`Cannot read processes on ${os}: not supported`);
  }
}
