/**
 * The one table of the command line about environments, indexed: words to
 * commands, tokens to flags and modes, names to assignments.
 *
 * @module
 */

import type { Mode } from "./model.ts";
import { type CommandRow, COMMANDS } from "./route_commands.ts";
import type { FlagRow } from "./route_flag_rows.ts";
import { FLAGS } from "./route_flags.ts";
import type {
  EnvironmentCommand,
  KeysWith,
  RouteFlags,
} from "./route_types.ts";

/** A word that names a command. */
export interface NamedCommand {
  /** The command. */
  readonly row: CommandRow;
  /** The word itself, without dashes. */
  readonly word: string;
  /** Flags that the word stands for. */
  readonly implies: RouteFlags;
}

const words = new Map<string, NamedCommand>();
for (const row of COMMANDS) {
  words.set(row.name, { row, word: row.name, implies: {} });
  for (const { word, implies = {} } of row.aliases) {
    words.set(word, { row, word, implies });
  }
}

const dashed = new Map<string, NamedCommand>();
for (const [word, named] of words) {
  if (word.length > 1) dashed.set(`--${word}`, named);
}

const flags = new Map<string, FlagRow[]>();
for (const row of FLAGS) {
  for (const token of row.tokens) {
    flags.set(token, [...flags.get(token) ?? [], row]);
  }
}

type ModeRow = readonly [yes: Mode, no: Mode, names: readonly string[]];

const MODE_ROWS: readonly ModeRow[] = [
  ["trees", "main", ["--tree", "--trees", "tree", "trees", "TREE", "TREES"]],
  ["main", "trees", ["--main", "main", "MAIN"]],
];

const modes = new Map<string, Mode>();
for (const [yes, no, names] of MODE_ROWS) {
  for (const name of names) {
    modes.set(`${name}=true`, yes);
    modes.set(`${name}=false`, no);
    if (name.startsWith("--")) modes.set(name, yes);
  }
}

/** A name that may stand before `=` on the command line. */
export type AssignmentRow =
  /** On or off; `isOpposite` ones switch the flag off by `true`. */
  | {
    readonly kind: "switch";
    readonly names: readonly string[];
    readonly key: KeysWith<boolean>;
    readonly isOpposite?: true;
  }
  | {
    readonly kind: "count";
    readonly names: readonly string[];
    readonly key: KeysWith<number>;
  }
  /** A service that is left out by `false`. */
  | {
    readonly kind: "part";
    readonly names: readonly string[];
    readonly service: string;
  };

/** Every assignment; names count letter by letter. */
export const ASSIGNMENTS: readonly AssignmentRow[] = [
  { kind: "switch", names: ["fresh", "FRESH"], key: "noResume" },
  {
    kind: "switch",
    names: ["resume", "RESUME"],
    key: "noResume",
    isOpposite: true,
  },
  { kind: "switch", names: ["force", "FORCE"], key: "force" },
  {
    kind: "switch",
    names: ["parallel-trees", "PARALLEL_TREES", "RUN_SH_OPT_PARALLEL_TREES"],
    key: "parallelTrees",
  },
  {
    kind: "count",
    names: [
      "parallel-trees-max",
      "PARALLEL_TREES_MAX",
      "RUN_SH_OPT_PARALLEL_TREES_MAX",
    ],
    key: "parallelTreesMax",
  },
  {
    kind: "switch",
    names: [
      "service-parallel",
      "SERVICE_PARALLEL",
      "ENVCTL_SERVICE_ATTACH_PARALLEL",
    ],
    key: "serviceParallel",
  },
  { kind: "part", names: ["backend", "BACKEND"], service: "backend" },
  { kind: "part", names: ["frontend", "FRONTEND"], service: "frontend" },
];

/** The command that a plain word names. */
export function commandOfWord(word: string): NamedCommand | undefined {
  return words.get(word);
}

/** The command that a word with dashes names. */
export function commandOfToken(token: string): NamedCommand | undefined {
  return dashed.get(token);
}

/** The row of a command. */
export function commandRow(name: EnvironmentCommand): CommandRow {
  const named = words.get(name);
  if (named === undefined) throw new TypeError(`no command ${name}`);
  return named.row;
}

/** Rows of a token; more than one when commands read it differently. */
export function flagsOfToken(token: string): readonly FlagRow[] {
  return flags.get(token) ?? [];
}

/** Whether a command knows a flag. */
export function isFlagOf(row: FlagRow, command: EnvironmentCommand): boolean {
  return row.commands === "all" || row.commands.includes(command);
}

/** The mode that a token, plain or with dashes, chooses. */
export function modeOfToken(token: string): Mode | undefined {
  return modes.get(token);
}

/** The row of an assignment. */
export function assignmentOf(name: string): AssignmentRow | undefined {
  return ASSIGNMENTS.find(({ names }) => names.includes(name));
}

/** Every word for a command: names and aliases. */
export const COMMAND_WORDS: readonly string[] = [...words.keys()];

/** Every command token with dashes. */
export const COMMAND_TOKENS: readonly string[] = [...dashed.keys()];

/** Every token of a flag, and those of the modes with dashes. */
export const FLAG_TOKENS: readonly string[] = [
  ...flags.keys(),
  ...[...modes.keys()].filter((token) => /^--[a-z]+$/.test(token)),
];

/** Every name that may be assigned to. */
export const ASSIGNMENT_NAMES: readonly string[] = [
  ...ASSIGNMENTS.flatMap(({ names }) => names),
  ...[...modes.keys()].filter((token) => /^[a-zA-Z]+=true$/.test(token))
    .map((token) => token.slice(0, -"=true".length)),
];
