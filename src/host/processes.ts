/**
 * Processes, listening sockets and signals, as far as Reeve needs them.
 *
 * @module
 */

/** One process as the operating system shows it now. */
export interface ProcessFacts {
  /** Process id. */
  readonly pid: number;
  /** Id of the parent process. */
  readonly parentPid: number | undefined;
  /** Numeric user id, where the platform has one. */
  readonly uid: number | undefined;
  /** Opaque text that differs between two processes that had the same pid. */
  readonly startStamp: string;
  /** Start in epoch milliseconds, as exact as the platform tells. */
  readonly startedAt: number | undefined;
  /** A zombie has exited and only waits to be reaped. */
  readonly state: "running" | "stopped" | "zombie";
  /** Argument vector, or `undefined` when it cannot be read or split. */
  readonly argv: readonly string[] | undefined;
  /** Path of the executable, when it can be read. */
  readonly executable: string | undefined;
}

/** What looking for one pid gave. `unknown` is never permission to act. */
export type Inspection =
  | { readonly kind: "found"; readonly facts: ProcessFacts }
  | { readonly kind: "gone" }
  | { readonly kind: "unknown"; readonly reason: string };

/** One listening TCP socket. */
export interface Listener {
  /** Port number. */
  readonly port: number;
  /** Local address in its usual text form, such as `127.0.0.1` or `::`. */
  readonly address: string;
  /** Processes that hold the socket; empty when they cannot be seen. */
  readonly pids: readonly number[];
  /** Numeric user id of the socket, where the platform tells. */
  readonly uid: number | undefined;
}

/** The listening sockets of a port range, or why they cannot be known. */
export type ListenerTable =
  | {
    readonly kind: "table";
    readonly listeners: readonly Listener[];
    /** Whether sockets of other users are listed too. */
    readonly isComplete: boolean;
  }
  | { readonly kind: "unknown"; readonly reason: string };

/** One process among all of them: what tells who belongs together. */
export interface ProcessRow {
  /** Process id. */
  readonly pid: number;
  /** Id of the parent process. */
  readonly parentPid: number;
  /** Id of its session, where the platform tells. */
  readonly sessionId: number | undefined;
  /** Id of its process group, where the platform tells. */
  readonly processGroup: number | undefined;
  /**
   * Numeric id of the effective user; one that forbids to be looked at counts
   * as the superuser's.
   */
  readonly uid: number | undefined;
  /** As in {@linkcode ProcessFacts}. */
  readonly startStamp: string;
  /** As in {@linkcode ProcessFacts}. */
  readonly state: ProcessFacts["state"];
}

/** All processes that can be seen, or why they cannot be known. */
export type ProcessListing =
  | { readonly kind: "table"; readonly rows: readonly ProcessRow[] }
  | { readonly kind: "unknown"; readonly reason: string };

/** Half-open range of ports. */
export interface PortRange {
  /** First port of the range. */
  readonly first: number;
  /** First port after the range. */
  readonly end: number;
}

/** Signals that Reeve sends. */
export type SignalName = "SIGINT" | "SIGTERM" | "SIGKILL";

/** What became of a signal. */
export type SignalOutcome = "sent" | "gone" | "denied";

/** A process taken hold of, so that a later signal can only reach that one. */
export interface ProcessHold extends Disposable {
  /** Process id. */
  readonly pid: number;
  /**
   * Whether the platform guarantees that a signal reaches this very process
   * (a Linux pidfd). If not, the pid could have been reused meanwhile.
   */
  readonly pinned: boolean;
  /** Sends one signal; nothing is sent once the held process has ended. */
  signal(name: SignalName): Promise<SignalOutcome>;
  /** Whether the held process has ended; a zombie has. */
  hasExited(): Promise<boolean>;
}

/** A program to start in the background. */
export interface SpawnCommand {
  /** Path of the executable. */
  readonly executable: string;
  /** Arguments after the executable. */
  readonly args: readonly string[];
  /** Variables added to the inherited environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly cwd: string;
}

/** A service to start in the background. */
export interface ServiceCommand {
  /** Its words; the first is looked for along its own `PATH`. */
  readonly command: readonly [string, ...string[]];
  /** All its variables: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly cwd: string;
  /** File that its output is appended to; made 0600 when it is missing. */
  readonly logPath: string;
}

/** A started background process. */
export interface SpawnedProcess {
  /** Process id. */
  readonly pid: number;
  /** Settles with the exit code when it ends while we still run. */
  readonly exited: Promise<number>;
}

/** Where a process runs: records of another place are never acted on. */
export interface Machine {
  /** Host name. */
  readonly host: string;
  /** Identifies this boot of this machine, when the platform tells. */
  readonly bootId: string | undefined;
  /** Identifies the pid namespace, where there are such things. */
  readonly pidNamespace: string | undefined;
}

/** Processes. */
export interface Processes {
  /** Looks at several processes at once. */
  inspect(pids: readonly number[]): Promise<ReadonlyMap<number, Inspection>>;
  /**
   * All processes in one pass, those that end meanwhile left out. With `among`
   * only these, which is cheaper on some systems.
   */
  table(among?: readonly number[]): Promise<ProcessListing>;
  /**
   * Values of a variable in the environments that processes were started
   * with; one without it, or that may not be looked at, is left out.
   */
  readVariable(
    name: string,
    pids: readonly number[],
  ): Promise<ReadonlyMap<number, string>>;
  /**
   * Listening sockets with a port in the range. With `among` only these
   * processes are searched for the sockets' owners, which is much cheaper.
   */
  listeners(
    range: PortRange,
    among?: readonly number[],
  ): Promise<ListenerTable>;
  /** Takes hold of a process before it is verified and signalled. */
  hold(pid: number): Promise<ProcessHold | "gone" | "denied">;
  /** Starts a program that outlives us: own session, no terminal, no pipes. */
  spawn(command: SpawnCommand): Promise<SpawnedProcess>;
  /**
   * Starts a service that outlives us: the leader of its own session and
   * process group before its first instruction, its input empty, its output
   * appended to a file. A missing program or directory is the `not_found`
   * subject.
   */
  spawnService(command: ServiceCommand): Promise<SpawnedProcess>;
  /** This machine, boot and namespace. */
  machine(): Promise<Machine>;
  /** Calls back on SIGTERM, SIGINT or SIGHUP; returns how to stop listening. */
  onTermination(callback: (signal: string) => void): () => void;
  /** Gives up, for good, the rights to run and signal processes. */
  dropRights(): Promise<readonly string[]>;
}
