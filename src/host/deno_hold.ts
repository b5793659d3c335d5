/**
 * Holds on processes. Every signal that Reeve sends passes through one of them.
 *
 * @module
 */

import { toHostError } from "./deno_error.ts";
import { openPidfd } from "./platform/pidfd.ts";
import type {
  Processes,
  ProcessHold,
  SignalName,
  SignalOutcome,
} from "./processes.ts";

const MAX_PID = 2 ** 31 - 1;

function signalByNumber(pid: number, name: SignalName): SignalOutcome {
  try {
    Deno.kill(pid, name);
    return "sent";
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return "denied";
    if (error instanceof Deno.errors.NotFound) return "gone";
    throw toHostError(`process ${pid}`, error);
  }
}

type Inspect = Processes["inspect"];

/**
 * Takes hold of a process; see {@linkcode ProcessHold}. `inspect` looks at it
 * where the system has no handle to give.
 */
export async function hold(
  pid: number,
  inspect: Inspect,
): Promise<ProcessHold | "gone" | "denied"> {
  // 0 and negative numbers name process groups, 1 is the machine's own.
  if (!Number.isInteger(pid) || pid <= 1 || pid === Deno.pid) return "denied";
  // The kernel would cut a larger number down to somebody else's pid.
  if (pid > MAX_PID) return "gone";
  const pidfd = Deno.build.os === "linux" ? openPidfd(pid) : "unavailable";
  if (pidfd === "unavailable") return await holdByNumber(pid, inspect);
  if (pidfd === "gone") return "gone";
  return {
    pid,
    pinned: true,
    signal: (name) =>
      Promise.resolve(pidfd.hasExited() ? "gone" : pidfd.signal(name)),
    hasExited: () => Promise.resolve(pidfd.hasExited()),
    [Symbol.dispose]: () => pidfd[Symbol.dispose](),
  };
}

/** Without a pidfd the start stamp is compared right before each signal. */
async function holdByNumber(
  pid: number,
  inspect: Inspect,
): Promise<ProcessHold | "gone"> {
  const look = async () => (await inspect([pid])).get(pid);
  const first = await look();
  if (first === undefined || first.kind === "gone") return "gone";
  const stamp = first.kind === "found" ? first.facts.startStamp : undefined;
  const isStill = async () => {
    const now = await look();
    if (now?.kind !== "found") return now?.kind === "gone" ? "gone" : "unknown";
    if (now.facts.state === "zombie") return "gone";
    if (stamp === undefined) return "unknown";
    return now.facts.startStamp === stamp ? "same" : "gone";
  };
  return {
    pid,
    pinned: false,
    async signal(name) {
      // A process whose start cannot be read is never signalled.
      if (stamp === undefined) return "denied";
      const still = await isStill();
      if (still === "unknown") return "denied";
      return still === "gone" ? "gone" : signalByNumber(pid, name);
    },
    hasExited: async () => await isStill() === "gone",
    [Symbol.dispose]: () => undefined,
  };
}
