/**
 * Runs one command line: parse, load, run, print. Never throws.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { CommandResult } from "./command.ts";
import type { ReeveContext } from "./define_command.ts";
import {
  COMMAND_NAMES,
  mayBeEnvironmentLine,
  withEnvironmentHelp,
} from "./environment_words.ts";
import { tidyHelp } from "./help_text.ts";
import { EXIT, exitCodeForSignal } from "./exit_code.ts";
import { formatJson, printError } from "./print_error.ts";
import { printStallLine } from "./stall_line.ts";

/** Runs the command line and returns the exit code. */
export async function runCli(
  host: Host,
  args: readonly string[],
): Promise<number> {
  const isJson = asksForJson(args);
  const interrupts = openInterrupts(host);
  const printed: string[] = [];
  const complaints: string[] = [];
  const context: ReeveContext = {
    host,
    isJson,
    outcome: {},
    takeInterrupts: interrupts.take,
    process: {
      stdout: { write: (text) => void printed.push(text) },
      stderr: { write: (text) => void complaints.push(text) },
      env: { "STRICLI_NO_COLOR": "1" },
    },
  };
  const words = withHelp(args);
  try {
    if (asksForVersion(words)) {
      const { run } = await import("./commands/version.ts");
      return printResult(host, isJson, await run(context));
    }
    const ended = await Promise.race([
      runWords(context, words).then(() => "done" as const),
      interrupts.untaken,
    ]);
    if (ended !== "done") return interrupted(host, isJson, ended);
    const { result, error } = context.outcome;
    if (error === undefined && result === undefined) {
      const help = printed.join("");
      const isRoot = words[0]?.startsWith("-") === true &&
        help.startsWith("USAGE");
      const page = isRoot ? withEnvironmentHelp(help) : help;
      return printParsed(host, isJson, page, withNearest(words, complaints));
    }
    const exit = result === undefined
      ? printError(host, isJson, error)
      : printResult(host, isJson, result);
    await printStallLine(host, args);
    return exit;
  } catch (error) {
    return printError(host, isJson, error);
  } finally {
    interrupts.close();
  }
}

/** Runs the command and keeps what it gives back. */
async function runWords(
  context: ReeveContext,
  words: readonly string[],
): Promise<void> {
  if (mayBeEnvironmentLine(words)) {
    try {
      const { runEnvironmentLine } = await import("./environment_line.ts");
      const result = await runEnvironmentLine(context, words);
      if (result !== undefined) {
        context.outcome.result = result;
        return;
      }
    } catch (error) {
      context.outcome.error = error;
      return;
    }
  }
  const [{ run }, { app }] = await Promise.all([
    import("@stricli/core"),
    import("./commands.ts"),
  ]);
  await run(app, words, context);
}

/** `reeve` alone and `reeve help …` show help. */
function withHelp(args: readonly string[]): readonly string[] {
  if (args.length === 0) return ["--help"];
  return args[0] === "help" ? [...args.slice(1), "--help"] : args;
}

/** Whether that is all which is asked, besides the form of the answer. */
function asksForVersion([first, ...rest]: readonly string[]): boolean {
  return (first === "--version" || first === "-v") &&
    rest.every((word) => word === "--json");
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

/** A complaint about the first word names the nearest command of all. */
function withNearest(
  [word = ""]: readonly string[],
  complaints: readonly string[],
): string {
  const text = complaints.join("");
  const first = `Cannot find the command ${word}`;
  const nearest = nearestName(word, COMMAND_NAMES);
  return text.startsWith(`${first}\n`) && nearest !== undefined
    ? `${first}\nDid you mean ${nearest}?`
    : text;
}

/** The command never ran: help, the version, or wrong usage. */
function printParsed(
  host: Host,
  isJson: boolean,
  printed: string,
  complaints: string,
): number {
  if (complaints === "") {
    host.terminal.out(tidyHelp(printed));
    return EXIT.ok;
  }
  const [first = "", ...rest] = complaints.trim().split("\n");
  const hint = rest.join(" ").trim() || "See: reeve --help";
  return printError(host, isJson, new KnownError("usage", first, { hint }));
}
