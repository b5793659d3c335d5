/**
 * Takes a command line apart: what each word is, before anything is made of
 * it. Flags take their values first, so a value is never read as a command.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import type { Mode } from "./model.ts";
import type { FlagRow } from "./route_flag_rows.ts";
import {
  ASSIGNMENT_NAMES,
  COMMAND_TOKENS,
  COMMAND_WORDS,
  commandOfToken,
  commandOfWord,
  FLAG_TOKENS,
  flagsOfToken,
  modeOfToken,
  type NamedCommand,
} from "./route_table.ts";
import {
  type PreviewedCommand,
  type RouteError,
  routeError,
} from "./route_types.ts";

/** A flag as it was given. */
export interface GivenFlag {
  /** As it was written, without a value after `=`. */
  readonly token: string;
  /** Rows that it may mean; they take equally many values. */
  readonly rows: readonly FlagRow[];
  /** Its values. */
  readonly values: readonly string[];
}

/** A plain word, or a `NAME=VALUE`. */
export interface GivenWord {
  /** The whole word. */
  readonly text: string;
  /** What stands before `=`; `undefined` for a plain word. */
  readonly name: string | undefined;
}

/** A line taken apart. */
export interface ScannedLine {
  /** Its command. */
  readonly named: NamedCommand | undefined;
  /** What a preview is about. */
  readonly preview: NamedCommand | undefined;
  /** The mode that its last mode word chose. */
  readonly mode: Mode | undefined;
  /** Its flags, in order. */
  readonly flags: readonly GivenFlag[];
  /** Plain words and assignments, in order. */
  readonly words: readonly GivenWord[];
  /** All after `--`. */
  readonly passthrough: readonly string[];
}

interface Draft {
  named: NamedCommand | undefined;
  preview: NamedCommand | undefined;
  mode: Mode | undefined;
  readonly flags: GivenFlag[];
  readonly words: GivenWord[];
}

const ASSIGNMENT = /^([A-Za-z][A-Za-z0-9_-]*)=/;
const PREVIEWED: readonly string[] = ["plan", "restart", "resume", "start"];
const LONG_WORDS = COMMAND_WORDS.filter((word) => word.length > 1);
const SHORT_TOKENS = FLAG_TOKENS.filter((token) => token.length === 2);
/** A word with more wrong letters than one of so many means something else. */
const MOST_WRONG = 5;
const MODE_FLAGS = ["--main", "--tree", "--trees"];

/** Takes a line apart, without the name of the program. */
export function scanLine(argv: readonly string[]): RouteError | ScannedLine {
  const end = argv.indexOf("--");
  const tokens = end < 0 ? argv : argv.slice(0, end);
  const draft: Draft = {
    named: undefined,
    preview: undefined,
    mode: undefined,
    flags: [],
    words: [],
  };
  for (let at = 0; at < tokens.length;) {
    const next = scanToken(draft, tokens, at);
    if (typeof next !== "number") return next;
    at = next;
  }
  return { ...draft, passthrough: end < 0 ? [] : argv.slice(end + 1) };
}

/** Whether a command only tells about another one. */
export function isPreview(named: NamedCommand): boolean {
  return named.row.name === "explain-startup" || named.row.name === "preflight";
}

/** The name of a command that a preview can tell about. */
export function previewedName(
  named: NamedCommand | undefined,
): PreviewedCommand | undefined {
  switch (named?.row.name) {
    case "plan":
    case "restart":
    case "resume":
    case "start":
      return named.row.name;
    default:
      return undefined;
  }
}

/** The place of the next word, or what is wrong with this one. */
function scanToken(
  draft: Draft,
  tokens: readonly string[],
  at: number,
): number | RouteError {
  const token = tokens[at] ?? "";
  const mode = modeOfToken(token);
  if (mode !== undefined) {
    draft.mode = mode;
    return at + 1;
  }
  if (token.startsWith("-") && token !== "-") {
    return scanDashed(draft, tokens, at);
  }
  const [, name] = ASSIGNMENT.exec(token) ?? [];
  if (name !== undefined) {
    draft.words.push({ text: token, name });
    return at + 1;
  }
  return scanWord(draft, token) ?? at + 1;
}

function scanWord(draft: Draft, word: string): RouteError | undefined {
  if (draft.named === undefined) {
    draft.named = commandOfWord(word);
    return draft.named === undefined ? unknownCommand(word) : undefined;
  }
  const isFirst = draft.preview === undefined && draft.words.length === 0;
  if (isFirst && isPreview(draft.named) && PREVIEWED.includes(word)) {
    draft.preview = commandOfWord(word);
  } else draft.words.push({ text: word, name: undefined });
  return undefined;
}

function scanDashed(
  draft: Draft,
  tokens: readonly string[],
  at: number,
): number | RouteError {
  const token = tokens[at] ?? "";
  const cut = token.indexOf("=");
  const name = cut < 0 ? token : token.slice(0, cut);
  const inline = cut < 0 ? undefined : token.slice(cut + 1);
  const rows = flagsOfToken(name);
  if (rows.length === 0) {
    const named = inline === undefined ? commandOfToken(name) : undefined;
    if (named === undefined) return unknownOption(name, inline);
    return nameCommand(draft, named) ?? at + 1;
  }
  const values = valuesOf(rows[0], inline, tokens.slice(at + 1));
  if (values === undefined) return missingValue(name, rows[0]);
  const isCommand = rows.some((row) =>
    row.kind === "text" && row.key === "command"
  );
  const problem = isCommand
    ? nameByFlag(draft, values[0] ?? "")
    : void draft.flags.push({ token: name, rows, values });
  if (problem !== undefined) return problem;
  return at + 1 + (inline === undefined ? values.length : 0);
}

/** The values of a flag; `undefined` when there are too few. */
function valuesOf(
  row: FlagRow | undefined,
  inline: string | undefined,
  rest: readonly string[],
): readonly string[] | undefined {
  const count = arityOf(row);
  if (inline !== undefined) {
    const values = count > 1 ? inline.split(",") : [inline];
    return count > 1 && values.length !== count ? undefined : values;
  }
  const values = rest.slice(0, count);
  const isWhole = values.length === count &&
    values.every((value) => value === "-" || !value.startsWith("-"));
  return isWhole ? values : undefined;
}

/** How many values a flag takes. */
export function arityOf(row: FlagRow | undefined): number {
  if (row === undefined || row.kind === "set") return 0;
  return row.kind === "pair" ? 2 : 1;
}

function nameByFlag(draft: Draft, word: string): RouteError | undefined {
  const named = commandOfWord(word);
  if (named === undefined) return unknownCommand(word);
  return nameCommand(draft, named);
}

function nameCommand(
  draft: Draft,
  named: NamedCommand,
): RouteError | undefined {
  const before = draft.named;
  if (before === undefined) {
    draft.named = named;
    return undefined;
  }
  if (before.row === named.row) {
    const implies = { ...before.implies, ...named.implies };
    draft.named = { ...named, implies };
    return undefined;
  }
  const isFree = draft.preview === undefined;
  if (isFree && isPreview(before) && previewedName(named) !== undefined) {
    draft.preview = named;
    return undefined;
  }
  if (isFree && isPreview(named) && previewedName(before) !== undefined) {
    draft.named = named;
    draft.preview = before;
    return undefined;
  }
  const words = `${before.row.name} and ${named.row.name}`;
  return routeError(
    "two_commands",
    `Two commands in one line: ${words}`,
    "Run them one after the other.",
  );
}

function unknownCommand(word: string): RouteError {
  return routeError(
    "unknown_command",
    `Cannot find the command ${word}`,
    meant(word, LONG_WORDS) ?? "See: reeve list-commands",
  );
}

function unknownOption(name: string, value: string | undefined): RouteError {
  if (MODE_FLAGS.includes(name)) {
    return routeError(
      "bad_value",
      `${name} takes true or false, not ${value ?? ""}`,
      `Leave the value out: ${name}`,
    );
  }
  const hint = name.startsWith("--")
    ? meant(name, [...FLAG_TOKENS, ...COMMAND_TOKENS]) ??
      "See the options of a command: reeve help COMMAND"
    : `Options of one letter are ${SHORT_TOKENS.join(", ")}.`;
  return routeError(
    "unknown_option",
    `Cannot find the option ${name}`,
    hint,
  );
}

function missingValue(name: string, row: FlagRow | undefined): RouteError {
  const what = row === undefined || row.kind === "set" ? "" : row.placeholder;
  return routeError(
    "missing_value",
    `${name} needs ${arityOf(row) > 1 ? "two values" : "a value"}: ${what}`,
    arityOf(row) > 1
      ? `Write ${name}=a,1 or ${name} a 1.`
      : `A value that begins with a dash is written ${name}=-value.`,
  );
}

/** The error of a name that nobody may assign to. */
export function unknownAssignment(name: string): RouteError {
  return routeError(
    "unknown_assignment",
    `Cannot assign to ${name} on the command line`,
    meant(name, ASSIGNMENT_NAMES) ??
      "Settings are lines KEY=VALUE in .reeve; see: reeve show-config",
  );
}

/** A hint with what was probably meant. */
export function meant(
  word: string,
  names: readonly string[],
): string | undefined {
  // Every short word is near to some other one.
  const { length } = word.replace(/^-+/, "");
  const most = Math.ceil(length / MOST_WRONG);
  const name = length < 3 ? undefined : nearestName(word, names, most);
  return name === undefined ? undefined : `Did you mean ${name}?`;
}
