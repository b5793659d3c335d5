/**
 * How a command of the model starts a daemon and puts it in the place of the
 * old one.
 *
 * @module
 */

import { answers } from "./protocol_facts.ts";
import {
  type Command,
  fresh,
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
export function becomingReady({ state, at, command }: Turn): readonly Move[] {
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
  if (!answers(child) || record === undefined) return [];
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
