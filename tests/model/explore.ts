/**
 * Goes through every state of a model, breadth first, so that the first way to
 * a fault is a short one. A state that waits is a few bytes, and one that was
 * looked at a fingerprint; who wants the way to it goes that way once more.
 *
 * @module
 */

import { findCircle } from "./circle.ts";
import { Frontier } from "./frontier.ts";
import { StatePacker } from "./packed_state.ts";
import { faultAtRest, faultOf } from "./protocol_world.ts";
import type { Budget, Rules, State } from "./protocol_state.ts";
import { movesToTake } from "./lone_moves.ts";
import {
  type Fingerprint,
  fingerprint,
  Numbers,
  StateTable,
} from "./state_table.ts";

/** What was found. */
export interface Exploration {
  /** Number of different states. */
  readonly states: number;
  /** Number of moves between them. */
  readonly moves: number;
  /** States in which nothing happens any more unless something goes wrong. */
  readonly rests: number;
  /** Length of the longest shortest way. */
  readonly depth: number;
  /** What is wrong, and the shortest way there; absent when nothing is. */
  readonly fault?: {
    readonly what: string;
    readonly story: readonly string[];
  };
}

/** The state in which nobody has done anything yet. */
export function beginning({ releases }: Rules, budget: Budget): State {
  return {
    processes: [],
    lock: -1,
    file: undefined,
    owners: [],
    commands: releases.map((_, release) => ({ release, step: "idle" })),
    budget,
    hadOne: false,
  };
}

/** Explores all that may happen under some rules within a budget. */
export function explore(rules: Rules, budget: Budget): Exploration {
  return new Search(rules, budget).run();
}

class Search {
  readonly #rules: Rules;
  readonly #budget: Budget;
  readonly #packer = new StatePacker();
  readonly #print: Fingerprint = { low: 0, high: 0 };
  readonly #table = new StateTable();
  /** For each state the one from which it was reached first. */
  readonly #from = new Numbers();
  /** Where the followers of each state begin, and the followers in a row. */
  readonly #starts = new Numbers();
  readonly #followers = new Numbers();
  #now = new Frontier();
  #next = new Frontier();
  #moves = 0;
  #rests = 0;
  #depth = -1;

  constructor(rules: Rules, budget: Budget) {
    this.#rules = rules;
    this.#budget = budget;
  }

  run(): Exploration {
    this.#enter(beginning(this.#rules, this.#budget), 0);
    for (let at = 0; at < this.#table.size; at++) {
      if (!this.#now.hasMore) this.#turn();
      const fault = this.#visit(at, this.#now.shift());
      if (fault !== undefined) return this.#found(fault);
    }
    this.#starts.push(this.#followers.length);
    const restless = findCircle(this.#starts, this.#followers);
    return this.#found(
      restless < 0
        ? undefined
        : { at: restless, what: "this may go on for ever" },
    );
  }

  /** What is reached from the states of one layer is the next one. */
  #turn(): void {
    this.#depth++;
    const seen = this.#now;
    this.#now = this.#next;
    this.#next = seen;
    seen.clear();
  }

  /** The number of a state; a new one waits for its turn. */
  #enter(state: State, from: number): number {
    const packer = this.#packer;
    packer.pack(state);
    fingerprint(packer.words, packer.length / 4, this.#print);
    const size = this.#table.size;
    const index = this.#table.add(this.#print);
    if (index === size) {
      this.#from.push(from);
      this.#next.push(packer);
    }
    return index;
  }

  #visit(at: number, state: State): Fault | undefined {
    this.#starts.push(this.#followers.length);
    let isAtRest = true;
    for (
      const { to, text, breaks, isMishap, isSpare } of movesToTake(
        state,
        this.#rules,
      )
    ) {
      this.#moves++;
      if (breaks !== undefined) return { at, what: breaks, last: text };
      const size = this.#table.size;
      const target = this.#enter(to, at);
      if (target === size) {
        const what = faultOf(to, { budget: this.#budget });
        if (what !== undefined) return { at: target, what };
      }
      if (isMishap === true || isSpare === true) continue;
      isAtRest = false;
      this.#followers.push(target);
    }
    if (!isAtRest) return undefined;
    this.#rests++;
    const what = faultAtRest(state);
    return what === undefined ? undefined : { at, what };
  }

  #found(fault: Fault | undefined): Exploration {
    const counts = {
      states: this.#table.size,
      moves: this.#moves,
      rests: this.#rests,
      depth: this.#depth,
    };
    if (fault === undefined) return counts;
    const { at, what, last } = fault;
    const story = [...this.#storyOf(at), ...last === undefined ? [] : [last]];
    return { ...counts, fault: { what, story } };
  }

  /** Goes the way to a state once more, with one name for each daemon. */
  #storyOf(at: number): readonly string[] {
    const way: number[] = [];
    for (let index = at; index > 0; index = this.#from.at(index)) {
      way.unshift(index);
    }
    let state = beginning(this.#rules, this.#budget);
    return way.map((index) => {
      const move = movesToTake(state, this.#rules).find(({ to }) => {
        this.#packer.pack(to);
        const { words, length } = this.#packer;
        fingerprint(words, length / 4, this.#print);
        return this.#table.has(index, this.#print.low, this.#print.high);
      });
      if (move === undefined) throw new TypeError("a way cannot be gone again");
      state = move.to;
      return move.text;
    });
  }
}

interface Fault {
  readonly at: number;
  readonly what: string;
  readonly last?: string;
}

/** A fault and the way to it, for people. */
export function tell({ fault, states }: Exploration): string {
  if (fault === undefined) return `no fault in ${states} states`;
  const rows = fault.story.map((text, at) =>
    `${`${at + 1}`.padStart(3)}. ${text}`
  );
  return [`${fault.what}, after ${rows.length} steps:`, ...rows].join("\n");
}
