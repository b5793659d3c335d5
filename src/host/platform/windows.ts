/**
 * Processes and listening sockets on Windows, as its own tools print them.
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
} from "../processes.ts";
import type { ProcessTable } from "./process_table.ts";
import { runTool, type ToolResult } from "./run_tool.ts";

/** Limit for one tool, in milliseconds: a cold PowerShell takes its time. */
const TIMEOUT_MS = 20_000;

/** Process ids are 32 bits wide. */
const MAX_PID = 0xffff_ffff;

/** Without it, PowerShell answers in the code page of the console. */
const UTF8_OUTPUT = "[Console]::OutputEncoding=[Text.Encoding]::UTF8;";

/** Text of a moment that no other setting of the machine changes. */
const UTC_TEXT = "ToUniversalTime().ToString('o')";

/**
 * Processes and the boot by PowerShell's CIM, sockets by `netstat`. A process
 * of another user is found without its arguments and executable.
 */
export const windowsProcessTable: ProcessTable = {
  inspect,
  table: () => Promise.resolve(unknown("sessions are not known on Windows")),
  readVariable: () => Promise.resolve(new Map()),
  listeners,
  machine,
};

async function inspect(
  pids: readonly number[],
): Promise<ReadonlyMap<number, Inspection>> {
  const asked = pids.filter((pid) =>
    Number.isInteger(pid) && pid > 0 && pid <= MAX_PID
  );
  const answers = await readProcesses(asked);
  return new Map(pids.map((pid) => [
    pid,
    answers.get(pid) ?? unknown(`${pid} cannot be a process id`),
  ]));
}

async function readProcesses(
  pids: readonly number[],
): Promise<ReadonlyMap<number, Inspection>> {
  if (pids.length === 0) return new Map();
  const result = await runPowerShell(processQuery(pids));
  if (result.kind === "ok") return parseCimProcesses(result.stdout, pids);
  return new Map(pids.map((pid) => [pid, unknown(result.reason)]));
}

async function listeners(range: PortRange): Promise<ListenerTable> {
  const results = await Promise.all(
    ["TCP", "TCPv6"].map((protocol) =>
      runTool("netstat", ["-ano", "-p", protocol], TIMEOUT_MS)
    ),
  );
  let text = "";
  for (const result of results) {
    if (result.kind === "failed") return unknown(result.reason);
    text += `${result.stdout}\n`;
  }
  return {
    kind: "table",
    listeners: parseNetstat(text, range),
    isComplete: true,
  };
}

async function machine(): Promise<Machine> {
  const system = "Get-CimInstance Win32_OperatingSystem -ErrorAction Stop";
  const result = await runPowerShell(`(${system}).LastBootUpTime.${UTC_TEXT}`);
  const bootId = result.kind === "ok" ? parseMoment(result.stdout) : undefined;
  return { host: Deno.hostname(), bootId, pidNamespace: undefined };
}

function runPowerShell(script: string): Promise<ToolResult> {
  const command = `${UTF8_OUTPUT}${script}`;
  const args = ["-NoProfile", "-NonInteractive", "-Command", command];
  return runTool("powershell.exe", args, TIMEOUT_MS);
}

/**
 * The PowerShell pipeline that prints some processes as JSON. `-ErrorAction
 * Stop` makes a failed query an error exit: its empty output must not look
 * like processes that are gone.
 */
export function processQuery(pids: readonly number[]): string {
  const filter = pids.map((pid) => `ProcessId=${pid}`).join(" OR ");
  const created = `@{n='Created';e={$_.CreationDate.${UTC_TEXT}}}`;
  const columns =
    `ProcessId,ParentProcessId,${created},ExecutablePath,CommandLine`;
  return [
    `Get-CimInstance Win32_Process -Filter '${filter}' -ErrorAction Stop`,
    `Select-Object ${columns}`,
    "ConvertTo-Json -Compress",
  ].join(" | ");
}

/**
 * Reads the JSON of {@linkcode processQuery} for the processes asked for:
 * nothing, one object or an array. A pid without an object is `gone`, but
 * `unknown` when something cannot be read as a process.
 */
export function parseCimProcesses(
  text: string,
  pids: readonly number[],
): ReadonlyMap<number, Inspection> {
  const items = parseItems(text.trim());
  const stray = unknown("PowerShell printed text that belongs to no process");
  const isReadable = items?.every((item) => isId(item["ProcessId"])) ?? false;
  const absent: Inspection = isReadable ? { kind: "gone" } : stray;
  return new Map(pids.map((pid): [number, Inspection] => {
    const own = items?.filter((item) => item["ProcessId"] === pid) ?? [];
    const [item, second] = own;
    if (item === undefined) return [pid, absent];
    const facts = second === undefined ? parseItem(pid, item) : undefined;
    if (facts !== undefined) return [pid, { kind: "found", facts }];
    return [pid, unknown(`PowerShell tells no start time for ${pid}`)];
  }));
}

type Item = Readonly<Record<string, unknown>>;

function parseItems(text: string): readonly Item[] | undefined {
  if (text === "") return [];
  try {
    const json: unknown = JSON.parse(text);
    const items: readonly unknown[] = Array.isArray(json) ? json : [json];
    return items.every(isItem) ? items : undefined;
  } catch {
    return undefined;
  }
}

function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null;
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function parseItem(pid: number, item: Item): ProcessFacts | undefined {
  const startStamp = parseMoment(textOf(item["Created"]) ?? "");
  if (startStamp === undefined) return undefined;
  const parent = item["ParentProcessId"];
  const commandLine = textOf(item["CommandLine"]);
  return {
    pid,
    parentPid: isId(parent) ? parent : undefined,
    uid: undefined,
    startStamp,
    startedAt: Date.parse(startStamp),
    state: "running",
    argv: commandLine === undefined ? undefined : splitCommandLine(commandLine),
    executable: textOf(item["ExecutablePath"]),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * Reads a moment in UTC that PowerShell printed, such as the last boot, and
 * gives its trimmed text; `undefined` when it is none.
 */
export function parseMoment(text: string): string | undefined {
  const moment = text.trim();
  const isUtc = /^\d{4}-\d\d-\d\dT[\d:]{8}(?:\.\d+)?Z$/.test(moment);
  return isUtc && !Number.isNaN(Date.parse(moment)) ? moment : undefined;
}

/**
 * Splits a command line as `CommandLineToArgvW` does. The first argument ends
 * at its closing quote or, unquoted, at the first space or control character,
 * and knows no escapes. Later ones end at a space or tab outside quotes;
 * backslashes are special only before a quote, and `""` inside quotes is a
 * quote that also ends the quoted part.
 */
export function splitCommandLine(text: string): readonly string[] {
  if (text === "") return [];
  const name = /^(?:"([^"]*)"?|([^\0-\x20]*)[\0-\x20]?)/.exec(text);
  const args = [name?.[1] ?? name?.[2] ?? ""];
  let at = name?.[0].length ?? 0;
  while (true) {
    while (isBlank(text.charAt(at))) at++;
    if (at >= text.length) return args;
    const { arg, end } = takeArgument(text, at);
    args.push(arg);
    at = end;
  }
}

function takeArgument(text: string, start: number) {
  let arg = "";
  let isQuoted = false;
  let slashes = 0;
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\") {
      arg += char;
      slashes++;
      continue;
    }
    if (char === '"') {
      // Of the backslashes before a quote, every second one only escapes.
      arg = arg.slice(0, arg.length - Math.ceil(slashes / 2));
      const isPair = isQuoted && text.charAt(at + 1) === '"';
      const isEscaped = slashes % 2 === 1;
      if (isEscaped || isPair) arg += char;
      if (!isEscaped && isPair) at++;
      if (!isEscaped) isQuoted = !isQuoted;
    } else if (!isQuoted && isBlank(char)) break;
    else arg += char;
    slashes = 0;
  }
  return { arg, end: at };
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t";
}

/**
 * Reads what `netstat -ano` printed: the sockets with a port in the range, one
 * entry per address and port. The word for the state depends on the language
 * of Windows, so a listening socket is one whose peer has port 0.
 */
export function parseNetstat(
  text: string,
  range: PortRange,
): readonly Listener[] {
  const sockets = new Map<string, Listener>();
  for (const line of text.split(/\r?\n/)) {
    const [, host = "", end, holder] =
      /^ *TCP +(\S+):(\d+) +\S+:0 .* (\d+) *$/.exec(line) ?? [];
    const port = Number(end);
    if (!(port >= range.first && port < range.end)) continue;
    const address = host.replaceAll(/[[\]]/g, "");
    const key = `${address} ${port}`;
    const pids = new Set(sockets.get(key)?.pids);
    // Windows shows pid 0 for a socket whose process it does not tell.
    if (Number(holder) !== 0) pids.add(Number(holder));
    const sorted = [...pids].sort((a, b) => a - b);
    sockets.set(key, { port, address, pids: sorted, uid: undefined });
  }
  return [...sockets.values()];
}

function unknown(reason: string) {
  return { kind: "unknown", reason } as const;
}
