/**
 * Processes through Deno and the platform's process table. What looks at them,
 * takes hold of them and starts services is loaded by who does it.
 *
 * @module
 */

import { toHostError } from "./deno_error.ts";
import { loadOnce } from "./load_once.ts";
import { pickProcessTable } from "./platform/process_table.ts";
import type { Processes, SpawnCommand, SpawnedProcess } from "./processes.ts";

const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGTERM", "SIGINT", "SIGHUP"];

const DROPPED_RIGHTS = ["run", "ffi", "sys", "import"] as const;

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

const table = loadOnce(() => pickProcessTable(Deno.build.os));
const holds = loadOnce(() => import("./deno_hold.ts"));
const services = loadOnce(() => import("./deno_service.ts"));

const inspect: Processes["inspect"] = async (pids) =>
  await (await table()).inspect(pids);

/** Real processes. */
export const denoProcesses: Processes = {
  inspect,
  table: async (among) => await (await table()).table(among),
  readVariable: async (name, pids) =>
    await (await table()).readVariable(name, pids),
  listeners: async (range, among) =>
    await (await table()).listeners(range, among),
  machine: async () => await (await table()).machine(),
  hold: async (pid) => await (await holds()).hold(pid, inspect),
  spawn: (command) => new Promise((resolve) => resolve(spawn(command))),
  spawnService: async (service) => (await services()).spawnService(service),
  onTermination,
  dropRights,
};
