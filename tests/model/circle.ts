/**
 * Finds circles among states, in memory that grows with their number only.
 *
 * @module
 */

import type { Numbers } from "./state_table.ts";

/**
 * A state of a circle, or -1: takes away what nothing leads to any more.
 *
 * @param starts where the followers of each state begin in the row of all
 * followers, and the end of that row.
 */
export function findCircle(starts: Numbers, followers: Numbers): number {
  const size = starts.length - 1;
  const incoming = new Uint32Array(size);
  for (let edge = 0; edge < followers.length; edge++) {
    const to = followers.at(edge);
    incoming[to] = (incoming[to] ?? 0) + 1;
  }
  const free = new Uint32Array(size);
  let end = 0;
  for (let at = 0; at < size; at++) if (incoming[at] === 0) free[end++] = at;
  let left = size;
  while (end > 0) {
    const at = free[--end] ?? 0;
    left--;
    for (let edge = starts.at(at); edge < starts.at(at + 1); edge++) {
      const to = followers.at(edge);
      const count = (incoming[to] ?? 0) - 1;
      incoming[to] = count;
      if (count === 0) free[end++] = to;
    }
  }
  return left === 0 ? -1 : incoming.findIndex((count) => count > 0);
}
