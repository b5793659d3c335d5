/**
 * How a script reads its words and ends: flags that it does not know are
 * refused, `--help` says what it takes, and what a person can mend is one line.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** How a script ends that was given words which it does not take. */
export const USAGE_EXIT = 64;

/** A script cannot go on, for a reason that a person can mend. */
export class ScriptError extends Error {
  /** Tells these errors from bugs. */
  override readonly name = "ScriptError";
  /** How the process ends. */
  readonly code: number;

  /** @param code how the process ends; {@linkcode USAGE_EXIT} for its words. */
  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

/** A flag of a script. */
export interface Flag {
  /** What it takes, such as `DIR`; without it the flag stands alone. */
  readonly takes?: string;
  /** What it does, in a few words. */
  readonly does: string;
}

/** What a script takes. */
export interface Usage {
  /** How it is run, such as `deno task package`. */
  readonly run: string;
  /** What it does, in a sentence or two. */
  readonly does: string;
  /** Its flags by their names, without dashes. */
  readonly flags?: Readonly<Record<string, Flag>>;
  /** What words beside flags are; without it there may be none. */
  readonly words?: Flag & { readonly takes: string };
}

/** What a script was given. */
export interface Given {
  /** Words beside flags, in order. */
  readonly words: readonly string[];
  /** Whether a flag is there. */
  has(flag: string): boolean;
  /** Every value of a flag, in order. */
  all(flag: string): readonly string[];
  /** The last value of a flag. */
  last(flag: string): string | undefined;
}

const COLUMNS = 80;

/** What `--help` prints. */
export function helpText({ run, does, flags = {}, words }: Usage): string {
  const rows = Object.entries(flags).map(([name, { takes, does }]) =>
    [takes === undefined ? `--${name}` : `--${name} ${takes}`, does] as const
  );
  if (words !== undefined) rows.unshift([words.takes, words.does]);
  rows.push(["--help", "Prints this."]);
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = " ".repeat(width + 4);
  const lines = rows.map(([left, right]) =>
    `  ${left.padEnd(width)}  ${wrap(right, indent)}`
  );
  const line = words === undefined ? run : `${run} [${words.takes}…]`;
  return `Usage: ${line} [flags]\n\n${wrap(does, "")}\n\n${lines.join("\n")}\n`;
}

/** Breaks a text into lines; those after the first are indented. */
function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + word.length >= COLUMNS) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}

/**
 * Reads the words that a script was given.
 *
 * @throws {TypeError} for a flag or a word that it does not take.
 */
export function readGiven(args: readonly string[], usage: Usage): Given {
  const named = Object.entries(usage.flags ?? {});
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: usage.words !== undefined,
    options: Object.fromEntries(named.map(([name, { takes }]) => [name, {
      type: takes === undefined ? "boolean" : "string",
      multiple: true,
    }])),
  });
  const all = (flag: string) =>
    (values[flag] ?? []).filter((value) => typeof value === "string");
  return {
    words: positionals,
    has: (flag) => values[flag] !== undefined,
    all,
    last: (flag) => all(flag).at(-1),
  };
}

/**
 * Runs a script to its end and ends the process: with 0 or what `main`
 * returns, with the code of a {@linkcode ScriptError}, or with 64 for words that
 * the script does not take.
 */
export async function runScript(
  usage: Usage,
  main: (given: Given) => Promise<number | void> | number | void,
): Promise<never> {
  if (Deno.args.some((word) => word === "--help" || word === "-h")) {
    say(Deno.stdout, helpText(usage));
    Deno.exit(0);
  }
  let given: Given;
  try {
    given = readGiven(Deno.args, usage);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What it says after the first sentence is about words that look like flags.
    const [sentence = ""] = error.message.split(/\. |\n/);
    say(Deno.stderr, `error: ${sentence}\n\n${helpText(usage)}`);
    Deno.exit(USAGE_EXIT);
  }
  try {
    Deno.exit(await main(given) ?? 0);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    say(Deno.stderr, `error: ${error.message}\n`);
    Deno.exit(error.code);
  }
}

function say(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  stream.writeSync(new TextEncoder().encode(text));
}
