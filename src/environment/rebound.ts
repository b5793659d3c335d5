/**
 * Units that take the next free port when theirs is taken, as development
 * servers do.
 *
 * @module
 */

import type { Listener } from "../host/processes.ts";

/** How far above its port such a unit is looked for. */
const SPAN = 200;

/**
 * The listener that a unit most likely has instead of the one it was given.
 * One below, or far away, is something else: a debugger, or a fixed number in
 * its code, which people have to be told of.
 */
export function reboundOf(
  owned: readonly Listener[],
  wanted: number,
): Listener | undefined {
  return owned.filter(({ port }) => port > wanted && port <= wanted + SPAN)
    .toSorted((a, b) => a.port - b.port)[0];
}
