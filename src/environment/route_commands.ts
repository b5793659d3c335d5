/**
 * The commands about environments as data: their words, and what holds for
 * each before it does anything.
 *
 * @module
 */

import type { Mode } from "./model.ts";
import type { EnvironmentCommand, RouteFlags } from "./route_types.ts";

/** What plain words after a command are. */
export type WordKind =
  | "none"
  | "plans"
  | "selectors"
  | "settings"
  | "worktree";

/** What a command is about when nothing is named. */
export type EmptyTarget =
  /** Everything of the mode. */
  | "all_of_mode"
  /** The main checkout; among worktrees somebody has to choose. */
  | "choice_among_trees"
  /** It is not about projects or services. */
  | "none";

/** Another word for a command. */
export interface CommandAlias {
  /** The word; longer ones may also be written with dashes in front. */
  readonly word: string;
  /** Flags that the word stands for. */
  readonly implies?: RouteFlags;
}

/** One command. */
export interface CommandRow {
  /** Its name. */
  readonly name: EnvironmentCommand;
  /** Other words for it. */
  readonly aliases: readonly CommandAlias[];
  /** One line for people. */
  readonly brief: string;
  /** What plain words after it are. */
  readonly words: WordKind;
  /** What it is about when nothing is named. */
  readonly whenNothing: EmptyTarget;
  /** Whether it cannot act without settings of the repository. */
  readonly needsSettings: boolean;
  /** Whether it holds the lifecycle lease. */
  readonly takesLease: boolean;
  /** Whether it acts on what was recorded and never starts anything new. */
  readonly loadsState: boolean;
  /** Whether it never asks unless told to. */
  readonly isHeadless: boolean;
  /** The only mode that it knows. */
  readonly forcedMode?: Mode;
  /** Lines for the help. */
  readonly examples: readonly string[];
}

type Property = "headless" | "lease" | "settings" | "state";

interface Rest {
  readonly is?: readonly Property[];
  readonly words?: WordKind;
  readonly whenNothing?: EmptyTarget;
  readonly forcedMode?: Mode;
  readonly examples?: readonly string[];
}

function row(
  name: EnvironmentCommand,
  brief: string,
  aliases: readonly (CommandAlias | string)[],
  { is = [], words, whenNothing, forcedMode, examples }: Rest,
): CommandRow {
  return {
    name,
    brief,
    aliases: aliases.map((alias) =>
      typeof alias === "string" ? { word: alias } : alias
    ),
    words: words ?? "none",
    whenNothing: whenNothing ?? "none",
    needsSettings: is.includes("settings"),
    takesLease: is.includes("lease"),
    loadsState: is.includes("state"),
    isHeadless: is.includes("headless"),
    examples: examples ?? [`reeve ${name}`],
    ...forcedMode === undefined ? {} : { forcedMode },
  };
}

const sequential: RouteFlags = { parallelTrees: false };
const parallel: RouteFlags = { parallelTrees: true };
const UNITS = { words: "selectors", whenNothing: "all_of_mode" } as const;
const TREES = { forcedMode: "trees" } as const;

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandRow[] = [
  row("start", "Bring services and dependencies up", ["up"], {
    is: ["settings", "lease"],
    words: "selectors",
    whenNothing: "choice_among_trees",
    examples: [
      "reeve start",
      "reeve start backend              this service and what it needs",
      "reeve start --trees --project feature-a,feature-b",
      "reeve start --setup-worktrees checkout 2   two new ones, and start them",
    ],
  }),
  row("plan", "Make worktrees for plans and start them", [
    { word: "parallel-plan", implies: parallel },
    { word: "plan-parallel", implies: parallel },
    { word: "sequential-plan", implies: sequential },
    { word: "plan-sequential", implies: sequential },
    "plan-selection",
    "planning-envs",
    "planning-prs",
  ], {
    ...TREES,
    is: ["settings", "lease"],
    words: "plans",
    whenNothing: "choice_among_trees",
    examples: [
      "reeve plan                          choose on the terminal",
      "reeve plan features/checkout        plans/features/checkout.md",
      "reeve plan checkout cart --dry-run",
    ],
  }),
  row("resume", "Bring back what is missing of the last run", [], {
    is: ["lease", "state"],
    whenNothing: "all_of_mode",
  }),
  row("restart", "Stop services and start them again", ["r"], {
    ...UNITS,
    is: ["settings", "lease", "state"],
    examples: ["reeve restart backend", "reeve restart --dependencies"],
  }),
  row("stop", "Stop services and dependencies", ["down", "s", "kill"], {
    ...UNITS,
    is: ["lease", "headless", "state"],
    examples: ["reeve stop", 'reeve stop "Main backend"'],
  }),
  row("stop-all", "Stop every run", ["stopall", "kill-all", "killall"], {
    is: ["lease", "headless", "state"],
    whenNothing: "all_of_mode",
  }),
  row("dashboard", "Show what is up", [
    "dash",
    { word: "status", implies: { once: true } },
  ], {
    is: ["state"],
    whenNothing: "all_of_mode",
    examples: ["reeve dashboard", "reeve status --json"],
  }),
  row("logs", "Show what services have written", ["l"], {
    ...UNITS,
    is: ["headless", "state"],
    examples: ["reeve logs backend --tail 100", "reeve logs --follow"],
  }),
  row("clear-logs", "Empty the logs of services", ["logs-clear"], {
    ...UNITS,
    is: ["headless", "state"],
  }),
  row("health", "Say whether services are well; 1 when not", ["h"], {
    ...UNITS,
    is: ["headless", "state"],
  }),
  row("errors", "Show what has failed; 1 when something has", ["e"], {
    ...UNITS,
    is: ["headless", "state"],
  }),
  row("endpoints", "Show the addresses of one project", [], {
    is: ["state"],
    whenNothing: "choice_among_trees",
  }),
  row("doctor", "Check the environment, mend it when asked", ["d"], {
    examples: [
      "reeve doctor",
      "reeve doctor --install",
      "reeve doctor --repair --dry-run",
      "reeve doctor --reclaim",
    ],
  }),
  row("config", "Ask for settings, or write them", [
    { word: "init", implies: { detect: true } },
  ], {
    words: "settings",
    examples: [
      "reeve config",
      "reeve config init --headless",
      "reeve config DEFAULT_MODE=trees SERVICE_API_PORT=8100",
      "reeve config --stdin-json --dry-run < settings.json",
      "reeve config set SERVICE_API_PORT 8100",
    ],
  }),
  row("show-config", "Show the settings that count", [], {}),
  row("show-state", "Show what was recorded", [], { is: ["state"] }),
  row("explain-startup", "Say what a start would do", [], {
    words: "selectors",
    whenNothing: "choice_among_trees",
    examples: [
      "reeve explain-startup",
      "reeve explain-startup --plan checkout",
    ],
  }),
  row("preflight", "The same for programs", [], {
    words: "selectors",
    whenNothing: "choice_among_trees",
    examples: ["reeve preflight --json"],
  }),
  row("list-commands", "List these commands", [], {}),
  row("list-targets", "List projects with their ports", [], {}),
  row("list-trees", "List worktrees with their ports", [], TREES),
  row("ensure-worktree", "Make or reuse one worktree, start nothing", [], {
    ...TREES,
    is: ["lease"],
    words: "worktree",
    examples: [
      "reeve ensure-worktree checkout            the first one of checkout",
      "reeve ensure-worktree checkout 2 --dry-run",
      "reeve ensure-worktree checkout 2 --recreate-existing-worktree",
    ],
  }),
  row("debug-pack", "Write a bundle for a report, without secrets", [
    "debug-ui-pack",
  ], {
    examples: [
      "reeve debug-pack --output-dir .",
      "reeve debug-pack --include-doctor",
    ],
  }),
  row("debug-report", "Write a bundle and say what is in it", [], {
    examples: ["reeve debug-report", "reeve debug-report --json"],
  }),
  row("debug-last", "Print the path of the last bundle", [], {
    examples: ["reeve debug-last"],
  }),
];
