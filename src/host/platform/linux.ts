/**
 * Linux processes and listening sockets, read from `/proc` (see proc(5)) and
 * from the kernel by netlink.
 *
 * @module
 */

import type {
  Inspection,
  Listener,
  ListenerTable,
  Machine,
  PortRange,
} from "../processes.ts";
import { type ListenRow, parseListenRows } from "./listen_row.ts";
import { parseStat, stateOf } from "./linux_stat.ts";
import { readTable, readVariable } from "./linux_table.ts";
import type { ProcessTable } from "./process_table.ts";
import { readListenRows } from "./sock_diag.ts";
import { findHolders } from "./socket_holders.ts";

/** Clock ticks per second in `/proc`: USER_HZ, 100 on every architecture. */
const TICKS_PER_SECOND = 100;

/** Splits `/proc/<pid>/cmdline`; empty (kernel thread, zombie) is unknown. */
export function parseCommandLine(text: string): readonly string[] | undefined {
  if (text === "") return undefined;
  return text.replace(/\0$/, "").split("\0");
}

/**
 * Real user id from `/proc/<pid>/status`. Only a newline ends a line there: a
 * process may have a carriage return in its name, which stands before.
 */
export function parseUid(status: string): number | undefined {
  const match = /(?:^|\n)Uid:\t(\d+)/.exec(status);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

function readLink(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}

let bootMs: number | undefined;

/** Read once: it only moves with corrections of the wall clock. */
function bootTimeMs(): number | undefined {
  bootMs ??= readBootTimeMs();
  return bootMs;
}

function readBootTimeMs(): number | undefined {
  const match = /^btime (\d+)$/m.exec(readText("/proc/stat") ?? "");
  return match?.[1] === undefined ? undefined : Number(match[1]) * 1000;
}

function inspectOne(pid: number, bootMs: number | undefined): Inspection {
  const dir = `/proc/${pid}`;
  let text: string;
  try {
    text = Deno.readTextFileSync(`${dir}/stat`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "gone" };
    // A process that ends while its entry is read gives ESRCH.
    if (String(error).includes("os error 3")) return { kind: "gone" };
    return { kind: "unknown", reason: `${dir}/stat cannot be read` };
  }
  const stat = parseStat(text);
  if (stat === undefined) {
    return { kind: "unknown", reason: `${dir}/stat cannot be parsed` };
  }
  const ticks = Number(stat.startTicks);
  return {
    kind: "found",
    facts: {
      pid,
      parentPid: stat.parentPid,
      uid: parseUid(readText(`${dir}/status`) ?? ""),
      startStamp: stat.startTicks,
      startedAt: bootMs === undefined
        ? undefined
        : bootMs + Math.round(ticks * 1000 / TICKS_PER_SECOND),
      state: stateOf(stat.state),
      argv: parseCommandLine(readText(`${dir}/cmdline`) ?? ""),
      executable: readLink(`${dir}/exe`),
    },
  };
}

/** The kernel's own answer, else the text tables, which cost more. */
function readRows(): readonly ListenRow[] | undefined {
  const rows = readListenRows();
  if (rows !== undefined) return rows;
  const v4 = readText("/proc/net/tcp");
  if (v4 === undefined) return undefined;
  const v6 = readText("/proc/net/tcp6") ?? "";
  return [...parseListenRows(v4), ...parseListenRows(v6)];
}

function readListeners(
  range: PortRange,
  among: readonly number[] | undefined,
): ListenerTable {
  const all = readRows();
  if (all === undefined) {
    return { kind: "unknown", reason: "/proc/net/tcp cannot be read" };
  }
  const rows = all.filter((row) =>
    row.port >= range.first && row.port < range.end
  );
  if (rows.length === 0) {
    return { kind: "table", listeners: [], isComplete: true };
  }
  const inodes = new Set(rows.map((row) => row.inode));
  const holders = findHolders(inodes, among);
  const listeners = rows.map((row): Listener => ({
    port: row.port,
    address: row.address,
    pids: (holders.get(row.inode) ?? []).toSorted((a, b) => a - b),
    uid: row.uid,
  }));
  return { kind: "table", listeners, isComplete: true };
}

let machine: Machine | undefined;

/** Read once: a process never moves to another boot or pid namespace. */
function readMachine(): Machine {
  machine ??= {
    host: Deno.hostname(),
    bootId: readText("/proc/sys/kernel/random/boot_id")?.trim(),
    pidNamespace: readLink("/proc/self/ns/pid"),
  };
  return machine;
}

/** Processes and listeners as `/proc` shows them. */
export const linuxProcessTable: ProcessTable = {
  inspect(pids) {
    const bootMs = bootTimeMs();
    return Promise.resolve(
      new Map(pids.map((pid) => [pid, inspectOne(pid, bootMs)] as const)),
    );
  },
  table: (among) => Promise.resolve(readTable(among)),
  readVariable: (name, pids) => Promise.resolve(readVariable(name, pids)),
  listeners: (range, among) => Promise.resolve(readListeners(range, among)),
  machine: () => Promise.resolve(readMachine()),
};
