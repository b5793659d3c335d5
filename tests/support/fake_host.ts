/**
 * A world in memory: several processes that share files, a network, a process
 * table and a clock. It needs no permission and takes no time.
 *
 * @module
 */

import type {
  Files,
  Host,
  LoopbackRequest,
  Network,
  Random,
} from "../../src/host/host.ts";
import type {
  Machine,
  Processes,
  ServiceCommand,
  SpawnCommand,
} from "../../src/host/processes.ts";
import type { ProgramRun } from "../../src/host/programs.ts";
import "./loaded_before.ts";
import { FakeClock } from "./fake_clock.ts";
import { fakeBlockingFiles } from "./fake_blocking_files.ts";
import { FakeDatabases } from "./fake_databases.ts";
import { FakeDisk } from "./fake_disk.ts";
import { fakeFiles } from "./fake_files.ts";
import { FakeLife } from "./fake_life.ts";
import { FakeModules } from "./fake_modules.ts";
import { fakeNetwork } from "./fake_network.ts";
import type { FakeProcess, FakeProcessSpec } from "./fake_process.ts";
import { type EndOptions, FakeProcessTable } from "./fake_process_table.ts";
import { fakeProcesses } from "./fake_processes.ts";
import { startProgram, startService } from "./fake_programs.ts";
import { fakePrograms, type OnRun } from "./fake_runs.ts";
import { fakeTcp } from "./fake_tcp.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { FakeWeb } from "./fake_web.ts";
import {
  type FakeEnv,
  fakeEnv,
  type FakeHostOptions,
  type FakeWorldOptions,
  type OnSpawn,
  ownProcess,
} from "./fake_options.ts";

export { healthReply } from "./fake_network.ts";
export { ended } from "./fake_runs.ts";
export { webReply } from "./fake_web.ts";
export type {
  FakeEnv,
  FakeHostOptions,
  FakeProgram,
  FakeWorldOptions,
  OnSpawn,
} from "./fake_options.ts";
export type {
  FakeProcess,
  FakeProcessSpec,
  FakeSocket,
  Respond,
  SignalBehaviour,
} from "./fake_process.ts";
export type { FakePeer } from "./fake_socket.ts";
export type { FakeTerminal } from "./fake_terminal.ts";
export type { SentSignal } from "./fake_process_table.ts";

/** What every process of a world shares. */
export class FakeWorld {
  /** Time. */
  readonly clock: FakeClock;
  /** Files. */
  readonly disk: FakeDisk;
  /** Bytes that an ordinary user may still write to it. */
  freeBytes: number | undefined;
  /** Whether it is on another machine. */
  isRemote: boolean | undefined;
  /** SQLite. */
  readonly databases: FakeDatabases;
  /** Servers elsewhere. */
  readonly web: FakeWeb;
  /** Code that a person has written, by its path. */
  readonly modules: FakeModules = new FakeModules();
  /** Processes. */
  readonly table: FakeProcessTable;
  /** Every network request, in order. */
  readonly requests: LoopbackRequest[] = [];
  /** Every command that was started, in order. */
  readonly commands: SpawnCommand[] = [];
  /** Every service that was started, in order. */
  readonly services: ServiceCommand[] = [];
  /** Every small program that was run to its end, in order. */
  readonly runs: ProgramRun[] = [];
  /** What small programs give. */
  onRun: OnRun = () => ({ kind: "missing" });
  /** What programs have thrown. */
  readonly crashes: unknown[] = [];
  /** Where its hosts are. */
  machine: Machine;
  /** What commands start. */
  onSpawn: OnSpawn;
  #lastRandom = 0;

  /** Creates an empty world. */
  constructor(options: FakeWorldOptions = {}) {
    this.clock = new FakeClock(options.startMs);
    this.disk = new FakeDisk(() => this.clock.now());
    this.databases = new FakeDatabases(this.disk);
    this.web = new FakeWeb(this.clock);
    this.table = new FakeProcessTable(this.clock, (process) => {
      this.clock.forget(process);
      this.web.forget(process);
      this.disk.unlockAll(process);
    });
    this.machine = options.machine ?? {
      host: "ada",
      bootId: "boot-1",
      pidNamespace: "pid:[1]",
    };
    this.onSpawn = options.onSpawn ?? (() => ({}));
  }

  /** How one process sees this world; it is started if there is none. */
  host(options: FakeHostOptions = {}): FakeHost {
    return new FakeHost(this, options);
  }

  /** Every signal that was tried, in order. */
  get signals(): FakeProcessTable["signals"] {
    return this.table.signals;
  }

  /** Every path that was changed through a host, in order. */
  get writes(): readonly string[] {
    return this.disk.writes;
  }

  /** Starts a process. */
  addProcess(spec: FakeProcessSpec = {}): FakeProcess {
    return this.table.add(spec);
  }

  /** Ends a process: its sockets close and its locks are released. */
  endProcess(pid: number, options: EndOptions = {}): void {
    this.table.end(pid, options);
  }

  /** Lets another process have the pid of one that ends. */
  reusePid(pid: number, spec: FakeProcessSpec = {}): FakeProcess {
    return this.table.reuse(pid, spec);
  }

  /** Makes every listener table unknown, or known again without a reason. */
  hideListeners(reason?: string): void {
    this.table.hideListeners(reason);
  }

  /** Makes the table of all processes unknown, or known without a reason. */
  hideTable(reason?: string): void {
    this.table.hideTable(reason);
  }

  /** Makes a process unreadable. */
  hideProcess(pid: number, reason = "permission denied"): void {
    this.table.hide(pid, reason);
  }

  /** Makes file operations fail; returns how to end that. */
  failFiles(...failure: Parameters<FakeDisk["fail"]>): () => void {
    return this.disk.fail(...failure);
  }

  /** Makes changes of a database fail; returns how to end that. */
  failDatabase(...failure: Parameters<FakeDatabases["fail"]>): () => void {
    return this.databases.fail(...failure);
  }

  /** Lets time pass, and then everybody go as far as they can. */
  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** Hexadecimal text that never comes twice. */
  nextHex(bytes: number): string {
    return (++this.#lastRandom).toString(16).padStart(bytes * 2, "0")
      .slice(-bytes * 2);
  }
}

/** A fake world as one of its processes sees it. */
export class FakeHost implements Host {
  /** The world around it. */
  readonly world: FakeWorld;
  /** Our own process. */
  readonly process: FakeProcess;
  /** Time. */
  readonly clock: Host["clock"];
  /** Files. */
  readonly files: Files;
  /** Files, for what must be over when a call returns. */
  readonly blocking: Host["blocking"];
  /** SQLite. */
  readonly databases: Host["databases"];
  /** Processes. */
  readonly processes: Processes;
  /** Code of the person's own. */
  readonly modules: Host["modules"];
  /** Loopback network. */
  readonly network: Network;
  /** Small programs. */
  readonly programs: Host["programs"];
  /** Raw TCP. */
  readonly tcp: Host["tcp"];
  /** Servers elsewhere. */
  readonly web: Host["web"];
  /** Randomness. */
  readonly random: Random;
  /** Environment. */
  readonly env: FakeEnv;
  /** Terminal. */
  readonly terminal: FakeTerminal;
  readonly #options: FakeHostOptions;

  /** Joins a world as a process of it. */
  constructor(world: FakeWorld, options: FakeHostOptions = {}) {
    this.world = world;
    this.#options = options;
    const { clock, disk, table, requests } = world;
    const process = this.process = this.#join();
    const life = new FakeLife(process, clock, options.gate);
    const enter = (operation: string) => life.enter(operation);
    const env = this.env = fakeEnv(options, process);
    this.clock = life.clock;
    this.terminal = new FakeTerminal(options.terminal);
    this.random = { hex: (bytes) => world.nextHex(bytes) };
    const hasModes = env.os !== "windows";
    this.files = fakeFiles({ disk, owner: process, hasModes, enter });
    this.blocking = fakeBlockingFiles({
      disk,
      process,
      hasModes,
      fileSystem: world,
    });
    this.databases = async () => {
      await enter("databases");
      return world.databases.seenBy(process);
    };
    this.modules = world.modules;
    this.web = world.web.seenBy(process, enter);
    this.network = fakeNetwork({ clock, table, process, requests, enter });
    this.tcp = fakeTcp({ clock, table, process, enter });
    this.programs = fakePrograms({
      clock,
      process,
      runs: world.runs,
      onRun: (program) => world.onRun(program),
      enter,
    });
    this.processes = fakeProcesses({
      table,
      process,
      isPinned: options.isPinned ?? env.os === "linux",
      machine: () => options.machine ?? world.machine,
      start: (command) => startProgram(this, command, options),
      startService: (service) => startService(this, service, options),
      enter,
    });
  }

  /** Brings us a termination signal, as a person does with Ctrl+C. */
  terminateSelf(signal = "SIGTERM"): void {
    const { terminationListeners, pid } = this.process;
    if (terminationListeners.size === 0) this.world.endProcess(pid);
    for (const callback of terminationListeners) callback(signal);
  }

  #join(): FakeProcess {
    const { pid } = this.#options;
    const present = pid === undefined ? undefined : this.world.table.find(pid);
    return present ?? this.world.addProcess(ownProcess(this.#options));
  }
}

/** A host in a world of its own, which `host.world` shows. */
export function createFakeHost(
  options: FakeHostOptions & FakeWorldOptions = {},
): FakeHost {
  return new FakeWorld(options).host(options);
}
