/**
 * The commands about environments, as help and completions name them before
 * anything of that part is loaded.
 *
 * @module
 */

/** Every such command that can be run, with its line in the help. */
export const ENVIRONMENT_BRIEFS: Readonly<Record<string, string>> = {
  "start": "Bring services and dependencies up",
  "plan": "Make worktrees for plans and start them",
  "resume": "Bring back what is missing of the last run",
  "restart": "Stop services and start them again",
  "stop": "Stop services and dependencies",
  "stop-all": "Stop every run",
  "dashboard": "Show what is up",
  "logs": "Show what services have written",
  "clear-logs": "Empty the logs of services",
  "health": "Say whether services are well; 1 when not",
  "errors": "Show what has failed; 1 when something has",
  "endpoints": "Show the addresses of one project",
  "doctor": "Check the environment, mend it when asked",
  "config": "Ask for settings, or write them",
  "show-config": "Show the settings that count",
  "show-state": "Show what was recorded",
  "explain-startup": "Say what a start would do",
  "preflight": "The same for programs",
  "list-commands": "List these commands",
  "list-targets": "List projects with their ports",
  "list-trees": "List worktrees with their ports",
  "ensure-worktree": "Make or reuse one worktree, start nothing",
  "debug-pack": "Write a bundle for a report, without secrets",
  "debug-report": "Write a bundle and say what is in it",
  "debug-last": "Print the path of the last bundle",
};

/** First words of every other command line. */
const OTHER_WORDS: readonly string[] = [
  "--help",
  "--version",
  "-h",
  "-v",
  "__complete",
  "auth",
  "completions",
  "config",
  "daemon",
  "event",
  "queue",
  "server",
  "sync",
];

/** What follows `config` where a line is about single settings. */
const CONFIG_WORDS: readonly string[] = [
  "--help",
  "-h",
  "edit",
  "get",
  "path",
  "set",
  "show",
  "unset",
];

/** Every word that a line may begin with and a person may have misspelt. */
export const COMMAND_NAMES: readonly string[] = [
  ...OTHER_WORDS.filter((word) => /^[a-z]/.test(word)),
  ...Object.keys(ENVIRONMENT_BRIEFS),
];

/**
 * Whether a line may be about environments, so that it is worth loading what
 * can tell.
 */
export function mayBeEnvironmentLine(args: readonly string[]): boolean {
  const [first, second = ""] = args;
  if (first === "config") return !CONFIG_WORDS.includes(second);
  return first !== undefined && !OTHER_WORDS.includes(first);
}

/** Whether the name of a setting is one of an environment, if it is any. */
export function mayBeEnvironmentKey(name: string): boolean {
  return /^[A-Z]/.test(name);
}
