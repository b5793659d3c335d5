/**
 * Which moves the explorer takes: all, or where one command is about to take a
 * step that concerns nobody else, that step alone.
 *
 * @module
 */

import { commandMoves } from "./protocol_command.ts";
import {
  type Command,
  type Move,
  type Named,
  processOf,
  type Rules,
  type State,
} from "./protocol_state.ts";
import { movesOf } from "./protocol_world.ts";

/**
 * The moves to take in a state. A lone step is one whose outcome nothing else
 * can change any more, which changes nothing that others read, and before which
 * a crash of its command comes to the same as after it:
 *
 * - reading the state file under the lock, as only its holder writes it,
 * - turning from a daemon in its place to the old one or to cleaning,
 * - finding a process gone, which stays gone, or silent, which stays silent.
 *
 * Whatever else happens before such a step may as well happen after it, and
 * leads to the same state; what is wrong in a state does not depend on how far
 * the step is. So no fault, no end and no circle is lost by taking it first,
 * and as each brings its command nearer to a step that is none of these, no
 * other move is put off for ever. A step that frees the lock is never one: that
 * is seen by who waits for it. Where a stranger may still come up, a step that
 * lets go of a name is none either. The test of the explorer takes every such
 * step in small bounds and sees that it goes with every other move.
 */
export function movesToTake(state: State, rules: Rules): readonly Move[] {
  const at = loneCommand(state);
  return at < 0 ? movesOf(state, rules) : commandMoves(state, at, rules);
}

/** Index of a command whose next step concerns nobody else, or -1. */
export function loneCommand(state: State): number {
  return state.commands.findIndex((command) => isLone(state, command));
}

function isLone(state: State, command: Command): boolean {
  const { step, daemon, seen, old, then, isRetry } = command;
  const mayLetGo = state.budget.reuses === 0;
  switch (step) {
    case "locked":
      return true;
    case "end":
      return then === "clean" ||
        (old !== undefined && command.endOld === "ask");
    case "done":
      return isLost(state, daemon);
    case "prove_old":
      return mayLetGo && isGone(state, seen);
    case "check":
      return mayLetGo && isLost(state, daemon);
    case "part":
      return mayLetGo && isRetry !== true && isGone(state, daemon);
    case "stop":
      return isLoneStop(state, command);
    default:
      return false;
  }
}

function isLoneStop(state: State, { stopping }: Command): boolean {
  if (stopping === undefined) return false;
  const { target, then } = stopping;
  const freesLock = then === "done" || then === "idle";
  return state.budget.reuses === 0 && !freesLock && isGone(state, target);
}

function isGone(state: State, named: Named | undefined): boolean {
  return named !== undefined && processOf(state, named.id) === undefined;
}

/** Gone, or silent, which is for ever. */
function isLost(state: State, named: Named | undefined): boolean {
  if (named === undefined) return false;
  const phase = processOf(state, named.id)?.phase;
  return phase === undefined || phase === "silent";
}
