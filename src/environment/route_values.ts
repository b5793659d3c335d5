/**
 * Gives the flags and assignments of a line their meaning.
 *
 * @module
 */

import type { Mode } from "./model.ts";
import type { FlagRow, SetFlag, TextFlag } from "./route_flag_rows.ts";
import { FLAGS } from "./route_flags.ts";
import {
  type GivenFlag,
  type GivenWord,
  unknownAssignment,
} from "./route_scan.ts";
import {
  assignmentOf,
  type AssignmentRow,
  isFlagOf,
  modeOfToken,
} from "./route_table.ts";
import {
  type EnvironmentCommand,
  type RouteError,
  routeError,
  type RouteFlags,
} from "./route_types.ts";
import {
  badFeature,
  badMode,
  isFeatureName,
  modeValue,
  switchValue,
  wholeNumber,
} from "./route_words.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What the words of a line have filled so far. */
export interface BoundLine {
  /** Flags. */
  readonly flags: Writable<RouteFlags>;
  /** Names after `--project`. */
  readonly projects: string[];
  /** Selectors after `--service`. */
  readonly services: string[];
  /** Value of `--mode`. */
  mode: Mode | undefined;
}

const EXCLUSIVE = [
  "dependencyScope",
  "headless",
  "scope",
  "worktree",
] as const;

/**
 * Fills in one flag for a command; `previewed` is the command that a preview
 * tells about, whose flags it knows too.
 */
export function bindFlag(
  line: BoundLine,
  given: GivenFlag,
  command: EnvironmentCommand,
  previewed: EnvironmentCommand | undefined,
): RouteError | undefined {
  const row = given.rows.find((row) =>
    isFlagOf(row, command) ||
    previewed !== undefined && isFlagOf(row, previewed)
  );
  if (row === undefined) return notApplicable(given, command);
  const { token, values } = given;
  const [value = ""] = values;
  switch (row.kind) {
    case "set":
      return bindSet(line, row, token, values[0]);
    case "text":
      return bindText(line, row, token, value);
    case "count": {
      const count = wholeNumber(value, row.min);
      if (count === undefined) return notANumber(token, value, row.min);
      line.flags[row.key] = count;
      return undefined;
    }
    case "lines":
    case "list": {
      const names = row.kind === "lines" ? [value] : namesIn(value);
      if (value.trim() === "") return emptyValue(token);
      if (row.key === "projects" || row.key === "services") {
        line[row.key].push(...names);
      } else line.flags[row.key] = [...line.flags[row.key] ?? [], ...names];
      return undefined;
    }
    case "pair": {
      const [feature = "", text = ""] = values;
      const count = wholeNumber(text, 1);
      if (!isFeatureName(feature)) return badFeature(feature);
      if (count === undefined) return notANumber(token, text, 1);
      const pairs = line.flags[row.key] ?? [];
      line.flags[row.key] = [...pairs, { feature, count }];
      return undefined;
    }
  }
}

function namesIn(value: string): readonly string[] {
  return value.split(",").map((name) => name.trim())
    .filter((name) => name !== "");
}

function bindSet(
  line: BoundLine,
  row: SetFlag,
  token: string,
  value: string | undefined,
): RouteError | undefined {
  const on = value === undefined ? true : switchValue(value);
  const put = on === true ? row.put : on === false ? opposite(row) : undefined;
  if (put === undefined) {
    return routeError(
      "bad_value",
      `${token} does not take the value ${value}`,
      opposite(row) === undefined
        ? `Leave the value out: ${token}`
        : `Write ${token}, ${token}=true or ${token}=false.`,
    );
  }
  for (const key of EXCLUSIVE) {
    const [before, now] = [line.flags[key], put[key]];
    if (before === undefined || now === undefined || before === now) continue;
    return routeError(
      "conflict",
      `${token} contradicts an earlier flag of the line`,
      "Keep one of them.",
    );
  }
  Object.assign(line.flags, put);
  return undefined;
}

/** What `=false` means: only for flags that are no more than on or off. */
function opposite(row: SetFlag): RouteFlags | undefined {
  const entries = Object.entries(row.put);
  return entries.every(([, value]) => typeof value === "boolean")
    ? Object.fromEntries(entries.map(([key, value]) => [key, !value]))
    : undefined;
}

function bindText(
  line: BoundLine,
  row: TextFlag,
  token: string,
  value: string,
): RouteError | undefined {
  if (value === "") return emptyValue(token);
  switch (row.key) {
    case "mode":
      line.mode = modeValue(value);
      return line.mode === undefined ? badMode(token, value) : undefined;
    case "command":
      return undefined;
    default:
      line.flags[row.key] = value;
      return undefined;
  }
}

/**
 * Fills in one `NAME=VALUE` of a line, unless a flag (its key is in `said`) has
 * said something else. Of two assignments the later one counts.
 */
export function bindAssignment(
  line: BoundLine,
  said: ReadonlySet<string>,
  word: GivenWord,
  command: EnvironmentCommand,
): RouteError | undefined {
  const name = word.name ?? "";
  const value = word.text.slice(name.length + 1);
  if (modeOfToken(`${name}=true`) !== undefined) {
    return notASwitch(name, value);
  }
  const row = assignmentOf(name);
  if (row === undefined) return unknownAssignment(name);
  const key = row.kind === "part" ? "without" : row.key;
  const doesApply = FLAGS.some((flag) =>
    isFlagOf(flag, command) && fills(flag, key)
  );
  if (!doesApply) {
    return routeError(
      "not_applicable",
      `${name}=… says nothing to ${command}`,
      `Leave it out, or see: reeve ${command} --help`,
    );
  }
  if (row.kind === "count") return assignCount(line, said, row, name, value);
  const on = switchValue(value);
  if (on === undefined) return notASwitch(name, value);
  if (row.kind === "switch") {
    if (!said.has(row.key)) {
      line.flags[row.key] = on !== (row.isOpposite ?? false);
    }
  } else if (!on) {
    line.flags.without = [...line.flags.without ?? [], row.service];
  }
  return undefined;
}

function assignCount(
  line: BoundLine,
  said: ReadonlySet<string>,
  row: AssignmentRow & { readonly kind: "count" },
  name: string,
  value: string,
): RouteError | undefined {
  const count = wholeNumber(value, 1);
  if (count === undefined) return notANumber(name, value, 1);
  if (!said.has(row.key)) line.flags[row.key] = count;
  return undefined;
}

function fills(row: FlagRow, key: string): boolean {
  return row.kind === "set" ? key in row.put : row.key === key;
}

function notApplicable(
  { token, rows }: GivenFlag,
  command: EnvironmentCommand,
): RouteError {
  const known = rows.flatMap(({ commands }) =>
    commands === "all" ? [] : commands
  );
  return routeError(
    "not_applicable",
    `${token} is no flag of ${command}`,
    `It belongs to ${known.join(", ")}.`,
  );
}

function notANumber(token: string, value: string, min: number): RouteError {
  return routeError(
    "bad_value",
    `${token} takes a whole number, not ${value}`,
    `The least is ${min}, the greatest 999999999.`,
  );
}

function emptyValue(token: string): RouteError {
  return routeError(
    "missing_value",
    `${token} has an empty value`,
    "Name something, or leave the flag out.",
  );
}

function notASwitch(name: string, value: string): RouteError {
  return routeError(
    "bad_value",
    `${name} is true or false, not ${value}`,
    `Write ${name}=true or ${name}=false.`,
  );
}
