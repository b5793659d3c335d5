/**
 * One spelling for all states of the model that differ only in their numbers.
 *
 * @module
 */

import type { Named, State } from "./protocol_state.ts";

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
      `${stopping.isBrief ? "b" : ""}` +
      `${rank(stopping.held)}${name(stopping.target)}`;
    for (const row of stopping.rest) key += name(row);
  }
  for (const one of state.owners) key += `/${name(one)}${one.release}`;
  for (const one of state.processes) {
    key += `/${rank(one.id)}.${rank(one.pid)}${one.kind[0]}${one.release}` +
      `${one.phase}${one.port ?? ""}${one.record ?? ""}`;
    const { look } = one;
    if (look === undefined) continue;
    key += `?${look.hasRead ? "r" : ""}${look.isIdle ? "i" : ""}` +
      `${look.wasNamed ? "w" : ""}${name(look.saw)}`;
  }
  const { crashes, reuses, silences, idles, pauses } = state.budget;
  return `${key}/${crashes}${reuses}${silences}${idles}${pauses}`;
}
