/**
 * `reeve daemon logs`.
 *
 * @module
 */

import { daemonContext } from "../../daemon/context.ts";
import { KnownError } from "../../errors.ts";
import { type Host, HostError } from "../../host/host.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT, exitCodeForSignal } from "../exit_code.ts";
import { toOneLine } from "../one_line.ts";

/** Flags of `reeve daemon logs`. */
export interface LogFlags extends JsonFlags {
  /** How many of the last lines. */
  readonly lines: number;
  /** Go on with new lines. */
  readonly follow: boolean;
}

const LIMIT_BYTES = 16 * 1024 * 1024;
const FOLLOW_PAUSE_MS = 250;

/** Shows the last lines of the daemon's log. */
export async function run(
  context: CommandContext,
  flags: LogFlags,
): Promise<CommandResult> {
  const { host } = context;
  if (flags.follow && context.isJson) {
    throw new KnownError("usage", "Cannot follow the log with --json", {
      hint: "One document has an end. Leave one of the two flags out.",
    });
  }
  const { daemonLog } = (await daemonContext(host)).paths;
  const text = await readLog(host, daemonLog);
  const lines = text.split("\n").filter((line) => line !== "");
  const last = flags.lines <= 0 ? [] : lines.slice(-flags.lines);
  if (flags.follow) {
    for (const line of last) host.terminal.out(`${formatLine(line)}\n`);
    return { exit: await follow(context, daemonLog, text) };
  }
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_logs",
      "schema_version": 1,
      "path": daemonLog,
      "lines": last.map(parseLine),
    },
    text: last.length === 0
      ? `The log is empty: ${daemonLog}`
      : last.map(formatLine).join("\n"),
  };
}

async function readLog(
  host: Pick<Host, "files">,
  path: string,
): Promise<string> {
  try {
    return await host.files.readText(path, LIMIT_BYTES);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") return "";
    throw error;
  }
}

async function follow(
  { host, takeInterrupts }: CommandContext,
  path: string,
  seen: string,
): Promise<number> {
  const interrupt = takeInterrupts();
  let shown = seen;
  while (!interrupt.aborted && !host.terminal.isDeserted()) {
    await host.clock.sleep(FOLLOW_PAUSE_MS, interrupt);
    const now = await readLog(host, path);
    // After a rotation the file starts anew.
    const fresh = now.startsWith(shown) ? now.slice(shown.length) : now;
    const end = fresh.lastIndexOf("\n") + 1;
    for (const line of fresh.slice(0, end).split("\n")) {
      if (line !== "") host.terminal.out(`${formatLine(line)}\n`);
    }
    shown = now.slice(0, now.length - (fresh.length - end));
  }
  return interrupt.aborted ? exitCodeForSignal(interrupt.reason) : EXIT.ok;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { "message": line };
  }
}

function formatLine(line: string): string {
  const value = parseLine(line);
  if (typeof value !== "object" || value === null) return toOneLine(line);
  const read = (key: string) =>
    String(Object.entries(value).find(([name]) => name === key)?.[1] ?? "");
  const head = `${read("@timestamp")} ${read("pid")} ${read("level")}`.trim();
  return toOneLine(`${head} ${read("message")}`.trim());
}
