/**
 * Ends the recorded daemon once another one has its place.
 *
 * @module
 */

import type { CurrentDaemon } from "./current.ts";
import type { LockedWork } from "./locked_work.ts";
import type { RecordedTarget } from "./recorded_target.ts";
import { type StopHost, type StopOutcome, stopTarget } from "./stop_target.ts";
import type { Target } from "./target.ts";

/** How long a replaced daemon may take to end its work, in milliseconds. */
const HANDOFF_WAIT_MS = 2000;

/** Asks a replaced daemon to end; says what could not be done. */
export async function endReplaced(
  host: StopHost,
  work: LockedWork,
  target: Target,
): Promise<readonly string[]> {
  const outcome = await end(host, work, target, {
    canBeAsked: true,
    reason: "Another daemon has its place, or it could not be made known.",
  });
  return outcome.kind === "ended" ? [] : [describeEnd(target.pid, outcome)];
}

/** Ends a recorded daemon that stayed silent, once another has its place. */
export async function endSilent(
  host: StopHost,
  work: LockedWork,
  current: CurrentDaemon,
  before: RecordedTarget | undefined,
): Promise<readonly string[]> {
  // One that answers is not silent, whatever the state file lost of it.
  if (current.kind !== "unhealthy" || !current.isSilent) return [];
  if (before?.kind === "proved") {
    const outcome = await end(host, work, before.target, {
      canBeAsked: false,
      reason: "It is the recorded daemon and does not answer.",
    });
    return [describeEnd(before.target.pid, outcome)];
  }
  return [
    `Something silent holds port ${current.state.port}; it was left alone: ` +
    `${before?.reason ?? "it is not proved to be ours"}.`,
  ];
}

async function end(
  host: StopHost,
  { journal }: LockedWork,
  target: Target,
  options: { readonly canBeAsked: boolean; readonly reason: string },
): Promise<StopOutcome> {
  return await stopTarget(host, target, {
    ...options,
    journal,
    machine: await host.processes.machine(),
    shutdownWaitMs: HANDOFF_WAIT_MS,
  });
}

function describeEnd(pid: number, outcome: StopOutcome): string {
  if (outcome.kind === "ended") {
    return `The silent daemon ${pid} was stopped.`;
  }
  return `The old daemon ${pid} could not be stopped: ` +
    `${outcome.reason.replaceAll("_", " ")}.`;
}
