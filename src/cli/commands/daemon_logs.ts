/**
 * `reeve daemon logs`.
 *
 * @module
 */

import { daemonContext } from "../../daemon/context.ts";
import {
  followLog,
  type LogFollower,
  readTail,
} from "../../environment/service_log.ts";
import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
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
  const size = host.blocking.stat(daemonLog)?.size ?? 0;
  const last = size === 0 ? [] : readTail(host, daemonLog, flags.lines).lines;
  if (flags.follow) {
    tell(host, last);
    return { exit: await follow(context, followLog(host, daemonLog, size)) };
  }
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_logs",
      "schema_version": 1,
      "path": daemonLog,
      "lines": last.map(parseLine),
    },
    text: size === 0
      ? `The log is empty: ${daemonLog}`
      : last.map(formatLine).join("\n"),
  };
}

function tell({ terminal }: Pick<Host, "terminal">, lines: readonly string[]) {
  for (const line of lines) terminal.out(`${formatLine(line)}\n`);
}

/** Shows new lines until Ctrl-C, or until whoever reads them leaves. */
async function follow(
  { host, takeInterrupts }: CommandContext,
  follower: LogFollower,
): Promise<number> {
  const interrupt = takeInterrupts();
  while (!interrupt.aborted && !host.terminal.isDeserted()) {
    await host.clock.sleep(FOLLOW_PAUSE_MS, interrupt);
    tell(host, follower.read());
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
