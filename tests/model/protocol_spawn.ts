/**
 * How a command of the model starts a daemon and puts it in the place of the
 * old one.
 *
 * @module
 */

import { challengeOf } from "./protocol_facts.ts";
import { fresh } from "./protocol_names.ts";
import {
  type Command,
  type Move,
  processOf,
  type Rules,
  type State,
  withCommand,
  withoutProcess,
} from "./protocol_state.ts";
import { beginStop } from "./protocol_stop.ts";

/** One command that is about to move. */
export interface Turn {
  /** The state. */
  readonly state: State;
  /** Index of the command. */
  readonly at: number;
  /** The command. */
  readonly command: Command;
  /** What the run assumes. */
  readonly rules: Rules;
}

/** Starts a daemon. */
export function spawning({ state, at, command }: Turn): readonly Move[] {
  const id = fresh(state);
  const child = {
    id,
    pid: id,
    kind: "daemon",
    release: command.release,
    phase: "spawned",
    port: undefined,
  } as const;
  const to = { ...state, processes: [...state.processes, child] };
  const daemon = { id, pid: id, port: 0 };
  const now = { ...command, step: "ready", daemon } as const;
  return [{ text: `starts daemon ${id}`, to: withCommand(to, at, now) }];
}

/** Waits for the first answer of its daemon. */
export function becomingReady(turn: Turn): readonly Move[] {
  const { state, at, command, rules } = turn;
  const { daemon } = command;
  const child = daemon === undefined ? undefined : processOf(state, daemon.id);
  const failed = { ...command, step: "idle" } as const;
  if (daemon === undefined || child === undefined) {
    const to = withCommand(state, at, failed);
    return [{ text: "sees its daemon end early, and tries again", to }];
  }
  if (child.phase === "silent") {
    const to = withCommand(withoutProcess(state, child.id), at, failed);
    return [{ text: "ends its own silent child, and tries again", to }];
  }
  const record = state.owners.find(({ id }) => id === child.id);
  if (record === undefined) {
    if (child.phase === "spawned" || child.phase === "bound") return [];
    const to = withCommand(withoutProcess(state, child.id), at, failed);
    return [{ text: "ends its own child, as it finds no record of it", to }];
  }
  if (challengeOf(state, record, rules) !== "healthy") return [];
  const { id, pid, port } = record;
  const now: Command = {
    ...command,
    step: "record",
    then: "done",
    daemon: { id, pid, port },
  };
  const to = withCommand(state, at, now);
  return [{ text: `sees that daemon ${id} is ready`, to }];
}

/** Writes its daemon into the state file. */
export function recording({ state, at, command, rules }: Turn): Move {
  const { daemon } = command;
  const isProved = !rules.faults.has("no_proof_in_place");
  const now: Command = {
    ...command,
    step: isProved ? "check" : "end",
    ...isProved ? { before: state.file } : {},
  };
  return {
    text: `writes daemon ${daemon?.id} into the state file`,
    to: withCommand({ ...state, file: daemon }, at, now),
  };
}

/**
 * Proves its daemon once more, as the state file names it now. It waits for one
 * that says that it is stopping and may yet stay, which takes one look.
 */
export function checking(
  { state, at, command, rules }: Turn,
): readonly Move[] {
  const { daemon, before: _, ...rest } = command;
  if (daemon === undefined) throw new TypeError("nothing to check");
  if (challengeOf(state, daemon, rules) === "healthy") {
    return [{
      text: `proves daemon ${daemon.id} in its place`,
      to: withCommand(state, at, { ...rest, daemon, step: "end" }),
    }];
  }
  if (processOf(state, daemon.id)?.phase === "stopping") return [];
  return [{
    text: `cannot prove daemon ${daemon.id} in its place`,
    to: withCommand(state, at, { ...command, step: "restore" }),
  }];
}

/** Puts the state file back. */
export function restoring({ state, at, command, rules }: Turn): Move {
  const { before, ...rest } = command;
  const file = rules.faults.has("no_restore") ? state.file : before;
  return {
    text: "writes back what the state file said",
    to: withCommand({ ...state, file }, at, { ...rest, step: "part" }),
  };
}

/**
 * Waits for the end of the daemon that it has lost, or ends its own if that is
 * silent, and starts over; after the second time somebody has to give the
 * command again.
 */
export function parting({ state, at, command }: Turn): readonly Move[] {
  const { release, daemon, then, isRetry } = command;
  const lost = daemon === undefined ? undefined : processOf(state, daemon.id);
  const next: Command = isRetry === true
    ? { release, step: "idle" }
    : { release, step: "locked", isRetry: true };
  if (daemon === undefined || lost === undefined) {
    const to = withCommand(state, at, next);
    return [{ text: "has lost its daemon, and tries again", to }];
  }
  if (lost.phase !== "silent") return [];
  // One that was found and not started is left alone.
  const now = then === "clean"
    ? next
    : beginStop(next, [daemon], "ask", next.step);
  const text = `gives up daemon ${daemon.id}, which is silent`;
  return [{ text, to: withCommand(state, at, now) }];
}

/** Ends the old daemon once another has its place. */
export function endingOld({ state, at, command }: Turn): readonly Move[] {
  const { old, endOld, isSilent } = command;
  const then = command.then ?? "done";
  const after = { ...command, then: "done" } as const;
  const isDue = old !== undefined &&
    (endOld === "ask" || (endOld === "signal" && isSilent === true));
  const now = isDue
    ? beginStop(after, [old], endOld, then)
    : { ...after, step: then };
  const text = isDue ? `turns to the old daemon ${old.id}` : "is ready";
  return [{ text, to: withCommand(state, at, now) }];
}
