/**
 * The standing rules of the command line about environments: mode, what is
 * meant when nothing is said, and what does not go together.
 *
 * @module
 */

import type { Mode } from "./model.ts";
import type { CommandRow } from "./route_commands.ts";
import {
  type DependencyScope,
  type ModeSource,
  type Route,
  type RouteError,
  routeError,
  type RouteFlags,
} from "./route_types.ts";
import { badMode, modeValue } from "./route_words.ts";

/** Variables by name, as the process or the settings have them. */
export type RouteEnv = Readonly<Record<string, string | undefined>>;

/** The mode of a line, and where it came from. */
export interface ChosenMode {
  /** The mode. */
  readonly mode: Mode;
  /** Where it came from. */
  readonly source: ModeSource;
}

const MODE_VARIABLES = ["REEVE_DEFAULT_MODE", "ENVCTL_DEFAULT_MODE"];
const SCOPE_VARIABLES = [
  "REEVE_DEFAULT_TREE_DEPENDENCY_SCOPE",
  "ENVCTL_DEFAULT_TREE_DEPENDENCY_SCOPE",
];
/** A preview without a command is about a start. */
const STARTS: readonly string[] = ["explain-startup", "preflight", "start"];
const SCOPES: Readonly<Record<string, DependencyScope>> = {
  shared: "shared",
  share: "shared",
  main: "shared",
  isolated: "isolated",
  isolate: "isolated",
  separate: "isolated",
  separated: "isolated",
};

/** A variable by its first name that is there, with that name. */
function firstOf(
  env: RouteEnv,
  names: readonly string[],
): readonly [name: string, value: string] | undefined {
  for (const name of names) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== "") return [name, value];
  }
  return undefined;
}

/** Which mode a line is about. A wrong default is an error for every line. */
export function chooseMode(
  row: Pick<CommandRow, "forcedMode" | "name">,
  explicit: Mode | undefined,
  env: RouteEnv,
): ChosenMode | RouteError {
  const standard = firstOf(env, MODE_VARIABLES);
  const fallback = modeValue(standard?.[1] ?? "main");
  if (standard !== undefined && fallback === undefined) {
    return { ...badMode(...standard), code: "bad_default" };
  }
  const { forcedMode } = row;
  if (forcedMode !== undefined) {
    return explicit === undefined || explicit === forcedMode
      ? { mode: forcedMode, source: "forced" }
      : routeError(
        "conflict",
        `${row.name} is about worktrees, not about the main checkout`,
        "Leave --main out.",
      );
  }
  if (explicit !== undefined) return { mode: explicit, source: "explicit" };
  return { mode: fallback ?? "main", source: standard ? "env" : "default" };
}

/** A route before the standing rules. */
export type RawRoute = Omit<Route, "headless" | "json" | "kind">;

/** Applies the standing rules to a route. */
export function applyPolicies(
  raw: RawRoute,
  row: Pick<CommandRow, "isHeadless">,
  env: RouteEnv,
): Route | RouteError {
  const problem = contradictionIn(raw);
  if (problem !== undefined) return problem;
  const scope = dependencyScopeFor(raw, env);
  if (typeof scope === "object") return scope;
  const json = raw.flags.json ?? false;
  const flags: RouteFlags = {
    ...raw.flags,
    ...needsWholeSystem(raw) ? { scope: "entire-system" } : {},
    ...scope === undefined ? {} : { dependencyScope: scope },
  };
  const headless = json || (raw.flags.headless ?? row.isHeadless);
  return { kind: "route", ...raw, flags, json, headless };
}

/** Whether nothing in a start or restart names a part of the stack. */
function needsWholeSystem(raw: RawRoute): boolean {
  const { flags } = raw;
  const about = raw.preview ?? raw.command;
  const isRestart = about === "restart";
  if (!isRestart && !STARTS.includes(about)) return false;
  if (flags.scope !== undefined || flags.dependencies !== undefined) {
    return false;
  }
  if (raw.services.length + raw.words.length > 0) return false;
  return !isRestart || raw.projects.length === 0;
}

function contradictionIn(raw: RawRoute): RouteError | undefined {
  const { flags, projects } = raw;
  if (flags.json === true && flags.headless === false) {
    return conflict("--json and --interactive", "Keep one of them.");
  }
  if (flags.all === true && projects.length > 0) {
    return conflict("--all and --project", "Keep one of them.");
  }
  const isWithout = flags.dependencies === false;
  if (isWithout && flags.dependencyScope === "shared") {
    return conflict("--shared-deps and --no-deps", "Keep one of them.");
  }
  if (isWithout && flags.scope === "dependencies") {
    return conflict("--dependencies and --no-deps", "Keep one of them.");
  }
  if (flags.dependencyScope === "isolated" && raw.mode === "main") {
    return conflict("--isolated-deps and --main", "Add --trees.");
  }
  return undefined;
}

function conflict(what: string, hint: string): RouteError {
  return routeError("conflict", `${what} do not go together`, hint);
}

function dependencyScopeFor(
  raw: RawRoute,
  env: RouteEnv,
): DependencyScope | RouteError | undefined {
  const standard = firstOf(env, SCOPE_VARIABLES);
  const fallback = SCOPES[standard?.[1].toLowerCase() ?? ""];
  if (standard !== undefined && fallback === undefined) {
    return routeError(
      "bad_default",
      `${standard[0]} is shared or isolated, not ${standard[1]}`,
      `Set ${standard[0]} to shared or isolated.`,
    );
  }
  const explicit = raw.flags.dependencyScope;
  if (explicit !== undefined || raw.mode === "main") return explicit;
  return raw.flags.dependencies === false ? undefined : fallback;
}
