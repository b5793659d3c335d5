/**
 * The state of the model of starting, handing over and retiring: processes,
 * the lock, the state file, owner records, and how far each command is.
 *
 * @module
 */

/** A daemon or a stranger. Its id stands for its start stamp and its token. */
export interface Process {
  /** Never given twice. */
  readonly id: number;
  /** Process id, which a stranger may have after a daemon. */
  readonly pid: number;
  /** What it is. */
  readonly kind: "daemon" | "stranger";
  /** Which of the two versions; a stranger has none. */
  readonly release: number;
  /**
   * How far it is. A `bound` daemon answers nobody yet, a `silent` one nobody
   * any more, an `ending` one still answers, and a `closed` one has given up
   * its port.
   */
  readonly phase:
    | "bound"
    | "closed"
    | "ending"
    | "ready"
    | "silent"
    | "spawned";
  /** Port, while it listens. */
  readonly port: number | undefined;
}

/** Names one daemon: what a state file, a record or a proof says of it. */
export interface Named {
  /** Start stamp and token. */
  readonly id: number;
  /** Process id. */
  readonly pid: number;
  /** Port. */
  readonly port: number;
}

/** An owner record on disk, one for each port. */
export interface Owner extends Named {
  /** Version of the daemon that wrote it. */
  readonly release: number;
}

/** How far a command is. */
export type Step =
  | "adopt"
  | "ask"
  | "clean"
  | "done"
  | "end"
  | "idle"
  | "locked"
  | "look"
  | "prove_old"
  | "prune"
  | "ready"
  | "record"
  | "refused"
  | "scan"
  | "spawn"
  | "stop"
  | "wait";

/** How far the ending of one process is. */
export interface Stopping {
  /** What was proved about it. */
  readonly target: Named;
  /** Whether it may be asked to end before it gets a signal. */
  readonly canBeAsked: boolean;
  /** The step that is next. */
  readonly at:
    | "ask"
    | "hold"
    | "kill"
    | "prove"
    | "prove_kill"
    | "prove_term"
    | "term"
    | "wait"
    | "wait_term";
  /** The process that is held, by id; 0 when none is. */
  readonly held: number;
  /** Others that are ended after it. */
  readonly rest: readonly Named[];
  /** Where the command goes on. */
  readonly then: Step;
}

/** One command that wants a daemon, and wants one again once its is gone. */
export interface Command {
  /** Which of the two versions. */
  readonly release: number;
  /** How far it is. */
  readonly step: Step;
  /** What it read in the state file. */
  readonly seen?: Named | undefined;
  /** Whether what it read was found silent. */
  readonly isSilent?: boolean | undefined;
  /** The recorded daemon, where it was proved. */
  readonly old?: Named | undefined;
  /** How the old one is ended once another has its place. */
  readonly endOld?: "ask" | "signal" | undefined;
  /** The daemon that it started, adopts, or was given. */
  readonly daemon?: Named | undefined;
  /** Where it goes on after cleaning. */
  readonly then?: Step | undefined;
  /** What it is ending. */
  readonly stopping?: Stopping | undefined;
}

/** What may still go wrong. */
export interface Budget {
  /** Crashes of commands and daemons. */
  readonly crashes: number;
  /** Pids of ended daemons that strangers get. */
  readonly reuses: number;
  /** Daemons that stop to answer. */
  readonly silences: number;
  /** Daemons that end because nobody used them for long. */
  readonly idles: number;
  /** Commands that stand still, just then, for longer than a daemon's tick. */
  readonly pauses: number;
}

/** One state of the model. */
export interface State {
  /** Living processes. */
  readonly processes: readonly Process[];
  /** Index of the command that holds the lock; -1 when nobody does. */
  readonly lock: number;
  /** What the state file says. */
  readonly file: Named | undefined;
  /** Owner records. */
  readonly owners: readonly Owner[];
  /** The commands. */
  readonly commands: readonly Command[];
  /** What may still go wrong. */
  readonly budget: Budget;
  /** Whether some daemon has answered before. */
  readonly hadOne: boolean;
}

/** Parts of the protocol that a test leaves out to see the checker notice. */
export type Fault =
  | "end_before_start"
  | "never_retire"
  | "no_hold"
  | "no_lock"
  | "no_proof"
  | "replace_any_other";

/** What one run of the model assumes. */
export interface Rules {
  /** Versions and protocols of the two commands. */
  readonly releases: readonly {
    readonly version: string;
    readonly protocol: number;
  }[];
  /** What is left out. */
  readonly faults: ReadonlySet<Fault>;
}

/** One thing that may happen. */
export interface Move {
  /** The same for people. */
  readonly text: string;
  /** What comes of it. */
  readonly to: State;
  /** Whether something goes wrong by it, which the budget bounds. */
  readonly isMishap?: boolean;
  /** What it breaks, when it breaks something at once. */
  readonly breaks?: string;
}

/** The first port of the range. */
export const FIRST_PORT = 9400;

/** The process that listens on a port. */
export function listenerOf(
  { processes }: State,
  port: number,
): Process | undefined {
  return processes.find((one) => one.port === port);
}

/** The process with an id. */
export function processOf(
  { processes }: State,
  id: number,
): Process | undefined {
  return processes.find((one) => one.id === id);
}

/** Puts one process in the place of that with its id. */
export function withProcess(state: State, changed: Process): State {
  const processes = state.processes.map((one) =>
    one.id === changed.id ? changed : one
  );
  return { ...state, processes };
}

/** Takes a process away. */
export function withoutProcess(state: State, id: number): State {
  const processes = state.processes.filter((one) => one.id !== id);
  return { ...state, processes };
}

/** Puts one command in the place of another. */
export function withCommand(state: State, at: number, now: Command): State {
  const commands = state.commands.map((one, index) => index === at ? now : one);
  return { ...state, commands };
}

/** Calls back with every id and every pid that something names. */
function forEachNumber(
  { processes, file, owners, commands }: State,
  see: (id: number, pid: number) => void,
): void {
  const seeOne = (one: Named | undefined) => {
    if (one !== undefined) see(one.id, one.pid);
  };
  for (const { id, pid } of processes) see(id, pid);
  seeOne(file);
  owners.forEach(seeOne);
  for (const { seen, old, daemon, stopping } of commands) {
    seeOne(seen);
    seeOne(old);
    seeOne(daemon);
    if (stopping === undefined) continue;
    seeOne(stopping.target);
    stopping.rest.forEach(seeOne);
    see(stopping.held, 0);
  }
}

/** The smallest number that is no id and no pid yet. */
export function fresh(state: State): number {
  let last = 0;
  forEachNumber(state, (id, pid) => last = Math.max(last, id, pid));
  return last + 1;
}

/** Pids that something still names and no process has. */
export function reusablePids(state: State): readonly number[] {
  const pids = new Set<number>();
  forEachNumber(state, (_, pid) => pids.add(pid));
  pids.delete(0);
  for (const { pid } of state.processes) pids.delete(pid);
  return [...pids];
}

/** One spelling for states that differ only in their numbers. */
export function keyOf(state: State): string {
  const ranks: number[] = [0];
  const rank = (number: number): number => {
    const at = ranks.indexOf(number);
    return at < 0 ? ranks.push(number) - 1 : at;
  };
  const name = (one: Named | undefined): string =>
    one === undefined ? "-" : `${rank(one.id)}.${rank(one.pid)}.${one.port};`;
  let key = `${state.lock}${name(state.file)}${state.hadOne ? "h" : ""}`;
  for (const one of state.commands) {
    key += `|${one.step},${one.then ?? ""},${one.endOld ?? ""}` +
      `${one.isSilent === true ? "s" : ""}${name(one.seen)}${name(one.old)}` +
      name(one.daemon);
    const { stopping } = one;
    if (stopping === undefined) continue;
    key += `${stopping.at},${stopping.then}${stopping.canBeAsked ? "a" : ""}` +
      `${rank(stopping.held)}${name(stopping.target)}`;
    for (const row of stopping.rest) key += name(row);
  }
  for (const one of state.owners) key += `/${name(one)}${one.release}`;
  for (const one of state.processes) {
    key += `/${rank(one.id)}.${rank(one.pid)}${one.kind[0]}${one.release}` +
      `${one.phase}${one.port ?? ""}`;
  }
  const { crashes, reuses, silences, idles, pauses } = state.budget;
  return `${key}/${crashes}${reuses}${silences}${idles}${pauses}`;
}
