/**
 * Processes and listening sockets on macOS, as its own tools print them.
 *
 * @module
 */

import type {
  Inspection,
  Listener,
  ListenerTable,
  Machine,
  PortRange,
  ProcessFacts,
  ProcessListing,
} from "../processes.ts";
import { decodePsText, splitCommandText } from "./darwin_command.ts";
import {
  parsePsEnvironments,
  parsePsTable,
  parseState,
} from "./darwin_table.ts";
import type { ProcessTable } from "./process_table.ts";
import { runTool } from "./run_tool.ts";

/** Limit for one tool, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Largest process id; `ps` refuses the whole question for a larger one. */
const MAX_PID = 99_999;

/** Both `ps` and `lsof` exit with 1 when they found nothing. */
const SEARCH = { nothingFoundCode: 1 };

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** pid, ppid, uid, stat, lstart and, to the end of the text, the command. */
const ROW =
  /^ *(\d+) +(\d+) +(-?\d+) +(\S+) +(\w{3} [\w: ]{15} \d{4})(?: +(.*))?$/s;

/**
 * Processes by `ps`, sockets by `lsof`, the boot by `sysctl`.
 *
 * Without root, `lsof` shows only the sockets of the own user, so a port that
 * another user holds is missing from the table: combine it with an attempt to
 * connect before calling a port free.
 */
export const darwinProcessTable: ProcessTable = {
  inspect,
  table,
  readVariable,
  listeners,
  machine,
};

async function table(among?: readonly number[]): Promise<ProcessListing> {
  const columns = "pid=,ppid=,pgid=,uid=,stat=,lstart=";
  const result = await runTool("/bin/ps", ["-ax", "-o", columns], TIMEOUT_MS);
  if (result.kind !== "ok") return unknown(result.reason);
  const listing = parsePsTable(result.stdout);
  if (listing.kind !== "table" || among === undefined) return listing;
  const wanted = new Set(among);
  return {
    ...listing,
    rows: listing.rows.filter(({ pid }) => wanted.has(pid)),
  };
}

async function readVariable(
  name: string,
  pids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const asked = pids.filter(isPid);
  if (asked.length === 0) return new Map();
  const columns = "pid=,command=";
  const args = ["-E", "-ww", "-o", columns, "-p", asked.join(",")];
  const result = await runTool("/bin/ps", args, TIMEOUT_MS, SEARCH);
  return result.kind === "ok"
    ? parsePsEnvironments(result.stdout, name)
    : new Map();
}

async function inspect(
  pids: readonly number[],
): Promise<ReadonlyMap<number, Inspection>> {
  const asked = pids.filter(isPid);
  const answers = await readProcesses(asked);
  return new Map(pids.map((pid) => [
    pid,
    answers.get(pid) ?? unknown(`${pid} cannot be a process id`),
  ]));
}

function isPid(pid: number): boolean {
  return Number.isInteger(pid) && pid > 0 && pid <= MAX_PID;
}

async function readProcesses(
  pids: readonly number[],
): Promise<ReadonlyMap<number, Inspection>> {
  if (pids.length === 0) return new Map();
  const columns = "pid=,ppid=,uid=,stat=,lstart=,command=";
  const args = ["-ww", "-o", columns, "-p", pids.join(",")];
  const result = await runTool("/bin/ps", args, TIMEOUT_MS, SEARCH);
  if (result.kind === "ok") return parsePsOutput(result.stdout, pids);
  return new Map(pids.map((pid) => [pid, unknown(result.reason)]));
}

async function listeners(range: PortRange): Promise<ListenerTable> {
  // Only root sees the sockets of other users.
  const isComplete = Deno.uid() === 0;
  if (range.end <= range.first) {
    return { kind: "table", listeners: [], isComplete };
  }
  // Without -w, warnings about file systems would look like a failure.
  const ports = `-iTCP:${range.first}-${range.end - 1}`;
  const args = ["-w", "-nP", ports, "-sTCP:LISTEN", "-Fptun"];
  const result = await runTool("/usr/sbin/lsof", args, TIMEOUT_MS, SEARCH);
  if (result.kind === "failed") return unknown(result.reason);
  return {
    kind: "table",
    listeners: parseLsofOutput(result.stdout, range),
    isComplete,
  };
}

async function machine(): Promise<Machine> {
  const bootId = await readKernel("kern.bootsessionuuid", parseBootSession) ??
    await readKernel("kern.boottime", parseBootTime);
  return { host: Deno.hostname(), bootId, pidNamespace: undefined };
}

async function readKernel(
  name: string,
  parse: (text: string) => string | undefined,
): Promise<string | undefined> {
  const result = await runTool("/usr/sbin/sysctl", ["-n", name], TIMEOUT_MS);
  return result.kind === "ok" ? parse(result.stdout) : undefined;
}

/**
 * Reads what `ps -o pid=,ppid=,uid=,stat=,lstart=,command=` printed about the
 * processes asked for. A pid without a row is `gone`, but `unknown` when some
 * text belongs to no row. Two rows for one pid are `unknown` too, since one
 * of them must be another process's text.
 */
export function parsePsOutput(
  text: string,
  pids: readonly number[],
): ReadonlyMap<number, Inspection> {
  const { rows, hasStray } = groupRows(text, new Set(pids));
  const stray = unknown("ps printed text that belongs to no process");
  const absent: Inspection = hasStray ? stray : { kind: "gone" };
  return new Map(pids.map((pid): [number, Inspection] => {
    const [row, second] = rows.get(pid) ?? [];
    if (row === undefined) return [pid, absent];
    const facts = second === undefined ? parseRow(row) : undefined;
    if (facts !== undefined) return [pid, { kind: "found", facts }];
    return [pid, unknown(`ps printed no clear row for ${pid}`)];
  }));
}

/** A command may hold newlines, so a line without a pid continues its row. */
function groupRows(text: string, pids: ReadonlySet<number>) {
  const rows = new Map<number, string[]>();
  let current: string[] | undefined;
  let hasStray = false;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const pid = Number(/^ *(\d+) /.exec(line)?.[1]);
    if (pids.has(pid)) {
      current = rows.get(pid) ?? [];
      current.push(line);
      rows.set(pid, current);
    } else if (current === undefined) {
      hasStray ||= line.trim() !== "";
    } else {
      current.push(`${current.pop()}\n${line}`);
    }
  }
  return { rows, hasStray };
}

function parseRow(row: string): ProcessFacts | undefined {
  const match = ROW.exec(row);
  if (match === null) return undefined;
  const [, pid, parent, uid, stat = "", started = "", command = ""] = match;
  const startStamp = started.replaceAll(/ +/g, " ");
  const argv = parseCommand(command);
  return {
    pid: Number(pid),
    parentPid: Number(parent),
    // `ps` may print the uid of nobody as -2; the system calls do not.
    uid: Number(uid) >>> 0,
    startStamp,
    startedAt: parseUtcTime(startStamp),
    state: parseState(stat),
    argv,
    executable: argv?.[0]?.startsWith("/") ? argv[0] : undefined,
  };
}

/** A name in brackets stands for arguments that `ps` could not read. */
function parseCommand(command: string): readonly string[] | undefined {
  if (/^(?:|\(.*\)|\[.*\]|<defunct>)$/s.test(command)) return undefined;
  return splitCommandText(command).map(decodePsText);
}

/** Epoch milliseconds of a start stamp: the tool runs with TZ=UTC. */
function parseUtcTime(stamp: string): number | undefined {
  const [, name = "", day = "", clock, year] = stamp.split(" ");
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, "0");
  const time = Date.parse(`${year}-${month}-${day.padStart(2, "0")}T${clock}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Reads what `lsof -Fptun` printed: the sockets with a port in the range, one
 * entry per address and port. Lines that say nothing known are skipped.
 */
export function parseLsofOutput(
  text: string,
  range: PortRange,
): readonly Listener[] {
  const sockets: Listener[] = [];
  let pids: readonly number[] = [];
  let uid: number | undefined;
  let isIpv6 = false;
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    const number = /^\d+$/.test(value) ? Number(value) : undefined;
    if (line.startsWith("p")) {
      pids = number === undefined ? [] : [number];
      uid = undefined;
    } else if (line.startsWith("u")) uid = number;
    else if (line.startsWith("f")) isIpv6 = false;
    else if (line.startsWith("t")) isIpv6 = value === "IPv6";
    else if (line.startsWith("n")) {
      const [, host = "", end] = /^(\*|\[.+\]|[\d.]+):(\d+)$/.exec(value) ?? [];
      const port = Number(end);
      if (!(port >= range.first && port < range.end)) continue;
      const wildcard = isIpv6 ? "::" : "0.0.0.0";
      const address = host === "*" ? wildcard : host.replaceAll(/[[\]]/g, "");
      sockets.push({ port, address, pids, uid });
    }
  }
  return mergeSockets(sockets);
}

function mergeSockets(sockets: readonly Listener[]): readonly Listener[] {
  const groups = Map.groupBy(sockets, (one) => `${one.address} ${one.port}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const pids = new Set(group.flatMap((one) => one.pids));
    const hasOneUser = group.every((one) => one.uid === first.uid);
    return [{
      ...first,
      pids: [...pids].sort((a, b) => a - b),
      uid: hasOneUser ? first.uid : undefined,
    }];
  });
}

/** Reads `kern.bootsessionuuid`; `undefined` when the text is no UUID. */
export function parseBootSession(text: string): string | undefined {
  return /^[0-9A-F]{8}(?:-[0-9A-F]{4,12}){4}$/i.exec(text.trim())?.[0];
}

/** Reads the seconds of `kern.boottime`; `undefined` when there are none. */
export function parseBootTime(text: string): string | undefined {
  return /\bsec = (\d+)/.exec(text)?.[1];
}

function unknown(reason: string) {
  return { kind: "unknown", reason } as const;
}
