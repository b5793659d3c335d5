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
import { darwinProcessTable } from "./darwin.ts";
import { linuxProcessTable } from "./linux.ts";
import { windowsProcessTable } from "./windows.ts";

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
 * Picks the process table of an operating system.
 *
 * @throws {TypeError} for an operating system that Reeve does not know.
 */
export function pickProcessTable(os: string): ProcessTable {
  switch (os) {
    case "linux":
    case "android":
      return linuxProcessTable;
    case "darwin":
      return darwinProcessTable;
    case "windows":
      return windowsProcessTable;
    default:
      throw new TypeError(`Cannot read processes on ${os}: not supported`);
  }
}
