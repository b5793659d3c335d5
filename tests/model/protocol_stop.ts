/**
 * How a command of the model ends one process: hold it, prove it, ask it, and
 * prove it again right before each signal.
 *
 * @module
 */

import { answers, prove } from "./protocol_facts.ts";
import {
  type Command,
  listenerOf,
  type Move,
  type Named,
  type Process,
  processOf,
  type Rules,
  type State,
  type Step,
  type Stopping,
  withCommand,
  withoutProcess,
  withProcess,
} from "./protocol_state.ts";

const MAY_HAVE_CLOSED = true;

/** Begins to end some processes, one after the other. */
export function beginStop(
  command: Command,
  [target, ...rest]: readonly Named[],
  how: "ask" | "signal",
  then: Step,
): Command {
  if (target === undefined) return { ...command, step: then };
  const stopping: Stopping = {
    target,
    canBeAsked: how === "ask",
    at: "hold",
    isBrief: false,
    held: 0,
    rest,
    then,
  };
  return { ...command, step: "stop", stopping };
}

/** The same, as far as a short time allows. */
export function beginCleaning(
  command: Command,
  targets: readonly Named[],
  then: Step,
): Command {
  const begun = beginStop(command, targets, "ask", then);
  const { stopping } = begun;
  return stopping === undefined
    ? begun
    : { ...begun, stopping: { ...stopping, isBrief: true } };
}

/** Only cleaning ends several. */
function finished(command: Command, { rest, then }: Stopping): Command {
  const { stopping: _, ...free } = command;
  return beginCleaning(free, rest, then);
}

/** The next moves of a command that is ending something. */
export function stopMoves(
  state: State,
  at: number,
  command: Command,
  rules: Rules,
): readonly Move[] {
  const { stopping } = command;
  if (stopping === undefined) throw new TypeError("nothing to stop");
  const moves = stepMoves(state, at, command, stopping, rules);
  const isAsked = stopping.at === "prove" || stopping.at === "prove_term" ||
    stopping.at === "prove_kill";
  if (!stopping.isBrief || !isAsked) return moves;
  const now = finished(command, { ...stopping, rest: [] });
  const to = withCommand(state, at, now);
  return [...moves, { text: "has no time left for cleaning", to }];
}

function stepMoves(
  state: State,
  at: number,
  command: Command,
  stopping: Stopping,
  rules: Rules,
): readonly Move[] {
  const { target, held, canBeAsked } = stopping;
  const go = (text: string, next: Partial<Stopping>): Move => ({
    text,
    to: withCommand(state, at, {
      ...command,
      stopping: { ...stopping, ...next },
    }),
  });
  const end = (text: string): Move => ({
    text,
    to: withCommand(state, at, finished(command, stopping)),
  });
  const proved = (mayHaveClosed: boolean) =>
    rules.faults.has("no_proof")
      ? "proved"
      : prove(state, target, mayHaveClosed);
  const name = `daemon ${target.id} (pid ${target.pid})`;
  switch (stopping.at) {
    case "hold": {
      const found = state.processes.find(({ pid }) => pid === target.pid);
      if (found === undefined) return [end(`finds no pid ${target.pid}`)];
      return [go(`holds pid ${target.pid}`, { at: "prove", held: found.id })];
    }
    case "prove":
      return [
        proved(!MAY_HAVE_CLOSED) === "proved"
          ? go(`proves ${name}`, { at: canBeAsked ? "ask" : "prove_term" })
          : end(`cannot prove ${name}`),
      ];
    case "ask":
      return [ask(state, at, command, stopping)];
    case "wait":
    case "wait_term": {
      if (processOf(state, held) === undefined) return [end(`saw ${name} end`)];
      const next = stopping.at === "wait" ? "prove_term" : "prove_kill";
      return [go(`has waited long enough for ${name}`, { at: next })];
    }
    case "prove_term":
      return [
        proved(canBeAsked) === "proved"
          ? go(`proves ${name} again`, { at: "term" })
          : end(`cannot prove ${name} again`),
      ];
    case "prove_kill":
      return [
        proved(MAY_HAVE_CLOSED) === "proved"
          ? go(`proves ${name} once more`, { at: "kill" })
          : end(`cannot prove ${name} once more`),
      ];
    case "term":
    case "kill":
      return [signal(state, at, command, stopping, rules)];
  }
}

function ask(
  state: State,
  at: number,
  command: Command,
  stopping: Stopping,
): Move {
  const { target } = stopping;
  const record = state.owners.find(({ port }) => port === target.port);
  if (record?.id !== target.id) {
    const next = { ...stopping, at: "prove_term", canBeAsked: false } as const;
    return {
      text: `finds no token of daemon ${target.id}`,
      to: withCommand(state, at, { ...command, stopping: next }),
    };
  }
  const found = listenerOf(state, target.port);
  const isHeard = found !== undefined && answers(found) &&
    found.id === target.id;
  const after = isHeard ? withProcess(state, ending(found)) : state;
  const next = { ...stopping, at: isHeard ? "wait" : "prove_term" } as const;
  return {
    text: `asks daemon ${target.id} to end, ` +
      (isHeard ? "and it agrees" : "in vain"),
    to: withCommand(after, at, { ...command, stopping: next }),
    ...spoiled(state, target),
  };
}

/** The daemon that the state file names is never told to end. */
function spoiled({ file }: State, { id }: Named): { breaks?: string } {
  return file?.id === id
    ? { breaks: "the daemon that the state file names is told to end" }
    : {};
}

function signal(
  state: State,
  at: number,
  command: Command,
  stopping: Stopping,
  { faults }: Rules,
): Move {
  const { target, held } = stopping;
  const isKill = stopping.at === "kill";
  const name = isKill ? "SIGKILL" : "SIGTERM";
  const reached = faults.has("no_hold")
    ? state.processes.find(({ pid }) => pid === target.pid)
    : processOf(state, held);
  if (reached === undefined) {
    const to = withCommand(state, at, finished(command, stopping));
    return { text: `sends ${name} to nobody`, to };
  }
  const after = isKill
    ? withoutProcess(state, reached.id)
    : terminated(state, reached);
  const now = isKill
    ? finished(command, stopping)
    : { ...command, stopping: { ...stopping, at: "wait_term" } as const };
  const who = reached.kind === "stranger"
    ? `a stranger with pid ${reached.pid}`
    : `daemon ${reached.id}`;
  const wrong = reached.kind === "stranger"
    ? { breaks: "a signal goes to a stranger" }
    : reached.id === target.id
    ? spoiled(state, target)
    : { breaks: "a signal goes to another daemon than the one proved" };
  return {
    text: `sends ${name} to ${who}`,
    to: withCommand(after, at, now),
    ...wrong,
  };
}

/** Whoever is told to end looks no more. */
function ending({ look: _, ...one }: Process): Process {
  return { ...one, phase: "ending" };
}

/** SIGTERM ends a starting daemon at once; a silent one does not hear it. */
function terminated(state: State, one: Process): State {
  switch (one.phase) {
    case "spawned":
    case "bound":
      return withoutProcess(state, one.id);
    case "ready":
    case "stopping":
      return withProcess(state, ending(one));
    default:
      return state;
  }
}
