/**
 * Every key of the environment part that a repository's file may hold, as
 * data: reading, writing, checking and the reference all follow these tables.
 *
 * @module
 */

import type { KeySpec } from "../config/key_type.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pattern of a service's slug. */
export const SLUG_PATTERN = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*";

const SLUG_FORM = "lower-case words of letters and digits with - between";
const VARIABLE = "[A-Za-z_][A-Za-z0-9_]*";
const ONE_LINE = "[^\\u0000-\\u0008\\u000a-\\u001f\\u007f]";
const PATH_BELOW = "(?![/~]|[A-Za-z]:)(?!(?:[^]*/)?\\.\\.(?:/|$))" +
  "[^\\u0000-\\u001f\\\\]{1,500}";

/** The same without blanks and commas. */
const PATH_WORD = "(?![/~]|[A-Za-z]:)(?!(?:[^\\s,]*/)?\\.{1,2}(?:/|$|[\\s,]))" +
  "[^\\s,\\u0000-\\u001f\\\\]{1,500}";

/** One row: what a key takes, and whether it may be left empty. */
export type SettingSpec = KeySpec & {
  /** Whether an empty value means none. */
  readonly mayBeEmpty?: true;
};

/** Dependencies that exist, and the usual port of each of their resources. */
export const DEPENDENCY_PORTS = {
  n8n: { primary: 5678 },
  postgres: { primary: 5432 },
  redis: { primary: 6379 },
  supabase: { api: 54_321, db: 5432 },
} as const satisfies Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Name of a dependency. */
export type DependencyId = keyof typeof DEPENDENCY_PORTS;

/** Every dependency, in alphabetical order. */
export const DEPENDENCY_IDS: readonly DependencyId[] = [
  "n8n",
  "postgres",
  "redis",
  "supabase",
];

/** Whether a text names a dependency. */
export function isDependency(id: string): id is DependencyId {
  return Object.hasOwn(DEPENDENCY_PORTS, id);
}

/** Stands for every dependency of the mode where a service names its needs. */
export const EVERY_DEPENDENCY = "dependencies";

/** Slugs that mean something else wherever a unit is named. */
export const RESERVED_SLUGS: readonly string[] = [
  ...DEPENDENCY_IDS,
  "all",
  EVERY_DEPENDENCY,
  "services",
];

const MODES = {
  type: "words",
  words: ["main", "trees"],
  default: ["main", "trees"],
} as const;

/** Keys of a repository as a whole: `REEVE_<key>`. */
export const REPOSITORY_KEYS = {
  DEFAULT_MODE: {
    type: "enum",
    words: ["main", "trees"],
    default: "main",
    description: "Mode of a command that names none",
  },
  TREES_DIR: {
    type: "text",
    pattern: `(?!\\.(?:/|$))${PATH_BELOW}`,
    form: "a directory below the root of the repository",
    default: "trees",
    description: "Directory that holds the worktrees",
  },
  PLANS_DIR: {
    type: "text",
    pattern: PATH_BELOW,
    form: "a directory below the root of the repository",
    default: "plans",
    description: "Directory that holds the plans, as FOLDER/NAME.md",
  },
  WORKTREE_LINKS: {
    type: "text",
    pattern: `${PATH_WORD}(?:[\\s,]+${PATH_WORD})*`,
    form: "paths below the root of the repository with commas between",
    default: "",
    mayBeEmpty: true,
    description:
      "Paths of the main checkout that new worktrees get links to, such as " +
      "node_modules",
  },
  WORKTREE_HOOKS: {
    type: "enum",
    words: ["off", "inherit"],
    default: "off",
    description: "Whether hooks of the repository run for a new worktree",
  },
  PUBLIC_HOST: {
    type: "text",
    pattern:
      "[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]{2,45}\\]",
    form: "the name or address of a host, without port",
    default: "localhost",
    description: "Host in addresses that are shown to people",
  },
  INHERIT_ENV: {
    type: "text",
    pattern: `${VARIABLE}(?:[\\s,]+${VARIABLE})*`,
    form: "names of variables with commas between",
    default: "",
    mayBeEmpty: true,
    description:
      "Variables that services inherit besides PATH, HOME and their like",
  },
  SERVICES: {
    type: "text",
    pattern: `${SLUG_PATTERN}(?:[\\s,]+${SLUG_PATTERN})*`,
    form: `names of services with commas between: ${SLUG_FORM}`,
    default: "",
    mayBeEmpty: true,
    description: "The services, in the order in which they are shown",
  },
  DEPENDENCIES: {
    type: "words",
    words: DEPENDENCY_IDS,
    default: [],
    description: "The dependencies that services need",
  },
} as const satisfies Readonly<Record<string, SettingSpec>>;

/** Keys of a service: `REEVE_SERVICE_<SUFFIX>_<key>`. */
export const SERVICE_KEYS = {
  CMD: {
    type: "text",
    pattern: `${ONE_LINE}{1,8000}`,
    form: "a command",
    description:
      "Command with its arguments; {port}, {port:other}, {project_root}, " +
      "{service_dir} and {service_name} are filled in; no shell is involved",
  },
  DIR: {
    type: "text",
    pattern: PATH_BELOW,
    form: "a directory below the root of the project",
    default: ".",
    description: "Directory that it runs in",
  },
  PORT: {
    type: "integer",
    min: 1,
    max: 65_535,
    mayBeEmpty: true,
    description:
      "Port of the main checkout; worktrees get others; empty without one",
  },
  READY: {
    type: "text",
    pattern: `listen|exit|running|http:/[^\\s]{0,500}|log:${ONE_LINE}{1,500}`,
    form: "listen, http:/path, log:pattern, exit or running",
    description: "What makes it ready: it listens, answers under a path, " +
      "logs a line that matches, ends with 0, or runs; " +
      "listen for one with a port, else running",
  },
  READY_TIMEOUT: {
    type: "duration",
    min: 100,
    max: HOUR_MS,
    default: MINUTE_MS,
    description: "How long it may take to be ready",
  },
  GRACE: {
    type: "duration",
    min: 0,
    max: 10 * MINUTE_MS,
    default: 5 * SECOND_MS,
    description: "How long it may take to end before it is killed",
  },
  DEPENDS_ON: {
    type: "text",
    pattern: `${SLUG_PATTERN}(?:[\\s,]+${SLUG_PATTERN})*`,
    form: "names of services and dependencies with commas between",
    default: EVERY_DEPENDENCY,
    mayBeEmpty: true,
    description: "Services and dependencies that must be ready before it; " +
      "`dependencies` are all of them, empty is none",
  },
  CRITICAL: {
    type: "boolean",
    default: true,
    description: "Whether the environment is broken without it",
  },
  MODES: { ...MODES, description: "Modes that it belongs to" },
  ONLY_IF_PATH: {
    type: "text",
    pattern: PATH_BELOW,
    form: "a path below the root of the project",
    default: "",
    mayBeEmpty: true,
    description: "It belongs only to projects that have this path",
  },
  HEALTH_URL: {
    type: "text",
    pattern: "https?://\\S{1,2000}",
    form: "an http or https address",
    default: "",
    mayBeEmpty: true,
    description: "Address for health checks, with {port}",
  },
  PUBLIC_URL: {
    type: "text",
    pattern: "https?://\\S{1,2000}",
    form: "an http or https address",
    default: "",
    mayBeEmpty: true,
    description: "Address for people, with {port}",
  },
  DISPLAY_NAME: {
    type: "text",
    pattern: "[^\\u0000-\\u001f\\u007f-\\u009f]{1,100}",
    form: "1 to 100 visible letters",
    description: "Name for people; the slug with a capital letter",
  },
} as const satisfies Readonly<Record<string, SettingSpec>>;

/** Keys of a dependency: `REEVE_DEPENDENCY_<ID>_<key>`, besides its ports. */
export const DEPENDENCY_KEYS = {
  MODE: {
    type: "enum",
    words: ["auto", "native", "container", "command", "external"],
    default: "auto",
    description: "Where it comes from; auto takes what the machine has",
  },
  URL: {
    type: "text",
    pattern: "[a-z][a-z0-9+.-]*://\\S{1,2000}",
    form: "an address such as postgres://host:5432/name",
    default: "",
    mayBeEmpty: true,
    description: "Address of an external one; " +
      "one with a password belongs in the environment, not in the file",
  },
  CMD: {
    type: "text",
    pattern: `${ONE_LINE}{1,8000}`,
    form: "a command",
    default: "",
    mayBeEmpty: true,
    description: "Command of the mode command; {port} is filled in",
  },
  SHARED: {
    type: "boolean",
    default: false,
    description: "Whether worktrees use the one of the main checkout",
  },
  MODES: { ...MODES, description: "Modes that it belongs to" },
} as const satisfies Readonly<Record<string, SettingSpec>>;
