/**
 * The explorer without anything that makes it fast: every state as it is, and
 * every move of everybody. What the other one finds is compared with it.
 *
 * @module
 */

import { beginning, type Exploration } from "./explore.ts";
import { faultAtRest, faultOf, movesOf } from "./protocol_world.ts";
import { keyOf } from "./protocol_key.ts";
import type { Budget, Move, Rules, State } from "./protocol_state.ts";

interface Reached {
  /** Taken away once it was looked at, as there are many. */
  state: State | undefined;
  readonly from: number;
  readonly text: string;
  readonly depth: number;
}

/**
 * Explores all that may happen under some rules within a budget.
 *
 * @param see is shown each state and its moves, in the order of the search.
 */
export function explorePlainly(
  rules: Rules,
  budget: Budget,
  see: (state: State, moves: readonly Move[]) => void = () => {},
): Exploration {
  const start = beginning(rules, budget);
  const reached: Reached[] = [{ state: start, from: -1, text: "", depth: 0 }];
  const index = new Map([[keyOf(start), 0]]);
  // Edges without mishaps and without what may happen or not, to find what never comes to rest.
  const followers: number[][] = [];
  let moves = 0;
  let rests = 0;
  const found = (at: number, what: string, last?: string): Exploration => ({
    states: reached.length,
    moves,
    rests,
    depth: reached[at]?.depth ?? 0,
    fault: { what, story: storyOf(reached, at, last) },
  });
  for (let at = 0; at < reached.length; at++) {
    const row = reached[at];
    if (row?.state === undefined) continue;
    const { state, depth } = row;
    row.state = undefined;
    const next = movesOf(state, rules);
    see(state, next);
    const quiet: number[] = [];
    for (const { to, text, breaks, isMishap, isSpare } of next) {
      moves++;
      if (breaks !== undefined) return found(at, breaks, text);
      const key = keyOf(to);
      let target = index.get(key);
      if (target === undefined) {
        target = reached.length;
        index.set(key, target);
        reached.push({ state: to, from: at, text, depth: depth + 1 });
        const fault = faultOf(to, { budget });
        if (fault !== undefined) return found(target, fault);
      }
      if (isMishap !== true && isSpare !== true) quiet.push(target);
    }
    followers.push(quiet);
    if (quiet.length > 0) continue;
    rests++;
    const fault = faultAtRest(state);
    if (fault !== undefined) return found(at, fault);
  }
  const restless = findCycle(followers);
  if (restless >= 0) return found(restless, "this may go on for ever");
  const depth = reached.at(-1)?.depth ?? 0;
  return { states: reached.length, moves, rests, depth };
}

/** A state of a circle, or -1: takes away what nothing leads to any more. */
function findCycle(followers: readonly (readonly number[])[]): number {
  const incoming = new Uint32Array(followers.length);
  for (const row of followers) {
    for (const to of row) incoming[to] = (incoming[to] ?? 0) + 1;
  }
  const free: number[] = [];
  incoming.forEach((count, at) => count === 0 && free.push(at));
  let left = followers.length;
  for (let at = free.pop(); at !== undefined; at = free.pop()) {
    left--;
    for (const to of followers[at] ?? []) {
      const count = (incoming[to] ?? 0) - 1;
      incoming[to] = count;
      if (count === 0) free.push(to);
    }
  }
  return left === 0 ? -1 : incoming.findIndex((count) => count > 0);
}

function storyOf(
  reached: readonly Reached[],
  at: number,
  last: string | undefined,
): readonly string[] {
  const story = last === undefined ? [] : [last];
  for (let row = reached[at]; row !== undefined; row = reached[row.from]) {
    if (row.text !== "") story.unshift(row.text);
  }
  return story;
}
