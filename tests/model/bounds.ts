/**
 * How far the model of the protocol is explored, and what it is told to leave
 * out to see that the checker notices.
 *
 * @module
 */

import type { Budget, Fault, Rules } from "./protocol_state.ts";

/** Nothing goes wrong. */
export const NO_MISHAPS: Budget = {
  crashes: 0,
  reuses: 0,
  silences: 0,
  idles: 0,
  pauses: 0,
};

/** Some commands, and how much may go wrong while they are at work. */
export interface Cast {
  /** The same for people. */
  readonly name: string;
  /** A version and a protocol for each command. */
  readonly releases: Rules["releases"];
  /** Explored whenever tests run. */
  readonly short: readonly Partial<Budget>[];
  /** Explored as well by `deno task model`. */
  readonly whole: readonly Partial<Budget>[];
  /** Explored as well with `--long`. */
  readonly long: readonly Partial<Budget>[];
}

const FOR_TWO: Pick<Cast, "long" | "short" | "whole"> = {
  short: [
    {},
    { pauses: Infinity },
    { pauses: 1, reuses: 1 },
    { pauses: 1, silences: 1 },
    { pauses: 1, idles: 1 },
    { crashes: 1, reuses: 1 },
    { silences: 1, reuses: 1 },
    { idles: 1, reuses: 1 },
  ],
  whole: [
    { crashes: 1 },
    { pauses: 1, crashes: 1 },
    { pauses: Infinity, silences: 1 },
    { pauses: Infinity, idles: 1 },
    { crashes: 1, silences: 1 },
    { crashes: 1, idles: 1 },
  ],
  long: [
    { pauses: Infinity, crashes: 1 },
    { crashes: 1, reuses: 1, silences: 1 },
    { crashes: 2, reuses: 2 },
  ],
};

/** The two commands of two versions. */
export const TWO_VERSIONS: Cast = {
  name: "two versions",
  releases: [
    { version: "1.0.0", protocol: 1 },
    { version: "1.1.0", protocol: 1 },
  ],
  ...FOR_TWO,
  long: [...FOR_TWO.long, { pauses: 1, crashes: 2 }],
};

/** Two of two protocols as well, and three. */
export const CASTS: readonly Cast[] = [
  TWO_VERSIONS,
  {
    name: "two protocols",
    releases: [
      { version: "1.0.0", protocol: 1 },
      { version: "2.0.0", protocol: 2 },
    ],
    ...FOR_TWO,
  },
  {
    name: "three versions, two protocols",
    releases: [
      { version: "1.0.0", protocol: 1 },
      { version: "1.1.0", protocol: 1 },
      { version: "2.0.0", protocol: 2 },
    ],
    short: [{}, { reuses: 1 }],
    whole: [{ pauses: 1, reuses: 1 }, { pauses: Infinity }],
    long: [{ crashes: 1 }, { crashes: 1, reuses: 1 }],
  },
];

/** One part that is left out, how much may go wrong, and what is noticed. */
export interface SeededFault {
  /** What is left out. */
  readonly fault: Fault;
  /** The same for people. */
  readonly text: string;
  /** What may go wrong. */
  readonly budget: Partial<Budget>;
  /** What the checker says. */
  readonly notices: string;
}

/** All of them. */
export const SEEDED: readonly SeededFault[] = [
  {
    fault: "no_lock",
    text: "two commands start without the lock",
    budget: {},
    notices: "nothing went wrong, and no daemon answers any more",
  },
  {
    fault: "end_before_start",
    text: "the old daemon is ended before the new one is proved",
    budget: {},
    notices: "nothing went wrong, and no daemon answers any more",
  },
  {
    fault: "replace_any_other",
    text: "an older command replaces a newer daemon",
    budget: {},
    notices: "this may go on for ever",
  },
  {
    fault: "no_proof",
    text: "nothing is proved right before a signal",
    budget: { crashes: 1, reuses: 1 },
    notices: "a signal goes to a stranger",
  },
  {
    fault: "no_hold",
    text: "a signal goes to a pid and not to a held process",
    budget: { crashes: 1, reuses: 1 },
    notices: "a signal goes to a stranger",
  },
  {
    fault: "never_retire",
    text: "a superseded daemon does not retire",
    budget: { crashes: 1 },
    notices: "2 live daemons at the end",
  },
  {
    fault: "no_proof_in_place",
    text: "the new daemon is not proved once more after it was recorded",
    budget: { pauses: 1 },
    notices: "nothing went wrong, and no daemon answers any more",
  },
  {
    fault: "no_restore",
    text: "the state file is not written back when that proof fails",
    budget: { pauses: 1 },
    notices: "nothing went wrong, and no daemon answers any more",
  },
  {
    fault: "stopping_looks_well",
    text: "a daemon that is about to end answers as one that stays",
    budget: { pauses: 1 },
    notices: "nothing went wrong, and no daemon answers any more",
  },
  {
    fault: "record_last",
    text: "a daemon removes its record after it has given up its port",
    budget: { idles: 1 },
    notices: "the daemon that the state file names has lost its record",
  },
  {
    fault: "no_second_look",
    text: "a daemon that is about to end does not look once more",
    budget: { pauses: 1 },
    notices: "nothing went wrong, and no daemon answers any more",
  },
];
