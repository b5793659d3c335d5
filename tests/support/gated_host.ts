/**
 * A machine whose every use passes a gate, which may refuse it: so a command
 * ends, or is refused something, at exactly one step of its work.
 *
 * @module
 */

import {
  type FileLock,
  type Host,
  HostError,
  type HostErrorCode,
} from "../../src/host/host.ts";
import type { SignalName } from "../../src/host/processes.ts";

/** Steps after which the world is another one than before. */
const CHANGES: readonly string[] = [
  "blocking.makeDirectory",
  "blocking.moveTail",
  "blocking.remove",
  "blocking.rename",
  "blocking.touch",
  "files.append",
  "files.remove",
  "files.writeAtomic",
  "hold.signal",
  "processes.spawnService",
];

/** Uses that may be refused for want of room. */
const WRITES: readonly string[] = CHANGES.filter((step) =>
  /^(?:blocking|files)\./.test(step) && !step.endsWith(".remove")
);

/** The command has ended in the middle of its work. */
export class Ended extends Error {
  override name = "Ended";
}

// Work that nobody waits for ends with its command, and nobody hears of it.
globalThis.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Ended) event.preventDefault();
});

/** A gate: throws what the use gets instead of an answer. */
export type Gate = (step: string, subject: unknown) => void;

function gated<T extends object>(target: T, name: string, gate: Gate): T {
  const isSync = name === "blocking";
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]) => {
        try {
          gate(`${name}.${String(key)}`, args[0]);
        } catch (error) {
          if (isSync) throw error;
          return Promise.reject(error);
        }
        return Reflect.apply(value, object, args);
      };
    },
  });
}

/** A machine over another one, with a gate before each use. */
export interface GatedHost extends Disposable {
  /** The machine. */
  readonly host: Host;
  /** Lets go of all locks, as the end of a process does. */
  [Symbol.dispose](): void;
}

/** Puts a gate before each use of a machine. */
export function gateHost(host: Host, gate: Gate): GatedHost {
  const locks = new Set<FileLock>();
  const tryLock: Host["files"]["tryLock"] = async (path, options) => {
    const lock = await host.files.tryLock(path, options);
    if (typeof lock === "string") return lock;
    locks.add(lock);
    return {
      write: (text) => lock.write(text),
      [Symbol.dispose]() {
        if (locks.delete(lock)) lock[Symbol.dispose]();
      },
    };
  };
  return {
    host: gatedUses({ ...host, files: { ...host.files, tryLock } }, gate),
    [Symbol.dispose]() {
      for (const lock of locks) lock[Symbol.dispose]();
      locks.clear();
    },
  };
}

function gatedUses(host: Host, gate: Gate): Host {
  const { processes } = host;
  return {
    ...host,
    blocking: gated(host.blocking, "blocking", gate),
    clock: {
      ...host.clock,
      async sleep(ms, signal) {
        await host.clock.sleep(ms, signal);
        gate("clock.sleep", undefined);
      },
    },
    files: gated(host.files, "files", gate),
    network: gated(host.network, "network", gate),
    programs: gated(host.programs, "programs", gate),
    tcp: gated(host.tcp, "tcp", gate),
    processes: gated(
      {
        ...processes,
        async hold(pid: number) {
          const held = await processes.hold(pid);
          if (typeof held === "string") return held;
          return {
            pid,
            pinned: held.pinned,
            hasExited: () => held.hasExited(),
            [Symbol.dispose]: () => held[Symbol.dispose](),
            async signal(name: SignalName) {
              gate("hold.signal", name);
              return await held.signal(name);
            },
          };
        },
      },
      "processes",
      gate,
    ),
  };
}

/** Trouble that a command is to have. */
export interface Trouble {
  /** Makes it. */
  readonly gate: Gate;
  /** What the command has come to. */
  readonly seen: Counted;
  /** Settles soon after the command has ended; never for one that goes on. */
  readonly over: Promise<void>;
}

/** Steps that have been made, and how many of them were changes. */
export interface Counted {
  /** All, in order. */
  readonly steps: string[];
  /** Those that changed something. */
  changes: number;
}

/** What was under way when a command ended comes to its own end. */
const LAST_MOMENTS_MS = 50;

/** Nothing has any effect from the n-th change on; 0 for never. */
export function endsAt(at: number): Trouble {
  const seen: Counted = { steps: [], changes: 0 };
  const { promise: over, resolve } = Promise.withResolvers<void>();
  let isOver = false;
  return {
    seen,
    over,
    gate(step, subject) {
      if (!isOver && CHANGES.includes(step)) {
        seen.steps.push(`${step} ${subject}`);
        isOver = ++seen.changes === at;
        if (isOver) setTimeout(resolve, LAST_MOMENTS_MS);
      }
      if (isOver) throw new Ended(`${step} ${subject}`);
    },
  };
}

/** Refuses what counts among the uses, where `isRefused` of its number. */
function refuses(
  counts: (step: string) => boolean,
  isRefused: (count: number) => boolean,
  code: HostErrorCode,
): Trouble {
  const seen: Counted = { steps: [], changes: 0 };
  return {
    seen,
    over: new Promise(() => {}),
    gate(step, subject) {
      if (!counts(step)) return;
      seen.steps.push(`${step} ${subject}`);
      if (isRefused(++seen.changes)) throw new HostError(code, `${subject}`);
    },
  };
}

/** From the n-th write on the disk takes nothing. */
export function fullFrom(at: number): Trouble {
  const isFull = (count: number) => at > 0 && count >= at;
  return refuses((step) => WRITES.includes(step), isFull, "no_space");
}

/** The n-th use of files and processes alone is refused. */
export function refusedAt(at: number): Trouble {
  const counts = (step: string) => /^(?:files|processes)\./.test(step);
  return refuses(counts, (count) => count === at, "too_many_files");
}

/** The first look at a process that has just been started is refused. */
export function refusedAfterSpawn(): Trouble {
  let isNext = false;
  const counts = (step: string) => {
    if (step === "processes.spawnService") isNext = true;
    return isNext && /^processes\.(?:inspect|machine)$/.test(step);
  };
  return refuses(counts, (count) => count === 1, "too_many_files");
}
