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
   * any more. A `stopping` one says so and may yet stay, an `ending` one says
   * so and ends, a `leaving` one has removed its record, and a `closed` one has
   * given up its port.
   */
  readonly phase:
    | "bound"
    | "closed"
    | "ending"
    | "leaving"
    | "ready"
    | "silent"
    | "spawned"
    | "stopping";
  /** Port, while it listens. */
  readonly port: number | undefined;
  /** Port whose record a closed one is about to remove, as it is its own. */
  readonly record?: number | undefined;
  /** How far its look at itself is. */
  readonly look?: Look | undefined;
}

/** A look of a daemon at itself, between two of its steps. */
export interface Look {
  /** Whether it has read the state file and is about to ask who it names. */
  readonly hasRead: boolean;
  /** What the state file said. */
  readonly saw: Named | undefined;
  /** Whether it looks because nobody has used it for long. */
  readonly isIdle: boolean;
  /** Whether the look before found it in the state file. */
  readonly wasNamed: boolean;
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
  | "check"
  | "clean"
  | "done"
  | "drop"
  | "end"
  | "idle"
  | "locked"
  | "look"
  | "part"
  | "prove_old"
  | "prune"
  | "ready"
  | "record"
  | "refused"
  | "restore"
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
  /** Whether all of it has to end within a time, as cleaning has. */
  readonly isBrief: boolean;
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
  /** What it read in the state file, or the record that it drops. */
  readonly seen?: Named | undefined;
  /** Whether what it read was found silent. */
  readonly isSilent?: boolean | undefined;
  /** The recorded daemon, where it was proved. */
  readonly old?: Named | undefined;
  /** How the old one is ended once another has its place. */
  readonly endOld?: "ask" | "signal" | undefined;
  /** The daemon that it started, adopts, or was given. */
  readonly daemon?: Named | undefined;
  /** What the state file said before this command wrote it. */
  readonly before?: Named | undefined;
  /** Whether it lost a daemon before and tries again. */
  readonly isRetry?: boolean | undefined;
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
  /**
   * Times that a command stands still, between the first answer of its daemon
   * and the state file, until that daemon looks there; any number if infinite.
   */
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
  | "no_proof_in_place"
  | "no_restore"
  | "no_second_look"
  | "record_last"
  | "replace_any_other"
  | "stopping_looks_well";

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
  /**
   * Whether nothing has to wait for it: a look that finds nothing to do now,
   * or one that comes only because a command stands still. It is as possible
   * as every other, but may happen again and again, or never.
   */
  readonly isSpare?: boolean;
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
