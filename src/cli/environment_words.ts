/**
 * The commands about environments, as help and completions name them before
 * anything of that part is loaded.
 *
 * @module
 */

/** Every such command that can be run, with its line in the help. */
export const ENVIRONMENT_BRIEFS: Readonly<Record<string, string>> = {
  "start": "Bring services and dependencies up",
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
  "show-config": "Show the settings that count",
  "show-state": "Show what was recorded",
  "explain-startup": "Say what a start would do",
  "preflight": "The same for programs",
  "list-commands": "List these commands",
  "list-targets": "List projects with their ports",
  "list-trees": "List worktrees with their ports",
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
  const [first] = args;
  return first !== undefined && !OTHER_WORDS.includes(first);
}

/** The root's help page with the commands about environments. */
export function withEnvironmentHelp(help: string): string {
  const names = Object.keys(ENVIRONMENT_BRIEFS);
  const width = Math.max(...names.map((name) => name.length));
  const lines = Object.entries(ENVIRONMENT_BRIEFS)
    .map(([name, brief]) => `  ${name.padEnd(width)}  ${brief}`);
  return `${help.trimEnd()}\n\nENVIRONMENT OF THIS REPOSITORY\n${
    lines.join("\n")
  }\n`;
}
