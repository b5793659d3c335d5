/**
 * What a command of the model still remembers: only what one of its next steps
 * reads. States that differ in nothing else are one state.
 *
 * @module
 */

import type { Command, Step } from "./protocol_state.ts";

/** One bit for each thing that a command may remember. */
export const MEMORY = {
  seen: 1,
  isSilent: 2,
  endOld: 4,
  old: 8,
  daemon: 16,
  before: 32,
  then: 64,
  isRetry: 128,
} as const;

const { seen, isSilent, endOld, old, daemon, before, then, isRetry } = MEMORY;
/** What the end of the old daemon needs. */
const ENDING = old | endOld | isSilent;

/** What each step, or one after it, reads before it is written again. */
const READ_AFTER: Readonly<Record<Step, number>> = {
  adopt: ENDING | isRetry,
  ask: seen | isRetry,
  check: ENDING | daemon | before | then | isRetry,
  clean: ENDING | then | isRetry,
  done: daemon,
  drop: ENDING | seen | isRetry,
  end: ENDING | daemon | then,
  idle: 0,
  locked: isRetry,
  look: seen,
  part: daemon | then | isRetry,
  "prove_old": seen | endOld | isSilent | isRetry,
  prune: ENDING | isRetry,
  ready: ENDING | daemon | isRetry,
  record: ENDING | daemon | then | isRetry,
  refused: seen,
  restore: daemon | before | then | isRetry,
  scan: ENDING | daemon | isRetry,
  spawn: ENDING | isRetry,
  stop: 0,
  wait: 0,
};

/**
 * The bits of all that a command still remembers; what it is ending is not
 * among them, and it remembers that as long as it ends it.
 *
 * Two commands that differ only in other memory take the same steps, with the
 * same outcome, for ever; so the states that hold them do as well, and one of
 * them stands for all. The test of the explorer takes every state of small
 * bounds and sees that its moves depend only on what is kept here.
 */
export function memoryOf(command: Command): number {
  const step = command.step === "stop"
    ? command.stopping?.then ?? "idle"
    : command.step;
  if (step === "clean" && command.then === "done") return daemon | then;
  const read = READ_AFTER[step];
  if ((read & old) === 0) return read;
  if (command.old === undefined) return read & ~ENDING;
  switch (command.endOld) {
    case "ask":
      return read & ~isSilent;
    case "signal":
      return command.isSilent === true ? read : read & ~ENDING;
    case undefined:
      return read & ~ENDING;
  }
}
