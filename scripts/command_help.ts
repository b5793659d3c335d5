/**
 * The help of every command, from the tables that the command line runs.
 *
 * @module
 */

import {
  type Application,
  type CommandContext,
  generateHelpTextForAllCommands,
} from "@stricli/core";
import { app } from "../src/cli/commands.ts";
import { ENVIRONMENT_BRIEFS } from "../src/cli/environment_words.ts";
import { tidyHelp } from "../src/cli/help_text.ts";
import { COMMANDS } from "../src/environment/route_commands.ts";
import { commandHelp } from "../src/environment/route_help.ts";

/** One page of help. */
export interface HelpPage {
  /** The command, such as `reeve auth doctor`. */
  readonly name: string;
  /** What `--help` prints. */
  readonly text: string;
}

/** Every page of help, in the order of the tables. */
export function helpPages(): readonly HelpPage[] {
  // Help needs no context, but the type of the application names ours.
  const plain = app as unknown as Application<CommandContext>;
  const parts = generateHelpTextForAllCommands(plain)
    .map(([name, text]) => ({ name, text: tidyHelp(text) }));
  const environment = COMMANDS.filter(({ name }) => name in ENVIRONMENT_BRIEFS)
    .map(({ name }) => ({ name: `reeve ${name}`, text: commandHelp(name) }));
  return [...parts, ...environment];
}
