/**
 * From the words of a command line to what it asks for. Pure: nothing is
 * looked up, and a line that is not understood does nothing at all.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { CommandRow } from "./route_commands.ts";
import { applyPolicies, chooseMode, type RouteEnv } from "./route_policy.ts";
import {
  type GivenWord,
  meant,
  previewedName,
  scanLine,
  type ScannedLine,
} from "./route_scan.ts";
import { COMMAND_WORDS, type NamedCommand } from "./route_table.ts";
import { type Route, type RouteError, routeError } from "./route_types.ts";
import { bindAssignment, bindFlag, type BoundLine } from "./route_values.ts";

/** Words after `config` that are commands of their own. */
const SETTING_COMMANDS = ["edit", "get", "path", "set", "show", "unset"];

/**
 * Reads a command line, without the name of the program.
 *
 * `env` holds variables; those that the settings of the repository know may be
 * added to it, and only the default mode and the default scope of dependencies
 * are read from it.
 */
export function parseRoute(
  argv: readonly string[],
  env: RouteEnv,
): Route | RouteError {
  const line = scanLine(argv);
  if ("kind" in line) return line;
  if (line.named === undefined) {
    return routeError(
      "no_command",
      "The line names no command",
      "To bring the environment up: reeve start",
    );
  }
  return makeRoute(line, line.named, env);
}

/** The error as one that the command line prints. */
export function knownRouteError(error: RouteError): KnownError {
  return new KnownError("usage", error.message, { hint: error.hint });
}

/**
 * Whether a line is about environments: its first word that is no value names
 * one of their commands. `config get` and its like are not.
 */
export function isEnvironmentLine(argv: readonly string[]): boolean {
  const line = scanLine(argv);
  // A line with a mistake after its command is still about that command.
  const named = "kind" in line ? firstCommand(argv) : line.named;
  if (named === undefined) return false;
  if (named.row.name !== "config" || "kind" in line) return true;
  return !SETTING_COMMANDS.includes(line.words[0]?.text ?? "");
}

/** The command of a line up to its first mistake. */
function firstCommand(argv: readonly string[]): NamedCommand | undefined {
  for (let end = 1; end < argv.length; end++) {
    const line = scanLine(argv.slice(0, end));
    if (!("kind" in line) && line.named !== undefined) return line.named;
  }
  return undefined;
}

function makeRoute(
  line: ScannedLine,
  named: NamedCommand,
  env: RouteEnv,
): Route | RouteError {
  const { row } = named;
  const preview = previewedName(line.preview);
  const bound: BoundLine = {
    flags: {},
    projects: [],
    services: [],
    mode: undefined,
  };
  for (const given of line.flags) {
    const problem = bindFlag(bound, given, row.name, preview);
    if (problem !== undefined) return problem;
  }
  const said = new Set(Object.keys(bound.flags));
  for (const word of assignmentsIn(line.words, row)) {
    const problem = bindAssignment(bound, said, word, row.name);
    if (problem !== undefined) return problem;
  }
  const words = plainWords(line, named);
  if ("kind" in words) return words;
  const makesTrees = bound.flags.setupWorktree ?? bound.flags.setupWorktrees;
  const forced = {
    ...line.preview?.row,
    ...row,
    ...makesTrees === undefined ? {} : { forcedMode: "trees" as const },
  };
  const chosen = chooseMode(forced, bound.mode ?? line.mode, env);
  if ("kind" in chosen) return chosen;
  return applyPolicies(
    {
      command: row.name,
      preview,
      mode: chosen.mode,
      modeSource: chosen.source,
      projects: bound.projects,
      services: bound.services,
      words: words.words,
      passthrough: line.passthrough,
      flags: { ...named.implies, ...line.preview?.implies, ...bound.flags },
    },
    row,
    env,
  );
}

/** Assignments; after `config` they are settings and stay words. */
function assignmentsIn(
  words: readonly GivenWord[],
  row: CommandRow,
): readonly GivenWord[] {
  if (row.words === "settings") return [];
  return words.filter(({ name }) => name !== undefined);
}

function plainWords(
  { words, passthrough }: ScannedLine,
  { row, word }: NamedCommand,
): RouteError | { readonly words: readonly string[] } {
  const plain = words
    .filter(({ name }) => name === undefined || row.words === "settings")
    .map(({ text }) => text);
  const [first] = [...plain, ...passthrough];
  if (row.words === "none" && first !== undefined) {
    return routeError(
      "unknown_word",
      `${word} takes no words, but there is ${first}`,
      meant(first, COMMAND_WORDS.filter(({ length }) => length > 1)) ??
        (row.name === "dashboard"
          ? `To see one unit: reeve health ${first}`
          : `See: reeve ${word} --help`),
    );
  }
  return { words: plain };
}
