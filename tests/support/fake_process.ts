/**
 * One process of a fake world.
 *
 * @module
 */

import type { LoopbackReply, LoopbackRequest } from "../../src/host/host.ts";
import type {
  ProcessFacts,
  ProcessRow,
  SignalName,
  SignalOutcome,
} from "../../src/host/processes.ts";

/** Ends the code of a process that has ended but cannot be made to wait. */
export class ProcessEnded extends Error {
  /** Creates the error for one process. */
  constructor(pid: number) {
    super(`process ${pid} has ended`);
    this.name = "ProcessEnded";
  }
}

/** Answers the requests to a port. */
export type Respond = (
  request: LoopbackRequest,
) => LoopbackReply | Promise<LoopbackReply>;

/**
 * What a process does with signals:
 *
 * - `polite` ends on SIGTERM after `delayMs`, and on SIGKILL;
 * - `stubborn` ends on SIGKILL only;
 * - `immortal` ends on neither;
 * - `denied` belongs to somebody else: no signal reaches it;
 * - `zombie_after_term` ends on both, but nobody reaps it;
 * - a function decides by itself; `world.endProcess()` ends the process.
 */
export type SignalBehaviour =
  | "denied"
  | "immortal"
  | "polite"
  | "stubborn"
  | "zombie_after_term"
  | ((name: SignalName, process: FakeProcess) => SignalOutcome);

/** A listening socket. */
export interface FakeSocket {
  /** Port. */
  readonly port: number;
  /** Local address. @default "127.0.0.1" */
  readonly address?: string;
  /** Answers requests to this port instead of the process's `respond`. */
  readonly respond?: Respond;
  /** Answers raw bytes; without it there is silence. */
  readonly answer?: (bytes: Uint8Array) => Uint8Array | "hangs_up" | undefined;
}

/** A listening socket with its address. */
export type BoundSocket = FakeSocket & Required<Pick<FakeSocket, "address">>;

/** How to make a process; everything has a default. */
export interface FakeProcessSpec {
  /** Process id. @default the next free one from 5000 */
  readonly pid?: number;
  /** Differs from that of every other process. @default a counter */
  readonly startStamp?: string;
  /** Argument vector. @default ["program"] */
  readonly argv?: readonly string[] | undefined;
  /** Running, stopped or zombie. @default "running" */
  readonly state?: ProcessFacts["state"];
  /** Numeric user id. @default 1000 */
  readonly uid?: number | undefined;
  /** Id of the parent process. @default 1 */
  readonly parentPid?: number | undefined;
  /** Id of its session. @default its pid */
  readonly sessionId?: number | undefined;
  /** Id of its process group. @default its pid */
  readonly processGroup?: number | undefined;
  /** Environment it was started with; `undefined` cannot be read. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Path of the executable. @default "/usr/bin/program" */
  readonly executable?: string | undefined;
  /** Start in epoch milliseconds. @default now */
  readonly startedAt?: number | undefined;
  /** Sockets it listens on; a number listens on 127.0.0.1. */
  readonly ports?: readonly (number | FakeSocket)[];
  /** What it does with signals. @default "polite" */
  readonly onSignal?: SignalBehaviour;
  /** How long it takes to end when asked to. @default 0 */
  readonly delayMs?: number;
  /** Answers requests; without it they time out. */
  readonly respond?: Respond;
  /** Whether connections are not even accepted. @default false */
  readonly acceptQueueFull?: boolean;
  /** Whether its parent does not reap it. @default false */
  readonly leavesZombie?: boolean;
}

/** A process; a test may change its facts while it runs. */
export class FakeProcess {
  /** Process id. */
  readonly pid: number;
  /** Tells it from another one with the same pid. */
  readonly startStamp: string;
  /** Argument vector, when it can be read. */
  argv: readonly string[] | undefined;
  /** Running, stopped or zombie. */
  state: ProcessFacts["state"];
  /** Numeric user id. */
  uid: number | undefined;
  /** Id of the parent process. */
  parentPid: number | undefined;
  /** Id of its session. */
  sessionId: number | undefined;
  /** Id of its process group. */
  processGroup: number | undefined;
  /** Environment it was started with, when it can be read. */
  env: Readonly<Record<string, string>> | undefined;
  /** Path of the executable, when it can be read. */
  executable: string | undefined;
  /** Start in epoch milliseconds. */
  startedAt: number | undefined;
  /** Listening sockets. */
  sockets: readonly BoundSocket[] = [];
  /** What it does with signals. */
  onSignal: SignalBehaviour;
  /** How long it takes to end when asked to. */
  delayMs: number;
  /** Answers requests; without it they time out. */
  respond: Respond | undefined;
  /** Whether connections are not even accepted. */
  acceptQueueFull: boolean;
  /** Whether its parent does not reap it. */
  leavesZombie: boolean;
  /** Whether it has ended; a zombie has. */
  hasEnded = false;
  /** Called back on a termination signal instead of ending. */
  readonly terminationListeners: Set<(signal: string) => void> = new Set();
  /** Settles with the exit code when it has ended. */
  readonly exited: Promise<number>;
  readonly #exit: (code: number) => void;

  /** Creates a process; the world gives it what the test left open. */
  constructor(
    spec: FakeProcessSpec,
    given: Pick<ProcessFacts, "pid" | "startStamp" | "startedAt">,
  ) {
    const { pid } = given;
    const groups = { sessionId: pid, processGroup: pid };
    const full = { ...DEFAULTS, ...given, ...groups, ...spec };
    this.pid = full.pid;
    this.startStamp = full.startStamp;
    this.argv = full.argv;
    this.state = full.state;
    this.uid = full.uid;
    this.parentPid = full.parentPid;
    this.sessionId = full.sessionId;
    this.processGroup = full.processGroup;
    this.env = full.env;
    this.executable = full.executable;
    this.startedAt = full.startedAt;
    this.onSignal = full.onSignal;
    this.delayMs = full.delayMs;
    this.respond = full.respond;
    this.acceptQueueFull = full.acceptQueueFull;
    this.leavesZombie = full.leavesZombie;
    for (const socket of full.ports) this.listen(socket);
    const { promise, resolve } = Promise.withResolvers<number>();
    this.exited = promise;
    this.#exit = resolve;
  }

  /**
   * Stands before every effect that cannot wait.
   *
   * @throws {ProcessEnded} when it has ended.
   */
  assertAlive(): void {
    if (this.hasEnded) throw new ProcessEnded(this.pid);
  }

  /** Starts to listen. */
  listen(socket: number | FakeSocket): void {
    const full = typeof socket === "number" ? { port: socket } : socket;
    this.sockets = [...this.sockets, { address: "127.0.0.1", ...full }];
  }

  /** Stops listening on a port. */
  unlisten(port: number): void {
    this.sockets = this.sockets.filter((socket) => socket.port !== port);
  }

  /** Ends it: no sockets, no facts, no more effects. */
  finish(code: number): void {
    this.hasEnded = true;
    this.state = "zombie";
    this.argv = undefined;
    this.executable = undefined;
    this.env = undefined;
    this.sockets = [];
    this.#exit(code);
  }

  /** Its row in the table of all processes. */
  row(): ProcessRow {
    const { pid, sessionId, processGroup, uid, startStamp, state } = this;
    const parentPid = this.parentPid ?? 0;
    return {
      pid,
      parentPid,
      sessionId,
      processGroup,
      uid,
      startStamp,
      state,
    };
  }

  /** What the operating system shows of it. */
  facts(): ProcessFacts {
    const { pid, parentPid, uid, startStamp, startedAt } = this;
    const { state, argv, executable } = this;
    return {
      pid,
      parentPid,
      uid,
      startStamp,
      startedAt,
      state,
      argv,
      executable,
    };
  }
}

const DEFAULTS = {
  argv: ["program"],
  state: "running",
  uid: 1000,
  parentPid: 1,
  env: {},
  executable: "/usr/bin/program",
  ports: [],
  onSignal: "polite",
  delayMs: 0,
  respond: undefined,
  acceptQueueFull: false,
  leavesZombie: false,
} as const;
