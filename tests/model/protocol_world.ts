/**
 * What daemons of the model do by themselves, and what may go wrong.
 *
 * @module
 */

import { commandMoves } from "./protocol_command.ts";
import { retires } from "./protocol_facts.ts";
import {
  type Budget,
  FIRST_PORT,
  fresh,
  type Move,
  type Process,
  reusablePids,
  type Rules,
  type State,
  withCommand,
  withoutProcess,
  withProcess,
} from "./protocol_state.ts";

/** Everything that may happen next. */
export function movesOf(state: State, rules: Rules): readonly Move[] {
  return [
    ...state.commands.flatMap((_, at) => commandMoves(state, at, rules)),
    ...state.processes.flatMap((one) => daemonMoves(state, one, rules)),
    ...mishaps(state),
  ];
}

function firstFreePort({ processes }: State): number {
  let port = FIRST_PORT;
  while (processes.some((one) => one.port === port)) port++;
  return port;
}

function daemonMoves(
  state: State,
  one: Process,
  rules: Rules,
): readonly Move[] {
  if (one.kind === "stranger") return [];
  const name = `daemon ${one.id}`;
  const { id, pid, release } = one;
  switch (one.phase) {
    case "spawned": {
      const port = firstFreePort(state);
      const bound = { ...one, phase: "bound", port } as const;
      return [{
        text: `${name} takes port ${port}`,
        to: withProcess(state, bound),
      }];
    }
    case "bound": {
      const port = one.port ?? 0;
      const others = state.owners.filter((owner) => owner.port !== port);
      const owners = [...others, { id, pid, port, release }]
        .toSorted((a, b) => a.port - b.port);
      const to = withProcess({ ...state, owners, hadOne: true }, {
        ...one,
        phase: "ready",
      });
      return [{ text: `${name} writes its record and answers`, to }];
    }
    case "ready": {
      return superseded(state, one, rules);
    }
    case "ending": {
      const closed = { ...one, phase: "closed", port: undefined } as const;
      return [{
        text: `${name} gives up its port`,
        to: withProcess(state, closed),
      }];
    }
    case "closed": {
      const owners = state.owners.filter((owner) => owner.id !== id);
      const to = withoutProcess({ ...state, owners }, id);
      return [{ text: `${name} removes its record and ends`, to }];
    }
    case "silent":
      return [];
  }
}

/**
 * A daemon looks at the state file for the first time long after its start has
 * to be over, so it sees the old one there only when its starter stands still.
 */
function superseded(
  state: State,
  one: Process,
  rules: Rules,
): readonly Move[] {
  if (rules.faults.has("never_retire")) return [];
  const isIdle = false;
  if (!retires(state, one, isIdle)) return [];
  const isYoung = state.commands.some(({ step, daemon }) =>
    (step === "ready" || step === "record") && daemon?.id === one.id
  );
  if (isYoung && state.budget.pauses === 0) return [];
  const before = isYoung ? spend(state, "pauses") : state;
  return [{
    text: `daemon ${one.id} sees another in its place`,
    to: withProcess(before, { ...one, phase: "ending" }),
    ...isYoung ? { isMishap: true } : {},
  }];
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
    const isUp = one.phase === "ready" || one.phase === "bound";
    if (budget.silences > 0 && isUp) {
      moves.push({
        text: `daemon ${one.id} answers nobody any more`,
        to: withProcess(spend(state, "silences"), { ...one, phase: "silent" }),
      });
    }
    const isIdle = true;
    if (
      budget.idles > 0 && one.phase === "ready" &&
      retires(state, one, isIdle)
    ) {
      moves.push({
        text: `daemon ${one.id} ends, as nobody has used it for long`,
        to: withProcess(spend(state, "idles"), { ...one, phase: "ending" }),
      });
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

/** A stranger gets the pid of an ended daemon, with its old port or none. */
function reuses(state: State): readonly Move[] {
  const id = fresh(state);
  const named = [
    state.file,
    ...state.owners,
    ...state.commands.flatMap(({ old, stopping }) => [old, stopping?.target]),
  ];
  return reusablePids(state).flatMap((pid) => {
    const ports = named.flatMap((one) => one?.pid === pid ? [one.port] : [])
      .filter((port) => !state.processes.some((one) => one.port === port));
    return [undefined, ...new Set(ports)].map((port): Move => {
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
    budget.idles - state.budget.idles +
    budget.pauses - state.budget.pauses;
  const daemons = processes.filter(({ kind }) => kind === "daemon");
  if (daemons.length > 2 + spent) {
    return `${daemons.length} daemons live after ${spent} mishaps`;
  }
  const isServed = daemons.some(({ phase }) => phase === "ready");
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
