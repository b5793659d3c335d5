/**
 * The numbers in a state of the model: which are in use, and which a stranger
 * may get.
 *
 * @module
 */

import { MEMORY, memoryOf } from "./live_memory.ts";
import { FIRST_PORT, type Named, type State } from "./protocol_state.ts";

/** The smallest number that is no id and no pid yet. */
export function fresh({ processes, file, owners, commands }: State): number {
  let last = 0;
  const see = (one: Named | undefined) => {
    if (one !== undefined && one.id > last) last = one.id;
  };
  for (const { id, pid, look } of processes) {
    last = Math.max(last, id, pid);
    see(look?.saw);
  }
  see(file);
  owners.forEach(see);
  for (const { seen, old, before, daemon, stopping } of commands) {
    see(seen);
    see(old);
    see(before);
    see(daemon);
    if (stopping === undefined) continue;
    see(stopping.target);
    stopping.rest.forEach(see);
    last = Math.max(last, stopping.held);
  }
  return last + 1;
}

/** Everything that is read once more and names a daemon. */
interface Names {
  /** Those whose port is looked at first. */
  readonly byPort: readonly Named[];
  /** Those whose pid may be held. */
  readonly byPid: readonly Named[];
}

function namesIn({ processes, file, owners, commands }: State): Names {
  const byPort: (Named | undefined)[] = [file, ...owners];
  const byPid: (Named | undefined)[] = [];
  for (const { look } of processes) byPort.push(look?.saw);
  for (const command of commands) {
    const kept = memoryOf(command);
    if (kept & MEMORY.seen) byPort.push(command.seen);
    if (kept & MEMORY.before) byPort.push(command.before);
    if (kept & MEMORY.old) byPid.push(command.old);
    // Who has its daemon is over, and remembers nothing.
    const isOver = command.step === "done";
    if (kept & MEMORY.daemon && !isOver) byPid.push(command.daemon);
    const { stopping } = command;
    if (stopping !== undefined) byPid.push(stopping.target, ...stopping.rest);
  }
  return { byPort: byPort.filter(isThere), byPid: byPid.filter(isThere) };
}

function isThere(one: Named | undefined): one is Named {
  return one !== undefined;
}

/** A pid that a stranger may get; its own is one that nothing names. */
export interface Place {
  /** Pid of an ended daemon, or `undefined` for one of its own. */
  readonly pid: number | undefined;
  /** Port, or `undefined` for none. */
  readonly port: number | undefined;
}

/**
 * Where a stranger may come up: with the pid of an ended daemon that something
 * still names, on its old port or, where that pid may be held, on none; or with
 * a pid of its own on a free port, up to the last one that is in use or named.
 * Nobody would notice it anywhere else.
 */
export function placesForStrangers(state: State): readonly Place[] {
  const { byPort, byPid } = namesIn(state);
  const used = new Set(state.processes.map(({ port }) => port));
  const pids = new Set(state.processes.map(({ pid }) => pid));
  const places = new Map<string, Place>();
  const add = (pid: number | undefined, port: number | undefined) =>
    places.set(`${pid} ${port}`, { pid, port });
  const all = [...byPort, ...byPid];
  for (const { pid, port } of all) {
    if (!pids.has(pid) && port > 0 && !used.has(port)) add(pid, port);
  }
  for (const { pid } of byPid) if (!pids.has(pid)) add(pid, undefined);
  const ports = [...all, ...state.processes].map(({ port = 0 }) => port);
  const last = Math.max(0, ...ports);
  for (let port = FIRST_PORT; port <= last; port++) {
    if (!used.has(port)) add(undefined, port);
  }
  return [...places.values()];
}
