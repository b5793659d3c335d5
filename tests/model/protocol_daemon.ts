/**
 * What daemons of the model do by themselves, step by step.
 *
 * @module
 */

import { isNamed } from "../../src/daemon/retirement.ts";
import { retires } from "./protocol_facts.ts";
import {
  FIRST_PORT,
  listenerOf,
  type Look,
  type Move,
  type Named,
  type Process,
  type Rules,
  type State,
  withoutProcess,
  withProcess,
} from "./protocol_state.ts";

function firstFreePort({ processes }: State): number {
  let port = FIRST_PORT;
  while (processes.some((one) => one.port === port)) port++;
  return port;
}

/** What a daemon may do next; at most one thing, as it is one program. */
export function daemonMoves(
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
    case "ready":
      return one.look === undefined
        ? beginLook(state, one, rules)
        : [endFirstLook(state, one, one.look, rules)];
    case "stopping":
      return lookAgain(state, one, rules);
    case "ending":
    case "leaving":
    case "closed":
      return [endingStep(state, one, rules)];
    case "silent":
      return [];
  }
}

/**
 * A daemon removes its record while the port is still its own, as then nobody
 * else writes that of the port. Reading whose it is and removing it are two
 * steps where that is left out.
 */
function endingStep(state: State, one: Process, { faults }: Rules): Move {
  const { id, port } = one;
  const name = `daemon ${id}`;
  const its = state.owners.find((owner) => owner.id === id)?.port;
  if (one.phase === "closed") {
    const owners = state.owners.filter((owner) => owner.port !== one.record);
    return {
      text: `${name} ends`,
      to: withoutProcess({ ...state, owners }, id),
    };
  }
  if (one.phase === "leaving" || faults.has("record_last")) {
    const record = faults.has("record_last") ? its : undefined;
    const closed = {
      ...one,
      phase: "closed",
      port: undefined,
      record,
    } as const;
    return {
      text: `${name} gives up its port`,
      to: withProcess(state, closed),
    };
  }
  const owners = state.owners.filter((owner) => owner.port !== port);
  return {
    text: `${name} removes its record`,
    to: withProcess({ ...state, owners }, { ...one, phase: "leaving" }),
  };
}

function names(saw: Named | undefined, { pid, port }: Process): boolean {
  return port !== undefined && isNamed({ pid, port }, saw);
}

/**
 * A daemon reads the state file. There is something to do for it only when
 * another one that is well is named there, and no command is about to change
 * that: commands may stand still for as long as they like, but not for ever.
 */
function beginLook(
  state: State,
  one: Process,
  rules: Rules,
): readonly Move[] {
  const { file: saw } = state;
  if (rules.faults.has("never_retire")) return [];
  if (saw === undefined || names(saw, one)) return [];
  const look = { hasRead: true, saw, isIdle: false, wasNamed: false };
  const isYoung = state.commands.some(({ step, daemon }) =>
    (step === "ready" || step === "record") && daemon?.id === one.id
  );
  if (isYoung && state.budget.pauses === 0) return [];
  const isVain = !retires(state, one, look, rules);
  if (isVain && !mayComeBack(state, saw)) return [];
  const isSpare = isYoung || isVain;
  const before = isYoung ? paused(state) : state;
  return [{
    text: `daemon ${one.id} reads that daemon ${saw.id} runs`,
    to: withProcess(before, { ...one, look }),
    isSpare,
  }];
}

/** Who is not well now can only be well later when it may yet stay. */
function mayComeBack(state: State, { pid, port }: Named): boolean {
  const found = listenerOf(state, port);
  return found?.pid === pid && found.phase === "stopping";
}

function paused(state: State): State {
  const { budget } = state;
  return { ...state, budget: { ...budget, pauses: budget.pauses - 1 } };
}

/** A daemon that nobody has used for long reads the state file. */
export function beginIdleLook(state: State, one: Process): Move {
  const { file: saw } = state;
  const look = { hasRead: true, saw, isIdle: true, wasNamed: false };
  return {
    text: `daemon ${one.id} has been used by nobody for long`,
    to: withProcess(state, { ...one, look }),
  };
}

function endFirstLook(
  state: State,
  one: Process,
  look: Look,
  rules: Rules,
): Move {
  const name = `daemon ${one.id}`;
  const { look: _, ...calm } = one;
  if (!retires(state, one, look, rules)) {
    return { text: `${name} stays`, to: withProcess(state, calm) };
  }
  if (rules.faults.has("no_second_look")) {
    const to = withProcess(state, { ...calm, phase: "ending" });
    return { text: `${name} is about to end`, to };
  }
  const again: Look = {
    hasRead: false,
    saw: undefined,
    isIdle: look.isIdle,
    wasNamed: names(look.saw, one),
  };
  return {
    text: `${name} says that it is stopping`,
    to: withProcess(state, { ...one, phase: "stopping", look: again }),
  };
}

/** One that was named since its first look was wanted just now. */
function lookAgain(
  state: State,
  one: Process,
  rules: Rules,
): readonly Move[] {
  const { look } = one;
  if (look === undefined) throw new TypeError("stopping without a look");
  const name = `daemon ${one.id}`;
  if (!look.hasRead) {
    const { file: saw } = state;
    const now = { ...look, hasRead: true, saw };
    return [{
      text: `${name} reads the state file again`,
      to: withProcess(state, { ...one, look: now }),
    }];
  }
  const { look: _, ...calm } = one;
  const isIdle = look.isIdle && (look.wasNamed || !names(look.saw, one));
  return [
    retires(state, one, { ...look, isIdle }, rules)
      ? {
        text: `${name} is about to end`,
        to: withProcess(state, { ...calm, phase: "ending" }),
      }
      : {
        text: `${name} stays after all`,
        to: withProcess(state, { ...calm, phase: "ready" }),
      },
  ];
}
