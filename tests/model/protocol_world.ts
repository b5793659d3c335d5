/**
 * Everything that may happen next in the model, what may go wrong, and what
 * must never be.
 *
 * @module
 */

import { commandMoves } from "./protocol_command.ts";
import { beginIdleLook, daemonMoves } from "./protocol_daemon.ts";
import { fresh, placesForStrangers } from "./protocol_names.ts";
import {
  type Budget,
  type Move,
  type Process,
  type Rules,
  type State,
  withCommand,
  withoutProcess,
  withProcess,
} from "./protocol_state.ts";

/** Everything that may happen next. */
export function movesOf(state: State, rules: Rules): readonly Move[] {
  const moves: Move[] = [];
  for (let at = 0; at < state.commands.length; at++) {
    moves.push(...commandMoves(state, at, rules));
  }
  for (const one of state.processes) {
    moves.push(...daemonMoves(state, one, rules));
  }
  const { crashes, reuses, silences, idles } = state.budget;
  if (crashes + reuses + silences + idles > 0) moves.push(...mishaps(state));
  return moves;
}

function spend(state: State, what: keyof Budget): State {
  const { budget } = state;
  return { ...state, budget: { ...budget, [what]: budget[what] - 1 } };
}

function mishaps(state: State): readonly Move[] {
  const { budget } = state;
  const moves: Move[] = [];
  if (budget.crashes > 0) moves.push(...crashes(spend(state, "crashes")));
  if (budget.reuses > 0) moves.push(...reuses(spend(state, "reuses")));
  for (const one of state.processes) {
    if (one.kind === "stranger") continue;
    const isUp = one.phase === "ready" || one.phase === "bound" ||
      one.phase === "stopping";
    if (budget.silences > 0 && isUp) {
      moves.push({
        text: `daemon ${one.id} answers nobody any more`,
        to: withProcess(spend(state, "silences"), {
          ...one,
          phase: "silent",
          look: undefined,
        }),
      });
    }
    const isCalm = one.phase === "ready" && one.look === undefined;
    if (budget.idles > 0 && isCalm) {
      moves.push(beginIdleLook(spend(state, "idles"), one));
    }
  }
  return moves.map((move) => ({ ...move, isMishap: true }));
}

function crashes(state: State): readonly Move[] {
  const daemons = state.processes.filter(({ kind }) => kind === "daemon")
    .map(({ id }): Move => ({
      text: `daemon ${id} crashes`,
      to: withoutProcess(state, id),
    }));
  const commands = state.commands.flatMap(({ step, release }, at): Move[] => {
    const isAtWork = step !== "idle" && step !== "done" && step !== "refused" &&
      step !== "look" && step !== "wait";
    if (!isAtWork) return [];
    const free = state.lock === at ? { ...state, lock: -1 } : state;
    return [{
      text: `command ${at + 1} crashes, and somebody gives it again`,
      to: withCommand(free, at, { release, step: "idle" }),
    }];
  });
  return [...daemons, ...commands];
}

/** A stranger comes up where something may take it for a daemon. */
function reuses(state: State): readonly Move[] {
  const id = fresh(state);
  return placesForStrangers(state).map(({ pid = id, port }): Move => {
    const stranger: Process = {
      id,
      pid,
      kind: "stranger",
      release: 0,
      phase: "silent",
      port,
    };
    const place = port === undefined ? "no port" : `port ${port}`;
    return {
      text: `a stranger gets pid ${pid} and ${place}`,
      to: { ...state, processes: [...state.processes, stranger] },
    };
  });
}

/** What is wrong with a state, whoever moves next. */
export function faultOf(
  state: State,
  { budget }: { readonly budget: Budget },
): string | undefined {
  const { processes, hadOne } = state;
  const spent = budget.crashes - state.budget.crashes +
    budget.silences - state.budget.silences +
    budget.idles - state.budget.idles;
  const daemons = processes.filter(({ kind }) => kind === "daemon");
  if (daemons.length > state.commands.length + spent) {
    return `${daemons.length} daemons live after ${spent} mishaps`;
  }
  const { file, owners } = state;
  const named = daemons.find(({ id }) => id === file?.id);
  if (named?.phase === "ready" && !owners.some(({ id }) => id === named.id)) {
    return "the daemon that the state file names has lost its record";
  }
  // One that may yet stay does its work meanwhile.
  const isServed = daemons.some(({ phase }) =>
    phase === "ready" || phase === "stopping"
  );
  return hadOne && spent === 0 && !isServed
    ? "nothing went wrong, and no daemon answers any more"
    : undefined;
}

/** What is wrong with a state in which nothing happens any more. */
export function faultAtRest(state: State): string | undefined {
  const { processes, file, commands, lock } = state;
  const live = processes.filter(({ kind, phase }) =>
    kind === "daemon" && phase !== "silent"
  );
  const [one] = live;
  if (one === undefined) return "no daemon at the end";
  if (live.length > 1) return `${live.length} live daemons at the end`;
  if (file?.id !== one.id || one.phase !== "ready") {
    return "the state file does not name the one daemon at the end";
  }
  if (lock >= 0) return "somebody holds the lock at the end";
  const isServed = commands.every(({ step, daemon }) =>
    step === "refused" || (step === "done" && daemon?.id === one.id)
  );
  return isServed ? undefined : "a command waits for ever";
}
