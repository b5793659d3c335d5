/**
 * The flags of the commands about environments as data.
 *
 * @module
 */

import {
  count,
  type FlagRow,
  list,
  pair,
  set,
  text,
} from "./route_flag_rows.ts";

const PREVIEWS = ["explain-startup", "preflight"] as const;
const STARTS = ["start", "plan", "restart", ...PREVIEWS] as const;
const TARGETED = [
  "start",
  "restart",
  "stop",
  "logs",
  "clear-logs",
  "health",
  "errors",
  ...PREVIEWS,
] as const;
const PROJECTS = [
  ...TARGETED,
  "resume",
  "dashboard",
  "endpoints",
  "list-targets",
  "list-trees",
  "show-state",
] as const;
const SETUP = ["start", "plan", "ensure-worktree"] as const;
const BUNDLES = ["debug-pack", "debug-report"] as const;

const GENERAL: readonly FlagRow[] = [
  set("--help -h", { help: true }, "all", "Show the help of the command"),
  set("--json", { json: true }, "all", "Print one JSON document"),
  text("--repo", "repo", "PATH", "all", "Repository instead of this one"),
  text("--mode", "mode", "main|trees", "all", "Main checkout or worktrees"),
  text("--command --action", "command", "NAME", "all", "Name of the command"),
  set(
    "--headless --batch --non-interactive --no-interactive -b",
    { headless: true },
    "all",
    "Never ask",
  ),
  set("--interactive", { headless: false }, "all", "Ask on the terminal"),
];

const TARGETS: readonly FlagRow[] = [
  list("--project --projects", "projects", "NAMES", PROJECTS, "Projects"),
  list("--service --services", "services", "NAMES", TARGETED, "Services"),
  list("--without", "without", "NAMES", TARGETED, "All but these"),
  set("--all", { all: true }, PROJECTS, "Every project of the mode"),
  set("--backend", { scope: "backend" }, TARGETED, "The backend"),
  set("--frontend", { scope: "frontend" }, TARGETED, "The frontend"),
  set(
    "--fullstack --both",
    { scope: "fullstack" },
    TARGETED,
    "Backend and frontend",
  ),
  set(
    "--dependencies --deps",
    { scope: "dependencies" },
    TARGETED,
    "Databases and the like",
  ),
  set(
    "--entire-system",
    { scope: "entire-system" },
    TARGETED,
    "Services and dependencies",
  ),
  set(
    "--only-backend",
    { scope: "backend", dependencies: false },
    STARTS,
    "The backend without dependencies",
  ),
  set(
    "--only-frontend",
    { scope: "frontend", dependencies: false },
    STARTS,
    "The frontend without dependencies",
  ),
  set(
    "--no-deps --no-dependencies",
    { dependencies: false },
    STARTS,
    "Leave dependencies alone",
  ),
  set(
    "--ignore-service-deps",
    { ignoreServiceDeps: true },
    STARTS,
    "Only what is named, not what belongs to it",
  ),
];

const STARTING: readonly FlagRow[] = [
  set(
    "--no-resume --no-auto-resume",
    { noResume: true },
    ["start", "plan", ...PREVIEWS],
    "Start anew instead of going on",
  ),
  set(
    "--atomic",
    { atomic: true },
    ["start", "plan", "restart", "resume"],
    "All projects or none",
  ),
  set(
    "--clear-port-state --clear-ports --clear-port-cache",
    { clearPorts: true },
    ["start", "plan"],
    "Forget the ports of projects that do not run",
  ),
  set(
    "--shared-deps --shared-dep --shared-dependency --shared-dependencies",
    { dependencyScope: "shared" },
    STARTS,
    "Worktrees use the dependencies of the main checkout",
  ),
  set(
    "--isolated-deps --isolated-dep --isolated-dependency " +
      "--isolated-dependencies --separate-deps --separate-dep " +
      "--separate-dependency --separate-dependencies",
    { dependencyScope: "isolated" },
    STARTS,
    "Each worktree has dependencies of its own",
  ),
  set(
    "--parallel-trees --parallel",
    { parallelTrees: true },
    [...STARTS, "resume"],
    "Projects at the same time",
  ),
  set(
    "--no-parallel-trees --sequential",
    { parallelTrees: false },
    [...STARTS, "resume"],
    "One project after the other",
  ),
  count(
    "--parallel-trees-max",
    "parallelTreesMax",
    1,
    [...STARTS, "resume"],
    "So many projects at the same time instead of 4",
  ),
  set(
    "--service-parallel",
    { serviceParallel: true },
    [...STARTS, "resume"],
    "Services at the same time where the graph allows",
  ),
  set(
    "--service-sequential --no-service-parallel",
    { serviceParallel: false },
    [...STARTS, "resume"],
    "One service after the other",
  ),
];

const WORKTREES: readonly FlagRow[] = [
  pair(
    "--setup-worktrees",
    "setupWorktrees",
    "FEATURE COUNT",
    ["start", "plan"],
    "Make more worktrees of a feature",
  ),
  pair(
    "--setup-worktree",
    "setupWorktree",
    "FEATURE ITERATION",
    SETUP,
    "Make one worktree of a feature",
  ),
  set(
    "--reuse-existing-worktree --setup-worktree-existing",
    { worktree: "reuse" },
    SETUP,
    "Use the worktree when it exists",
  ),
  set(
    "--recreate-existing-worktree --setup-worktree-recreate",
    { worktree: "recreate" },
    SETUP,
    "Put it aside and make it anew when it exists",
  ),
  list(
    "--include-existing-worktrees --setup-include-worktrees",
    "includeExisting",
    "NUMBERS",
    ["start", "plan"],
    "Existing worktrees that take part",
  ),
  set(
    "--dry-run",
    { dryRun: true },
    ["plan", "ensure-worktree", "config", "doctor"],
    "Say what would be done, change nothing",
  ),
];

const LOOKING: readonly FlagRow[] = [
  count("--tail --logs-tail --lines -n", "tail", 0, ["logs"], "Last lines"),
  set(
    "--follow --logs-follow -f",
    { follow: true },
    ["logs"],
    "Go on until Ctrl-C; JSON: one a line",
  ),
  count(
    "--duration --logs-duration",
    "durationS",
    1,
    ["logs"],
    "Follow for so many seconds",
  ),
  set(
    "--no-color --logs-no-color",
    { noColor: true },
    ["logs", "dashboard", "health", "errors"],
    "No colours",
  ),
  set("--once", { once: true }, ["dashboard"], "Show once and end"),
  set(
    "--strict",
    { strict: true },
    ["health", "doctor", "preflight"],
    "Warnings count as failures",
  ),
];

const CARE: readonly FlagRow[] = [
  set("--repair", { repair: true }, ["doctor"], "Mend records"),
  set("--reclaim", { reclaim: true }, ["doctor"], "End processes left behind"),
  set("--install", { install: true }, ["doctor"], "Tell of the installation"),
  set(
    "--force -f",
    { force: true },
    ["doctor", ...SETUP],
    "Do what is only done when asked for",
  ),
  {
    kind: "lines",
    tokens: ["--set"],
    key: "set",
    placeholder: "KEY=VALUE",
    commands: ["config"],
    brief: "Write a setting",
  },
  set(
    "--stdin-json",
    { stdinJson: true },
    ["config"],
    "Read settings from standard input",
  ),
  text("--run-id", "runId", "ID", [
    ...BUNDLES,
    "show-state",
    "logs",
    "errors",
  ], "A recorded run instead of the last"),
  text("--output-dir", "outputDirectory", "PATH", BUNDLES, "Where to write"),
  set(
    "--include-doctor --debug-ui-include-doctor",
    { includeDoctor: true },
    BUNDLES,
    "Put what the doctor finds into it",
  ),
];

/** Every flag, in the order of the help. */
export const FLAGS: readonly FlagRow[] = [
  ...TARGETS,
  ...STARTING,
  ...WORKTREES,
  ...LOOKING,
  ...CARE,
  ...GENERAL,
];
