/**
 * Facts about units, as a test wants them.
 *
 * @module
 */

import type { Listener, ProcessRow } from "../../src/host/processes.ts";
import type { EnvironmentFacts } from "../../src/environment/facts.ts";
import type { UnitIdentity } from "../../src/environment/model.ts";
import { indexProcesses } from "../../src/environment/process_index.ts";

/** Pid of the unit of a test. */
export const UNIT_PID = 100;

/** Pid of the command of a test. */
export const OWN_PID = 900;

/** The unit of a test. */
export const IDENTITY: UnitIdentity = {
  pid: UNIT_PID,
  startStamp: "7",
  bootId: "boot",
  pidNamespace: "pid:[1]",
  marker: "repo-00000000000a.run.unit.0",
};

/** A process; alone it is a stranger in a session of its own. */
export function row(
  pid: number,
  given: Partial<ProcessRow> = {},
): ProcessRow {
  return {
    pid,
    parentPid: 1,
    sessionId: pid,
    processGroup: pid,
    uid: 1000,
    startStamp: String(pid),
    state: "running",
    ...given,
  };
}

/** The process that was started as the unit. */
export function leader(given: Partial<ProcessRow> = {}): ProcessRow {
  return row(UNIT_PID, { startStamp: IDENTITY.startStamp, ...given });
}

/** A listener on a port. */
export function listener(
  port: number,
  pids: readonly number[],
  address = "127.0.0.1",
): Listener {
  return { port, address, pids, uid: 1000 };
}

/** What there is to see; everything has a default. */
export interface FactsOptions {
  /** Processes. */
  readonly rows?: readonly ProcessRow[];
  /** Markers by pid. */
  readonly markers?: Readonly<Record<number, string>>;
  /** Listeners. */
  readonly listeners?: readonly Listener[];
  /** Why the processes cannot be known. */
  readonly hidden?: string;
  /** Why the listeners cannot be known. */
  readonly hiddenListeners?: string;
  /** This boot. */
  readonly bootId?: string | undefined;
  /** This pid namespace. */
  readonly pidNamespace?: string;
}

/** Facts as {@linkcode EnvironmentFacts}. */
export function makeFacts(options: FactsOptions): EnvironmentFacts {
  const { rows = [], markers = {}, hidden, hiddenListeners } = options;
  const { pidNamespace = "pid:[1]" } = options;
  const bootId = "bootId" in options ? options.bootId : "boot";
  const byPid = new Map(
    Object.entries(markers).map(([pid, marker]) => [Number(pid), marker]),
  );
  return {
    takenAt: 0,
    machine: { host: "ada", bootId, pidNamespace },
    ownPid: OWN_PID,
    ownUid: 1000,
    processes: hidden === undefined
      ? { kind: "known", index: indexProcesses(rows, byPid) }
      : { kind: "unknown", reason: hidden },
    listeners: hiddenListeners === undefined
      ? {
        kind: "table",
        listeners: options.listeners ?? [],
        isComplete: true,
      }
      : { kind: "unknown", reason: hiddenListeners },
    programs: new Map([[500, "python3"]]),
  };
}
