/**
 * Stops the daemon of our scope, if it is proved to be that.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { acquireLock, type Lock } from "../state/lock.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import { readCurrent } from "./current.ts";
import { openJournal } from "./journal.ts";
import { findRecordedTarget } from "./recorded_target.ts";
import { removeState } from "./state_file.ts";
import { type CleanupPath, stopTarget } from "./stop_target.ts";

/** What became of a request to stop. */
export type StopDaemonOutcome =
  | { readonly kind: "not_running" }
  | {
    readonly kind: "stopped";
    readonly pid: number;
    readonly port: number;
    readonly path: CleanupPath | null;
    /** Whether it had not answered any more. */
    readonly wasSilent: boolean;
    /** What went wrong without mattering for the daemon. */
    readonly notes: readonly string[];
  }
  | {
    readonly kind: "cleared";
    /** Process that the state file named and that was left alone. */
    readonly pid: number | undefined;
    readonly reason: string;
  };

/** How long a daemon may take to end its work, in milliseconds. */
const SHUTDOWN_WAIT_MS = 5000;

/**
 * Stops the recorded daemon and removes the state file.
 *
 * @throws {KnownError} `stop_failed` when it survives, `lock_busy`.
 */
export async function stopDaemon(
  host: DaemonHost,
  context: DaemonContext,
): Promise<StopDaemonOutcome> {
  const lock = await acquireLock(host, context.paths.daemonLock);
  if (lock === "not_needed") return { kind: "not_running" };
  using held = lock;
  return await stopUnderLock(host, held, context, "daemon stop");
}

/** Stops the recorded daemon; the caller holds the lock. */
export async function stopUnderLock(
  host: DaemonHost,
  lock: Lock,
  context: DaemonContext,
  command: string,
): Promise<StopDaemonOutcome> {
  const current = await readCurrent(host, context);
  const { daemonState } = context.paths;
  if (current.kind === "none") {
    if (current.read.kind === "missing") return { kind: "not_running" };
    if (current.read.kind === "unreadable") {
      throw unreadableState(daemonState, current.read.reason);
    }
    await removeState(host, lock, daemonState, current.read);
    const reason = "reason" in current.read ? current.read.reason : "";
    return {
      kind: "cleared",
      pid: undefined,
      reason: `the state file could not be used: ${reason}`,
    };
  }
  const { state } = current;
  const recorded = await findRecordedTarget(host, context, state);
  if (recorded.kind === "unproved") {
    if (current.kind === "healthy") throw unprovable(state, recorded.reason);
    await removeState(host, lock, daemonState, current.read);
    return { kind: "cleared", pid: state.pid, reason: recorded.reason };
  }
  const { target } = recorded;
  const wasSilent = current.kind === "unhealthy" && current.isSilent;
  const journal = openJournal(host, context.paths.journal, command);
  const outcome = await stopTarget(host, target, {
    journal,
    machine: await host.processes.machine(),
    reason: "It is the recorded daemon of this state root.",
    canBeAsked: !wasSilent,
    shutdownWaitMs: SHUTDOWN_WAIT_MS,
  });
  if (outcome.kind !== "ended") throw notStopped(target.pid, outcome.reason);
  await removeState(host, lock, daemonState, current.read);
  const { pid, port } = target;
  const { path } = outcome;
  const notes = journal.problem === undefined
    ? []
    : [`The journal could not be written: ${journal.problem}.`];
  return { kind: "stopped", pid, port, path, wasSilent, notes };
}

/** What cannot be read may still name a living daemon: it is not removed. */
function unreadableState(path: string, reason: string): KnownError {
  return new KnownError("unreadable", `Cannot use ${path}: ${reason}`, {
    hint: `Look what is in its place: ls -ld ${path}`,
  });
}

function unprovable(
  state: { readonly pid?: number },
  reason: string,
): KnownError {
  return new KnownError(
    "stop_failed",
    `Cannot stop the daemon ${state.pid}: ${reason}`,
    {
      hint: "See every fact about it with: reeve auth doctor --explain " +
        `${state.pid}`,
    },
  );
}

function notStopped(pid: number, reason: string): KnownError {
  return new KnownError(
    "stop_failed",
    `Cannot stop the daemon ${pid}: ${reason.replaceAll("_", " ")}`,
    { hint: `See what was tried with: reeve daemon journal` },
  );
}
