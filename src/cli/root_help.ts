/**
 * The help of the whole command line, written down: it is asked for often, and
 * to make it takes the tables of all commands. A test compares the two.
 *
 * @module
 */

import { ENVIRONMENT_BRIEFS } from "./environment_words.ts";

/** What the tables of commands give, made to fit. */
export const TABLE_HELP = `\
USAGE
  reeve auth login|logout|status|whoami|doctor ...
  reeve config show|get|set|unset|edit|path ...
  reeve daemon start|status|stop|restart|logs|journal|replay|run ...
  reeve event emit ...
  reeve queue <command> ...
  reeve server run|check ...
  reeve sync <command> ...
  reeve completions <bash|zsh|fish>
  reeve --help
  reeve --version

Keeps the background processes of your machine in order.

EXAMPLES
  reeve auth doctor          see every daemon and what may be done
  reeve auth doctor --reset  stop the stale ones
  reeve daemon start         start the sync daemon

FLAGS
  -h --help     Print help information and exit
  -v --version  Print version information and exit
     --         Take all that follows as arguments

COMMANDS
  auth         Sign-in and the daemons that use it
  config       Settings, and where they come from
  daemon       The sync daemon of this state root
  event        Events of this directory
  queue        Jobs that are done later, in the background
  server       A server to develop against, and checks for any other
  sync         Events of this project and their delivery
  completions  Print the completion script for a shell
`;

/** The page: the tables, and the commands about environments. */
export function rootHelp(): string {
  return TABLE_HELP + environmentHelp();
}

/** The part about environments, with an empty line before it. */
export function environmentHelp(): string {
  const names = Object.keys(ENVIRONMENT_BRIEFS);
  const width = Math.max(...names.map((name) => name.length));
  const lines = Object.entries(ENVIRONMENT_BRIEFS)
    .map(([name, brief]) => `  ${name.padEnd(width)}  ${brief}\n`);
  return `\nENVIRONMENT OF THIS REPOSITORY\n${lines.join("")}`;
}
