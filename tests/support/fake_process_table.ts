/**
 * All processes of a fake world.
 *
 * @module
 */

import type {
  Inspection,
  Listener,
  ListenerTable,
  PortRange,
  ProcessListing,
  SignalName,
  SignalOutcome,
} from "../../src/host/processes.ts";
import type { FakeClock } from "./fake_clock.ts";
import {
  type BoundSocket,
  FakeProcess,
  type FakeProcessSpec,
} from "./fake_process.ts";

/** One signal that was tried. */
export interface SentSignal {
  /** Process id. */
  readonly pid: number;
  /** Which process of this id. */
  readonly startStamp: string;
  /** Signal. */
  readonly name: SignalName;
  /** When, in elapsed milliseconds. */
  readonly at: number;
  /** Whether it reached the process. */
  readonly outcome: SignalOutcome;
}

/** How a process ends. */
export interface EndOptions {
  /** Exit code. @default 0 */
  readonly code?: number;
  /** Whether it stays as a zombie. @default its `leavesZombie` */
  readonly zombie?: boolean;
}

/** A socket and the process that listens on it. */
export interface FakeListener {
  /** Process. */
  readonly process: FakeProcess;
  /** Its socket. */
  readonly socket: BoundSocket;
}

const FIRST_PID = 5000;
const FIRST_STAMP = 100_000;
const EXIT_CODES: Readonly<Record<SignalName, number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGKILL: 137,
};
/** Addresses that answer a client of 127.0.0.1, the most specific first. */
const REACHABLE = ["127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::"];

/** Processes, what can be seen of them, and the signals they got. */
export class FakeProcessTable {
  /** Every signal that was tried, in order. */
  readonly signals: SentSignal[] = [];
  /** Whether sockets of other users are listed too. */
  isComplete = true;
  readonly #processes = new Map<number, FakeProcess>();
  readonly #hidden = new Map<number, string>();
  readonly #ownerless = new Set<number>();
  readonly #clock: FakeClock;
  readonly #onEnd: (process: FakeProcess) => void;
  #tableHidden: string | undefined;
  #listenersHidden: string | undefined;
  #nextPid = FIRST_PID;
  #nextStamp = FIRST_STAMP;

  /** Creates an empty table; `onEnd` frees what a process leaves behind. */
  constructor(clock: FakeClock, onEnd: (process: FakeProcess) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Starts a process. */
  add(spec: FakeProcessSpec = {}): FakeProcess {
    const pid = spec.pid ?? this.#freePid();
    if (this.#processes.has(pid)) throw new TypeError(`${pid} is taken`);
    const process = new FakeProcess(spec, {
      pid,
      startStamp: String(this.#nextStamp++),
      startedAt: this.#clock.now(),
    });
    this.#processes.set(pid, process);
    return process;
  }

  #freePid(): number {
    while (this.#processes.has(this.#nextPid)) this.#nextPid++;
    return this.#nextPid++;
  }

  /** The process with a pid; a zombie is one. */
  find(pid: number): FakeProcess | undefined {
    return this.#processes.get(pid);
  }

  /** Every process, zombies included. */
  all(): readonly FakeProcess[] {
    return [...this.#processes.values()];
  }

  /** Ends a process; one that is gone stays so. */
  end(pid: number, options: EndOptions = {}): void {
    const process = this.#processes.get(pid);
    if (process === undefined) return;
    const staysZombie = options.zombie ?? process.leavesZombie;
    if (!staysZombie) this.#processes.delete(pid);
    if (process.hasEnded) return;
    process.finish(options.code ?? 0);
    this.#onEnd(process);
  }

  /** Lets another process have the pid of one that ends, if it runs. */
  reuse(pid: number, spec: FakeProcessSpec = {}): FakeProcess {
    const isGone = { zombie: false };
    this.end(pid, isGone);
    return this.add({ ...spec, pid });
  }

  /** Makes every listener table unknown, or known again without a reason. */
  hideListeners(reason?: string): void {
    this.#listenersHidden = reason;
  }

  /** Makes the table of all processes unknown, or known without a reason. */
  hideTable(reason?: string): void {
    this.#tableHidden = reason;
  }

  /** Makes a process unreadable, for the reason given. */
  hide(pid: number, reason: string): void {
    this.#hidden.set(pid, reason);
  }

  /** Makes it unseen who owns the sockets of a process. */
  hideOwner(pid: number): void {
    this.#ownerless.add(pid);
  }

  /** Takes back every hiding of one process. */
  show(pid: number): void {
    this.#hidden.delete(pid);
    this.#ownerless.delete(pid);
  }

  /** What looking for a pid gives. */
  inspect(pid: number): Inspection {
    const reason = this.#hidden.get(pid);
    if (reason !== undefined) return { kind: "unknown", reason };
    const process = this.#processes.get(pid);
    if (process === undefined) return { kind: "gone" };
    return { kind: "found", facts: process.facts() };
  }

  /** All processes or some of them; those that are hidden are left out. */
  rows(among?: readonly number[]): ProcessListing {
    const reason = this.#tableHidden;
    if (reason !== undefined) return { kind: "unknown", reason };
    const seen = this.all().filter(({ pid }) =>
      !this.#hidden.has(pid) && (among?.includes(pid) ?? true)
    );
    return { kind: "table", rows: seen.map((process) => process.row()) };
  }

  /** Values of a variable; see `Processes`. */
  readVariable(
    name: string,
    pids: readonly number[],
  ): ReadonlyMap<number, string> {
    const values = new Map<number, string>();
    for (const pid of pids) {
      const value = this.#hidden.has(pid)
        ? undefined
        : this.find(pid)?.env?.[name];
      if (value !== undefined) values.set(pid, value);
    }
    return values;
  }

  /** Listening sockets of a port range; see `Processes`. */
  listeners(range: PortRange, among?: readonly number[]): ListenerTable {
    const reason = this.#listenersHidden;
    if (reason !== undefined) return { kind: "unknown", reason };
    const rows = new Map<string, Listener>();
    for (const { pid, uid, sockets } of this.#processes.values()) {
      const isUnseen = this.#ownerless.has(pid);
      if (isUnseen && !this.isComplete) continue;
      const isShown = !isUnseen && (among?.includes(pid) ?? true);
      for (const { port, address } of sockets) {
        if (port < range.first || port >= range.end) continue;
        const key = `${address} ${port}`;
        const pids = [...rows.get(key)?.pids ?? [], ...isShown ? [pid] : []];
        pids.sort((a, b) => a - b);
        rows.set(key, { port, address, pids, uid });
      }
    }
    const { isComplete } = this;
    return { kind: "table", listeners: [...rows.values()], isComplete };
  }

  /** Which socket of which process a client of 127.0.0.1 reaches. */
  listenerOn(port: number): FakeListener | undefined {
    const sockets = this.all().flatMap((process) =>
      process.sockets.map((socket) => ({ process, socket }))
    ).filter(({ socket }) => socket.port === port);
    for (const address of REACHABLE) {
      const found = sockets.find(({ socket }) => socket.address === address);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether 127.0.0.1 cannot be bound on a port, for those in the way. */
  isTaken(
    port: number,
    addresses: readonly string[] = REACHABLE,
  ): boolean {
    return this.all().some(({ sockets }) =>
      sockets.some((one) =>
        one.port === port && addresses.includes(one.address)
      )
    );
  }

  /** Brings a signal to a process. */
  deliver(process: FakeProcess, name: SignalName): SignalOutcome {
    if (process.hasEnded) return "gone";
    const { pid, startStamp } = process;
    const at = this.#clock.elapsed();
    const outcome = this.#react(process, name);
    this.signals.push({ pid, startStamp, name, at, outcome });
    return outcome;
  }

  #react(process: FakeProcess, name: SignalName): SignalOutcome {
    const { onSignal } = process;
    if (typeof onSignal === "function") return onSignal(name, process);
    if (onSignal === "denied") return "denied";
    if (onSignal === "immortal") return "sent";
    const zombie = process.leavesZombie || onSignal === "zombie_after_term";
    const end = { code: EXIT_CODES[name], zombie };
    if (name === "SIGKILL") {
      this.end(process.pid, end);
      return "sent";
    }
    if (onSignal === "stubborn" || process.state === "stopped") return "sent";
    if (process.terminationListeners.size > 0) {
      for (const callback of process.terminationListeners) callback(name);
      return "sent";
    }
    this.#endLater(process, end);
    return "sent";
  }

  #endLater(process: FakeProcess, options: EndOptions): void {
    const end = () => {
      if (!process.hasEnded) this.end(process.pid, options);
    };
    if (process.delayMs === 0) return end();
    this.#clock.sleep(process.delayMs, undefined, process).then(end);
  }
}
