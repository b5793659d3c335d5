/**
 * The steps of a command of the model that wants a daemon: those of the real
 * start, one by one, so that anything may happen between any two.
 *
 * @module
 */

import {
  adoptableOf,
  challengeOf,
  cleaningOf,
  compare,
  recordedTarget,
} from "./protocol_facts.ts";
import {
  type Command,
  type Move,
  type Named,
  processOf,
  type Rules,
  type State,
  withCommand,
} from "./protocol_state.ts";
import {
  becomingReady,
  checking,
  endingOld,
  parting,
  recording,
  restoring,
  spawning,
  type Turn,
} from "./protocol_spawn.ts";
import { beginCleaning, beginStop, stopMoves } from "./protocol_stop.ts";

/** What a command may do next; at most one thing, as it is one program. */
export function commandMoves(
  state: State,
  at: number,
  rules: Rules,
): readonly Move[] {
  const command = state.commands[at];
  if (command === undefined) return [];
  const turn = { state, at, command, rules };
  const moves = command.step === "stop"
    ? stopMoves(state, at, command, rules)
    : stepMoves(turn);
  const { version } = rules.releases[command.release] ?? { version: "?" };
  const who = `command ${at + 1} (${version})`;
  return moves.map((move) => ({
    ...move,
    to: released(move.to, at),
    text: `${who} ${move.text}`,
  }));
}

/** A command that is not at work holds no lock and remembers little. */
function released(state: State, at: number): State {
  const command = state.commands[at];
  if (command === undefined) return state;
  const { release, step, daemon, seen } = command;
  const isOver = step === "done" || step === "refused" || step === "idle";
  if (!isOver) return state;
  const rest = withCommand(state, at, {
    release,
    step,
    ...step === "done" ? { daemon } : {},
    ...step === "refused" ? { seen } : {},
  });
  return rest.lock === at ? { ...rest, lock: -1 } : rest;
}

function stepMoves(turn: Turn): readonly Move[] {
  const { state, at, command } = turn;
  const go = (text: string, next: Partial<Command>): readonly Move[] => [{
    text,
    to: withCommand(state, at, { ...command, ...next }),
  }];
  switch (command.step) {
    case "idle": {
      const { file: seen } = state;
      return seen === undefined
        ? go("finds no state file", { step: "wait" })
        : go(`reads that daemon ${seen.id} runs`, { step: "look", seen });
    }
    case "look": {
      const daemon = usable(turn, command.seen);
      return daemon === undefined
        ? go("cannot use what it read without the lock", { step: "wait" })
        : go(`uses daemon ${daemon.id}`, { step: "done", daemon });
    }
    case "wait":
      return waiting(turn);
    case "locked":
      return state.file === undefined
        ? go("finds no state file under the lock", { step: "adopt" })
        : go(`reads under the lock that daemon ${state.file.id} runs`, {
          step: "ask",
          seen: state.file,
        });
    case "ask":
      return asking(turn);
    case "prove_old":
      return provingOld(turn);
    case "adopt": {
      const daemon = adoptableOf(state, command.release, turn.rules);
      return daemon === undefined
        ? go("finds no daemon to take back", { step: "prune" })
        : go(`finds the lost daemon ${daemon.id}`, { step: "scan", daemon });
    }
    case "scan":
      return turn.command.daemon !== undefined &&
          challengeOf(state, turn.command.daemon, turn.rules) === "healthy"
        ? go("takes it back", { step: "record", then: "clean" })
        : go("cannot take it back", { step: "prune", daemon: undefined });
    case "prune": {
      const dead = state.owners.find(({ id }) => !processOf(state, id));
      if (dead === undefined) {
        return go("finds no record of the dead", {
          step: "clean",
          then: "spawn",
        });
      }
      const { id, pid, port } = dead;
      const seen = { id, pid, port };
      return go(`reads the record of dead daemon ${id}`, {
        step: "drop",
        seen,
      });
    }
    case "drop": {
      // Whoever has written it since.
      const port = command.seen?.port;
      const owners = state.owners.filter((owner) => owner.port !== port);
      return [{
        text: `removes the record of port ${port}`,
        to: withCommand({ ...state, owners }, at, {
          ...command,
          step: "prune",
        }),
      }];
    }
    case "clean": {
      const targets = cleaningOf(state, turn.rules);
      const then = command.then ?? "done";
      const now = beginCleaning(command, targets, then);
      const ids = targets.map(({ id }) => id).join(" ") || "nothing";
      return [{ text: `cleans ${ids}`, to: withCommand(state, at, now) }];
    }
    case "spawn":
      return spawning(turn);
    case "ready":
      return becomingReady(turn);
    case "record":
      return [recording(turn)];
    case "check":
      return checking(turn);
    case "restore":
      return [restoring(turn)];
    case "part":
      return parting(turn);
    case "end":
      return endingOld(turn);
    case "done": {
      const { daemon } = command;
      const its = daemon && processOf(state, daemon.id);
      const isThere = its !== undefined && its.phase !== "silent";
      return isThere ? [] : go("wants a daemon again", { step: "idle" });
    }
    case "refused": {
      const { seen } = command;
      const isThere = seen !== undefined &&
        challengeOf(state, seen, turn.rules) === "healthy";
      return isThere ? [] : go("tries again", { step: "idle" });
    }
    case "stop":
      return [];
  }
}

/** A healthy daemon that may be used with nothing to clean. */
function usable(
  { state, command, rules }: Turn,
  seen: Named | undefined,
): Named | undefined {
  if (seen === undefined) return undefined;
  if (challengeOf(state, seen, rules) !== "healthy") return undefined;
  const { release } = processOf(state, seen.id) ?? { release: 0 };
  if (compare(command.release, release, rules) !== "use") return undefined;
  return cleaningOf(state, rules).length === 0 ? seen : undefined;
}

function waiting(turn: Turn): readonly Move[] {
  const { state, at, command, rules } = turn;
  if (state.lock < 0 || rules.faults.has("no_lock")) {
    const now = { release: command.release, step: "locked" } as const;
    const to = withCommand({ ...state, lock: at }, at, now);
    return [{ text: "gets the lock", to }];
  }
  const daemon = usable(turn, state.file);
  if (daemon === undefined) return [];
  const now = { ...command, step: "done", daemon } as const;
  return [{
    text: `uses daemon ${daemon.id} and waits for no lock`,
    to: withCommand(state, at, now),
  }];
}

function asking({ state, at, command, rules }: Turn): readonly Move[] {
  const { seen } = command;
  if (seen === undefined) throw new TypeError("nothing to ask");
  const go = (text: string, next: Partial<Command>): readonly Move[] => [{
    text,
    to: withCommand(state, at, { ...command, ...next }),
  }];
  const answer = challengeOf(state, seen, rules);
  if (answer !== "healthy") {
    const isSilent = answer === "silent";
    return go(`finds daemon ${seen.id} ${isSilent ? "silent" : "gone"}`, {
      step: "prove_old",
      isSilent,
      endOld: "signal",
    });
  }
  const { release } = processOf(state, seen.id) ?? { release: 0 };
  switch (compare(command.release, release, rules)) {
    case "refuse":
      return go(`must not use daemon ${seen.id}`, { step: "refused" });
    case "use":
      return go(`may use daemon ${seen.id}`, {
        step: "clean",
        daemon: seen,
        then: "done",
      });
    case "replace":
      return go(`has to replace daemon ${seen.id}`, {
        step: "prove_old",
        endOld: "ask",
      });
  }
}

function provingOld({ state, at, command, rules }: Turn): readonly Move[] {
  const { seen, endOld } = command;
  const old = seen === undefined
    ? undefined
    : recordedTarget(state, seen, rules);
  const text = old === undefined
    ? "cannot prove the recorded daemon"
    : `proves the recorded daemon ${old.id}`;
  if (endOld !== "ask") {
    const now = { ...command, old, step: "adopt" } as const;
    return [{ text, to: withCommand(state, at, now) }];
  }
  const now = { ...command, old, step: "clean", then: "spawn" } as const;
  const isEarly = rules.faults.has("end_before_start") && old !== undefined;
  const { endOld: _, ...early } = now;
  const next = isEarly ? beginStop(early, [old], "ask", "clean") : now;
  return [{
    text,
    to: withCommand({ ...state, ...forget(isEarly) }, at, next),
  }];
}

/** Who ends the old one first has to take it out of the state file as well. */
function forget(isEarly: boolean): Partial<State> {
  return isEarly ? { file: undefined } : {};
}
