/**
 * The words of a command line about environments: commands, flags, and what a
 * line comes to.
 *
 * @module
 */

import type { Mode } from "./model.ts";

/** Every command about environments, by its full name. */
export type EnvironmentCommand =
  | "clear-logs"
  | "config"
  | "dashboard"
  | "debug-last"
  | "debug-pack"
  | "debug-report"
  | "doctor"
  | "endpoints"
  | "ensure-worktree"
  | "errors"
  | "explain-startup"
  | "health"
  | "list-commands"
  | "list-targets"
  | "list-trees"
  | "logs"
  | "plan"
  | "preflight"
  | "restart"
  | "resume"
  | "show-config"
  | "show-state"
  | "start"
  | "stop"
  | "stop-all";

/** Commands that `explain-startup` and `preflight` can tell about. */
export type PreviewedCommand = "plan" | "restart" | "resume" | "start";

/** A part of the stack by its role. */
export type RuntimeScope =
  | "backend"
  | "dependencies"
  | "entire-system"
  | "frontend"
  | "fullstack";

/** Whether worktrees share the dependencies of the main checkout. */
export type DependencyScope = "isolated" | "shared";

/** Two words behind one flag. */
export interface WorktreePair {
  /** Name of the feature. */
  readonly feature: string;
  /** How many worktrees, or which one. */
  readonly count: number;
}

/** What the flags of a line say; a flag that was not given is absent. */
export interface RouteFlags {
  /** Every project of the mode. */
  readonly all?: boolean;
  /** All projects start, or none does. */
  readonly atomic?: boolean;
  /** Forget which ports were given before. */
  readonly clearPorts?: boolean;
  /** `false`: leave the dependencies alone. */
  readonly dependencies?: boolean;
  /** Shared or own dependencies in worktrees. */
  readonly dependencyScope?: DependencyScope;
  /** Take what the repository has where nobody can be asked. */
  readonly detect?: boolean;
  /** Say what would be done and change nothing. */
  readonly dryRun?: boolean;
  /** For how long, in seconds. */
  readonly durationS?: number;
  /** Go on showing what is new. */
  readonly follow?: boolean;
  /** Do what needs an explicit word. */
  readonly force?: boolean;
  /** Never ask; `false` asks where it otherwise would not. */
  readonly headless?: boolean;
  /** Show the help of the command. */
  readonly help?: boolean;
  /** Leave services alone that depend on a chosen one, or that it needs. */
  readonly ignoreServiceDeps?: boolean;
  /** Put what the doctor found into the bundle. */
  readonly includeDoctor?: boolean;
  /** Existing worktrees that shall take part. */
  readonly includeExisting?: readonly string[];
  /** Tell about the installation too. */
  readonly install?: boolean;
  /** One JSON document. */
  readonly json?: boolean;
  /** No colours. */
  readonly noColor?: boolean;
  /** Start anew instead of going on with what runs. */
  readonly noResume?: boolean;
  /** Show once and end. */
  readonly once?: boolean;
  /** Directory for the result. */
  readonly outputDirectory?: string;
  /** Whether projects are handled at the same time. */
  readonly parallelTrees?: boolean;
  /** How many projects at the same time. */
  readonly parallelTreesMax?: number;
  /** End orphans. */
  readonly reclaim?: boolean;
  /** Mend records. */
  readonly repair?: boolean;
  /** Directory in the repository that the line is about. */
  readonly repo?: string;
  /** A recorded run. */
  readonly runId?: string;
  /** A part of the stack. */
  readonly scope?: RuntimeScope;
  /** Whether services start at the same time. */
  readonly serviceParallel?: boolean;
  /** Settings to write, as `KEY=VALUE`. */
  readonly set?: readonly string[];
  /** One worktree: feature and iteration. */
  readonly setupWorktree?: readonly WorktreePair[];
  /** New worktrees: feature and how many. */
  readonly setupWorktrees?: readonly WorktreePair[];
  /** Read settings from standard input. */
  readonly stdinJson?: boolean;
  /** Warnings count as failures. */
  readonly strict?: boolean;
  /** How many of the last lines. */
  readonly tail?: number;
  /** Services that are left out. */
  readonly without?: readonly string[];
  /** What to do about a worktree that exists. */
  readonly worktree?: "recreate" | "reuse";
}

/** A name of one flag. */
export type FlagKey = keyof RouteFlags;

/** Names of the flags with values of exactly one type. */
export type KeysWith<T> = {
  [K in FlagKey]-?: NonNullable<RouteFlags[K]> extends T
    ? T extends NonNullable<RouteFlags[K]> ? K : never
    : never;
}[FlagKey];

/** Where the mode of a line came from. */
export type ModeSource = "default" | "env" | "explicit" | "forced";

/** A command line about environments, understood. */
export interface Route {
  /** Tells it from an error. */
  readonly kind: "route";
  /** What to do. */
  readonly command: EnvironmentCommand;
  /** What `explain-startup` and `preflight` tell about. */
  readonly preview: PreviewedCommand | undefined;
  /** Main checkout or worktrees. */
  readonly mode: Mode;
  /** Where the mode came from. */
  readonly modeSource: ModeSource;
  /** Names after `--project`. */
  readonly projects: readonly string[];
  /** Selectors after `--service`. */
  readonly services: readonly string[];
  /** Plain words after the command: selectors, plans or settings. */
  readonly words: readonly string[];
  /** Words after `--`. */
  readonly passthrough: readonly string[];
  /** Flags, with the standing rules applied. */
  readonly flags: RouteFlags;
  /** Whether the answer is one JSON document. */
  readonly json: boolean;
  /** Whether nothing may be asked. */
  readonly headless: boolean;
}

/** Why a line was not understood. */
export type RouteErrorCode =
  | "bad_default"
  | "bad_value"
  | "conflict"
  | "missing_value"
  | "no_command"
  | "no_settings"
  | "not_applicable"
  | "two_commands"
  | "unknown_assignment"
  | "unknown_command"
  | "unknown_option"
  | "unknown_word";

/** A line that was not understood; nothing was done. */
export interface RouteError {
  /** Tells it from a route. */
  readonly kind: "error";
  /** Why, in a word. */
  readonly code: RouteErrorCode;
  /** What is wrong, in a sentence without its point. */
  readonly message: string;
  /** The next step. */
  readonly hint: string;
}

/** Makes an error of a line. */
export function routeError(
  code: RouteErrorCode,
  message: string,
  hint: string,
): RouteError {
  return { kind: "error", code, message, hint };
}
