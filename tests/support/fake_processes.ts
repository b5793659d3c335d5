/**
 * The processes of a fake world as one of them sees them.
 *
 * @module
 */

import { HostError } from "../../src/host/host.ts";
import type {
  Inspection,
  Machine,
  Processes,
  ProcessHold,
  ServiceCommand,
  SpawnCommand,
} from "../../src/host/processes.ts";
import type { FakeProcess } from "./fake_process.ts";
import type { FakeProcessTable } from "./fake_process_table.ts";

const RIGHTS = ["run", "ffi", "sys", "import"];

/** What the processes of one process need. */
export interface ProcessesContext {
  /** All processes. */
  readonly table: FakeProcessTable;
  /** The one that looks. */
  readonly process: FakeProcess;
  /** Whether a hold is a pidfd and not a number. */
  readonly isPinned: boolean;
  /** Where it runs. */
  readonly machine: () => Machine;
  /** Starts a program. */
  readonly start: (command: SpawnCommand) => FakeProcess;
  /** Starts a service. */
  readonly startService: (service: ServiceCommand) => FakeProcess;
  /** Awaited before every operation. */
  readonly enter: (operation: string) => Promise<void>;
}

interface View extends ProcessesContext {
  readonly look: (pid: number) => Inspection;
}

/** Processes as one of them sees them. */
export function fakeProcesses(context: ProcessesContext): Processes {
  const { table, process, enter } = context;
  let hasRights = true;
  const noSight = { kind: "unknown", reason: "no right to look" } as const;
  const look = (pid: number) => hasRights ? table.inspect(pid) : noSight;
  const view: View = { ...context, look };
  return {
    async inspect(pids) {
      await enter(`inspect ${pids}`);
      return new Map(pids.map((pid) => [pid, look(pid)] as const));
    },
    async table(among) {
      await enter(among === undefined ? "table" : "table among");
      return hasRights ? table.rows(among) : noSight;
    },
    async readVariable(name, pids) {
      await enter(`readVariable ${name}`);
      return hasRights ? table.readVariable(name, pids) : new Map();
    },
    async listeners(range, among) {
      await enter(`listeners ${range.first}-${range.end - 1}`);
      return hasRights ? table.listeners(range, among) : noSight;
    },
    async hold(pid) {
      await enter(`hold ${pid}`);
      // Without the rights, the library that opens pidfds cannot be loaded.
      return hold(hasRights ? view : { ...view, isPinned: false }, pid);
    },
    async spawn(command) {
      await enter(`spawn ${command.executable}`);
      if (!hasRights) {
        throw new HostError("permission_denied", command.executable);
      }
      const { pid, exited } = context.start(command);
      return { pid, exited };
    },
    async spawnService(service) {
      await enter(`spawnService ${service.command[0]}`);
      if (!hasRights) {
        throw new HostError("permission_denied", service.command[0]);
      }
      const { pid, exited } = context.startService(service);
      return { pid, exited };
    },
    async machine() {
      await enter("machine");
      return context.machine();
    },
    onTermination: (callback) => listen(process, callback),
    async dropRights() {
      await enter("dropRights");
      hasRights = false;
      return RIGHTS;
    },
  };
}

function listen(
  { terminationListeners }: FakeProcess,
  callback: (signal: string) => void,
): () => void {
  // Its own function, so that the same callback may listen twice.
  const listener = (signal: string) => callback(signal);
  terminationListeners.add(listener);
  return () => terminationListeners.delete(listener);
}

function hold(view: View, pid: number): ProcessHold | "gone" | "denied" {
  if (!Number.isInteger(pid) || pid <= 1 || pid === view.process.pid) {
    return "denied";
  }
  return view.isPinned ? holdPinned(view, pid) : holdByNumber(view, pid);
}

function holdPinned(view: View, pid: number): ProcessHold | "gone" {
  const { table, enter } = view;
  const held = table.find(pid);
  if (held === undefined) return "gone";
  return guard({
    pid,
    pinned: true,
    async signal(name) {
      await enter(`${name} ${pid}`);
      return table.deliver(held, name);
    },
    async hasExited() {
      await enter(`hasExited ${pid}`);
      return held.hasEnded;
    },
  });
}

/** Compares the start stamp right before each signal, as without a pidfd. */
function holdByNumber(view: View, pid: number): ProcessHold | "gone" {
  const { table, look, enter } = view;
  const first = look(pid);
  if (first.kind === "gone") return "gone";
  const stamp = first.kind === "found" ? first.facts.startStamp : undefined;
  const verdict = () => {
    const now = look(pid);
    if (now.kind === "gone") return "ended";
    // What cannot be compared may be another process: it gets no signal.
    if (now.kind === "unknown" || stamp === undefined) return "unknown";
    const { startStamp, state } = now.facts;
    return startStamp === stamp && state !== "zombie" ? "same" : "ended";
  };
  return guard({
    pid,
    pinned: false,
    async signal(name) {
      await enter(`${name} ${pid}`);
      const target = table.find(pid);
      const now = verdict();
      if (now === "unknown") return "denied";
      if (now === "ended" || target === undefined) return "gone";
      return table.deliver(target, name);
    },
    async hasExited() {
      await enter(`hasExited ${pid}`);
      return verdict() === "ended";
    },
  });
}

/** Using a hold after its release is a bug that must not stay unseen. */
function guard(hold: Omit<ProcessHold, keyof Disposable>): ProcessHold {
  let isReleased = false;
  const check = () => {
    if (isReleased) throw new TypeError(`The hold on ${hold.pid} is released`);
  };
  return {
    pid: hold.pid,
    pinned: hold.pinned,
    async signal(name) {
      check();
      return await hold.signal(name);
    },
    async hasExited() {
      check();
      return await hold.hasExited();
    },
    [Symbol.dispose]() {
      isReleased = true;
    },
  };
}
