/**
 * The codes of the words in a packed state.
 *
 * @module
 */

import type { Process, Step, Stopping } from "./protocol_state.ts";

/** Steps, by code. */
export const STEPS: readonly Step[] = [
  "adopt",
  "ask",
  "check",
  "clean",
  "done",
  "drop",
  "end",
  "idle",
  "locked",
  "look",
  "part",
  "prove_old",
  "prune",
  "ready",
  "record",
  "refused",
  "restore",
  "scan",
  "spawn",
  "stop",
  "wait",
];
/** Steps of the ending of a process, by code. */
export const PARTS: readonly Stopping["at"][] = [
  "ask",
  "hold",
  "kill",
  "prove",
  "prove_kill",
  "prove_term",
  "term",
  "wait",
  "wait_term",
];
/** Phases of processes, by code. */
export const PHASES: readonly Process["phase"][] = [
  "bound",
  "closed",
  "ending",
  "leaving",
  "ready",
  "silent",
  "spawned",
  "stopping",
];
/** Stands for any number of pauses. */
export const NO_END = 255;
/** Stands for no port in a process, and for one not yet known in a name. */
export const NO_PORT = 15;
/** Stands for no next step. */
export const NO_STEP = 31;
/** Numbers and ports are below this, as each has four bits. */
export const MOST = 16;
