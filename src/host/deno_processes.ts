/**
 * Processes through Deno and the platform's process table. Every signal that
 * Reeve sends passes through the hold made here.
 *
 * @module
 */

import { toHostError } from "./deno_error.ts";
import type {
  Processes,
  ProcessHold,
  SignalName,
  SignalOutcome,
  SpawnCommand,
  SpawnedProcess,
} from "./processes.ts";
import { spawnService } from "./deno_service.ts";
import { openPidfd } from "./platform/pidfd.ts";
import { pickProcessTable } from "./platform/process_table.ts";

const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGTERM", "SIGINT", "SIGHUP"];

const MAX_PID = 2 ** 31 - 1;

const DROPPED_RIGHTS = ["run", "ffi", "sys", "import"] as const;

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

async function hold(pid: number): Promise<ProcessHold | "gone" | "denied"> {
  // 0 and negative numbers name process groups, 1 is the machine's own.
  if (!Number.isInteger(pid) || pid <= 1 || pid === Deno.pid) return "denied";
  // The kernel would cut a larger number down to somebody else's pid.
  if (pid > MAX_PID) return "gone";
  const pidfd = Deno.build.os === "linux" ? openPidfd(pid) : "unavailable";
  if (pidfd === "unavailable") return await holdByNumber(pid);
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
async function holdByNumber(pid: number): Promise<ProcessHold | "gone"> {
  const look = async () => {
    const seen = await pickProcessTable(Deno.build.os).inspect([pid]);
    return seen.get(pid);
  };
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

function spawn(command: SpawnCommand): SpawnedProcess {
  try {
    const child = new Deno.Command(command.executable, {
      args: [...command.args],
      env: { ...command.env },
      cwd: command.cwd,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    child.unref();
    return { pid: child.pid, exited: child.status.then(({ code }) => code) };
  } catch (error) {
    throw toHostError(command.executable, error);
  }
}

function onTermination(callback: (signal: string) => void): () => void {
  const listeners = STOP_SIGNALS.map((name) => {
    const listener = () => callback(name);
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return () => {
    for (const { name, listener } of listeners) {
      Deno.removeSignalListener(name, listener);
    }
  };
}

async function dropRights(): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const name of DROPPED_RIGHTS) {
    const status = await Deno.permissions.revoke({ name });
    if (status.state === "denied" || status.state === "prompt") {
      dropped.push(name);
    }
  }
  return dropped;
}

/** Real processes. */
export const denoProcesses: Processes = {
  inspect: (pids) => pickProcessTable(Deno.build.os).inspect(pids),
  table: (among) => pickProcessTable(Deno.build.os).table(among),
  readVariable: (name, pids) =>
    pickProcessTable(Deno.build.os).readVariable(name, pids),
  listeners: (range, among) =>
    pickProcessTable(Deno.build.os).listeners(range, among),
  machine: () => pickProcessTable(Deno.build.os).machine(),
  hold,
  spawn: (command) => new Promise((resolve) => resolve(spawn(command))),
  spawnService: (service) =>
    new Promise((resolve) => resolve(spawnService(service))),
  onTermination,
  dropRights,
};
