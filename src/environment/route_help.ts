/**
 * Help, completions and the list of commands, out of the table.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";
import { type CommandRow, COMMANDS } from "./route_commands.ts";
import type { FlagRow } from "./route_flag_rows.ts";
import { FLAGS } from "./route_flags.ts";
import { arityOf, scanLine } from "./route_scan.ts";
import { commandRow, flagsOfToken, isFlagOf } from "./route_table.ts";
import type { EnvironmentCommand } from "./route_types.ts";

const COLUMNS = 80;
/** Longest flag that has its brief on the same line. */
const NARROW = 22;
const WORDS: Readonly<Record<CommandRow["words"], string>> = {
  none: "",
  plans: " [PLAN...]",
  selectors: " [SELECTOR...]",
  settings: " [KEY=VALUE...]",
  worktree: " [FEATURE] [ITERATION]",
};

/** The flags that a command knows, in the order of the help. */
function flagsOf(command: EnvironmentCommand): readonly FlagRow[] {
  return FLAGS.filter((row) =>
    isFlagOf(row, command) && !row.tokens.includes("--command")
  );
}

/** The help page of a command; every line fits 80 columns. */
export function commandHelp(command: EnvironmentCommand): string {
  const row = commandRow(command);
  const aliases = row.aliases.map(({ word }) => word);
  const sections = [
    `USAGE\n  reeve ${row.name} [FLAGS]${WORDS[row.words]}`,
    `${row.brief}.`,
    ...aliases.length === 0 ? [] : [`ALIASES\n${wrap(aliases)}`],
    `EXAMPLES\n${row.examples.map((line) => `  ${line}`).join("\n")}`,
    `FLAGS\n${flagLines(flagsOf(command)).join("\n")}`,
    ...row.words === "selectors" ? [SELECTOR_HELP] : [],
    ...row.words === "settings" ? [SETTINGS_HELP] : [],
  ];
  return sections.join("\n\n");
}

const SELECTOR_HELP = `SELECTORS
  backend              a service by its slug or its name
  service:backend      the same where a project has that name too
  "Main backend"       a service of one project
  postgres             a dependency
  feature-a            all of a project`;

const SETTINGS_HELP = `FORMS
  reeve config             asks at a terminal
  reeve config init        takes what the repository has where nobody can ask
  reeve config KEY=VALUE   writes settings; so does --set
  reeve config --stdin-json  reads {"default_mode": …, "ports": {"api": …},
                           "services": {…}, "profiles": {…}}, or keys
  reeve config get|set|unset|show KEY
                           one key; REEVE_ in front may be left out
  reeve config edit        opens VISUAL or EDITOR and checks the result
  Every key, with its value: reeve show-config --json`;

function flagLines(rows: readonly FlagRow[]): readonly string[] {
  const shown = [
    ...rows.map((row) => [usageOf(row), row.brief] as const),
    ["--main, --trees", "The same as --mode main, --mode trees"] as const,
  ];
  const width = Math.max(
    ...shown.map(([usage]) => usage.length).filter((length) =>
      length <= NARROW
    ),
  );
  return shown.map(([usage, brief]) => {
    const line = `  ${usage.padEnd(width)}  ${brief}`;
    if (usage.length <= width) return line;
    return `  ${usage}\n  ${"".padEnd(width)}  ${brief}`;
  });
}

function usageOf(row: FlagRow): string {
  const [first = ""] = row.tokens;
  const short = row.tokens.find((token) => /^-[a-z]$/.test(token));
  const names = short === undefined ? first : `${short}, ${first}`;
  return row.kind === "set" ? names : `${names} ${row.placeholder}`;
}

function wrap(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const longer = `${last}, ${word}`;
    if (last === undefined || longer.length > COLUMNS) lines.push(`  ${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines.join("\n");
}

/** Every command with its flags, for `list-commands --json`. */
export function commandList(): readonly JsonObject[] {
  return COMMANDS.map((row) => ({
    "name": row.name,
    "aliases": row.aliases.map(({ word }) => word),
    "brief": row.brief,
    "words": row.words,
    "when_nothing": row.whenNothing,
    "mode": row.forcedMode ?? null,
    "needs_settings": row.needsSettings,
    "takes_lease": row.takesLease,
    "loads_state": row.loadsState,
    "headless": row.isHeadless,
    "flags": flagsOf(row.name).map((flag) => ({
      "names": flag.tokens,
      "kind": flag.kind,
      "placeholder": flag.kind === "set" ? null : flag.placeholder,
      "brief": flag.brief,
    })),
  }));
}

/** Names that the table cannot know. */
export interface KnownNames {
  /** Projects. */
  readonly projects: readonly string[];
  /** Services and dependencies. */
  readonly units: readonly string[];
  /** Starts of settings: `REEVE_SERVICE_API_PORT=`. */
  readonly keys?: readonly string[];
}

/**
 * What could stand in the place of the last of some words, which may be
 * empty: sorted, without what does not begin with it.
 */
export function proposeWords(
  words: readonly string[],
  names: KnownNames,
): readonly string[] {
  const partial = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const found = candidates(before, partial, names);
  return [...new Set(found)].filter((word) => word.startsWith(partial))
    .toSorted();
}

function candidates(
  before: readonly string[],
  partial: string,
  names: KnownNames,
): readonly string[] {
  const [waiting] = flagsOfToken(before.at(-1) ?? "");
  if (waiting !== undefined && arityOf(waiting) > 0) {
    return valuesFor(waiting, names);
  }
  const line = scanLine(before);
  const named = "kind" in line ? undefined : line.named;
  if (named === undefined) return COMMANDS.map(({ name }) => name);
  if (partial.startsWith("-")) {
    const flags = flagsOf(named.row.name).map(({ tokens }) => tokens[0] ?? "");
    return [...flags, "--main", "--trees"];
  }
  switch (named.row.words) {
    case "selectors":
      return [...names.projects, ...names.units];
    case "settings":
      return ["init", ...names.keys ?? []];
    default:
      return [];
  }
}

function valuesFor(row: FlagRow, names: KnownNames): readonly string[] {
  if (row.kind === "text" && row.key === "mode") return ["main", "trees"];
  if (row.kind !== "list") return [];
  if (row.key === "projects") return names.projects;
  return row.key === "services" || row.key === "without" ? names.units : [];
}
