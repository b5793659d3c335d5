/**
 * The numbers in a state of the model: which are in use, and one spelling for
 * all states that differ in nothing else.
 *
 * @module
 */

import type { Named, State } from "./protocol_state.ts";

/** Calls back with every id and every pid that something names. */
function forEachNumber(
  { processes, file, owners, commands }: State,
  see: (id: number, pid: number) => void,
): void {
  const seeOne = (one: Named | undefined) => {
    if (one !== undefined) see(one.id, one.pid);
  };
  for (const { id, pid, look } of processes) {
    see(id, pid);
    seeOne(look?.saw);
  }
  seeOne(file);
  owners.forEach(seeOne);
  for (const { seen, old, before, daemon, stopping } of commands) {
    seeOne(seen);
    seeOne(old);
    seeOne(before);
    seeOne(daemon);
    if (stopping === undefined) continue;
    seeOne(stopping.target);
    stopping.rest.forEach(seeOne);
    see(stopping.held, 0);
  }
}

/** The smallest number that is no id and no pid yet. */
export function fresh(state: State): number {
  let last = 0;
  forEachNumber(state, (id, pid) => last = Math.max(last, id, pid));
  return last + 1;
}

/** Pids that something still names and no process has. */
export function reusablePids(state: State): readonly number[] {
  const pids = new Set<number>();
  forEachNumber(state, (_, pid) => pids.add(pid));
  pids.delete(0);
  for (const { pid } of state.processes) pids.delete(pid);
  return [...pids];
}

/** One spelling for states that differ only in their numbers. */
export function keyOf(state: State): string {
  const ranks: number[] = [0];
  const rank = (number: number): number => {
    const at = ranks.indexOf(number);
    return at < 0 ? ranks.push(number) - 1 : at;
  };
  const name = (one: Named | undefined): string =>
    one === undefined ? "-" : `${rank(one.id)}.${rank(one.pid)}.${one.port};`;
  let key = `${state.lock}${name(state.file)}${state.hadOne ? "h" : ""}`;
  for (const one of state.commands) {
    key += `|${one.step},${one.then ?? ""},${one.endOld ?? ""}` +
      `${one.isSilent === true ? "s" : ""}${one.isRetry === true ? "r" : ""}` +
      name(one.seen) + name(one.old) + name(one.before) + name(one.daemon);
    const { stopping } = one;
    if (stopping === undefined) continue;
    key += `${stopping.at},${stopping.then}${stopping.canBeAsked ? "a" : ""}` +
      `${rank(stopping.held)}${name(stopping.target)}`;
    for (const row of stopping.rest) key += name(row);
  }
  for (const one of state.owners) key += `/${name(one)}${one.release}`;
  for (const one of state.processes) {
    key += `/${rank(one.id)}.${rank(one.pid)}${one.kind[0]}${one.release}` +
      `${one.phase}${one.port ?? ""}`;
    const { look } = one;
    if (look === undefined) continue;
    key += `?${look.hasRead ? "r" : ""}${look.isIdle ? "i" : ""}` +
      `${look.wasNamed ? "w" : ""}${name(look.saw)}`;
  }
  const { crashes, reuses, silences, idles, pauses } = state.budget;
  return `${key}/${crashes}${reuses}${silences}${idles}${pauses}`;
}
