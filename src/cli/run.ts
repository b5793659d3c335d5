/**
 * Runs one command line: parse, load, run, print. Never throws.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { mayBeEnvironmentLine } from "./environment_words.ts";
import { EXIT, exitCodeForSignal } from "./exit_code.ts";
import type { LineEnd } from "./line_end.ts";
import { formatJson, printError } from "./print_error.ts";
import { printStallLine } from "./stall_line.ts";

/** Runs the command line and returns the exit code. */
export async function runCli(
  host: Host,
  args: readonly string[],
): Promise<number> {
  const isJson = asksForJson(args);
  const interrupts = openInterrupts(host);
  const context = { host, isJson, takeInterrupts: interrupts.take };
  const words = withHelp(args);
  try {
    const ended = await Promise.race([
      runWords(context, words),
      interrupts.untaken,
    ]);
    if (typeof ended === "string") return interrupted(host, isJson, ended);
    const exit = printEnd(host, isJson, ended);
    if (ended.kind === "done" || ended.kind === "failed") {
      await printStallLine(host, args);
    }
    return exit;
  } catch (error) {
    return printError(host, isJson, error);
  } finally {
    interrupts.close();
  }
}

/** Runs the command; nothing of what it gives back is printed yet. */
async function runWords(
  context: CommandContext,
  words: readonly string[],
): Promise<LineEnd> {
  if (asksOnly(words, ["--version", "-v"])) {
    const { run } = await import("./commands/version.ts");
    const { json, text = "" } = await run(context);
    return {
      kind: "page",
      text: context.isJson ? formatJson(json) : `${text}\n`,
    };
  }
  if (asksOnly(words, ["--help", "-h"])) {
    const { rootHelp } = await import("./root_help.ts");
    return { kind: "page", text: rootHelp() };
  }
  if (mayBeEnvironmentLine(words)) {
    try {
      const { runEnvironmentLine } = await import("./environment_line.ts");
      const result = await runEnvironmentLine(context, words);
      if (result !== undefined) return { kind: "done", result };
    } catch (error) {
      return { kind: "failed", error };
    }
  }
  const { runTableLine } = await import("./table_line.ts");
  return await runTableLine(context, words);
}

/** `reeve` alone and `reeve help …` show help. */
function withHelp(args: readonly string[]): readonly string[] {
  if (args.length === 0) return ["--help"];
  return args[0] === "help" ? [...args.slice(1), "--help"] : args;
}

/** Whether that is all which is asked, besides the form of the answer. */
function asksOnly(
  [first = "", ...rest]: readonly string[],
  names: readonly string[],
): boolean {
  return names.includes(first) && rest.every((word) => word === "--json");
}

function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}

interface Interrupts {
  readonly take: () => AbortSignal;
  readonly untaken: Promise<string>;
  readonly close: () => void;
}

function openInterrupts(host: Host): Interrupts {
  const abort = new AbortController();
  let isTaken = false;
  let close = () => {};
  const untaken = new Promise<string>((resolve) => {
    close = host.processes.onTermination((name) => {
      if (isTaken) abort.abort(name);
      else resolve(name);
    });
  });
  return {
    take: () => {
      isTaken = true;
      return abort.signal;
    },
    untaken,
    close: () => close(),
  };
}

function interrupted(host: Host, isJson: boolean, name: string): number {
  const message = `Interrupted by ${name}`;
  if (isJson) printError(host, isJson, new KnownError("cancelled", message));
  else host.terminal.err(`${message}.\n`);
  return exitCodeForSignal(name);
}

function printEnd(host: Host, isJson: boolean, end: LineEnd): number {
  switch (end.kind) {
    case "done":
      return printResult(host, isJson, end.result);
    case "page":
      host.terminal.out(end.text);
      return EXIT.ok;
    default:
      return printError(host, isJson, end.error);
  }
}

function printResult(
  host: Host,
  isJson: boolean,
  result: CommandResult,
): number {
  for (const note of result.notes ?? []) host.terminal.err(`${note}\n`);
  if (isJson && result.json !== undefined) {
    host.terminal.out(formatJson(result.json));
  } else if (!isJson && result.text !== undefined && result.text !== "") {
    host.terminal.out(`${result.text}\n`);
  }
  return result.exit;
}
