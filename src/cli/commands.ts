/**
 * The whole command line as a table of lazy loaders: starting costs the tables
 * and the one command that runs.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import {
  type Application,
  type ApplicationText,
  buildApplication,
  buildRouteMap,
  type Command,
  text_en,
} from "@stricli/core";
import type { Host } from "../host/host.ts";
import { cliVersion } from "../version.ts";
import { auth } from "./auth_commands.ts";
import { config } from "./config_commands.ts";
import { daemon } from "./daemon_commands.ts";
import { command, examples, type ReeveContext } from "./define_command.ts";
import { queue } from "./queue_commands.ts";
import { server } from "./server_commands.ts";
import { event, sync } from "./sync_commands.ts";

const completions: Command<ReeveContext> = command(
  () => import("./commands/completions.ts"),
  {
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "bash|zsh|fish",
        brief: "Shell to complete in",
      }],
    },
  },
  examples(
    "Print the completion script for a shell",
    "reeve completions bash >> ~/.bashrc",
  ),
);

const complete: Command<ReeveContext> = command(
  () => import("./commands/complete.ts"),
  {
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "Words so far", placeholder: "WORD" },
    },
  },
  { brief: "Print what could come next" },
);

const root = buildRouteMap({
  routes: {
    auth,
    config,
    daemon,
    event,
    queue,
    server,
    sync,
    completions,
    "__complete": complete,
  },
  docs: {
    ...examples(
      "Keeps the background processes of your machine in order",
      "reeve auth doctor          see every daemon and what may be done",
      "reeve auth doctor --reset  stop the stale ones",
      "reeve daemon start         start the sync daemon",
    ),
    hideRoute: { "__complete": true },
  },
});

const text: ApplicationText = {
  ...text_en,
  briefs: {
    ...text_en.briefs,
    argumentEscapeSequence: "Take all that follows as arguments",
  },
  noCommandRegisteredForInput: ({ input, corrections }) => {
    const meant = corrections.map((word) => word.replaceAll("`", ""));
    return `Cannot find the command ${input}\n` +
      (meant.length === 0
        ? "See: reeve --help"
        : `Did you mean ${meant.join(" or ")}?`);
  },
  exceptionWhileParsingArguments: (error) => messageOf(error),
};

/** The application that stricli runs. */
export const app: Application<ReeveContext> = buildApplication(root, {
  name: "reeve",
  versionInfo: {
    getCurrentVersion() {
      const { host } = this as ReeveContext & { readonly host: Host };
      return Promise.resolve(cliVersion(host.env));
    },
  },
  scanner: {
    caseStyle: "allow-kebab-for-camel",
    allowArgumentEscapeSequence: true,
  },
  documentation: {
    caseStyle: "convert-camel-to-kebab",
    disableAnsiColor: true,
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: true,
  },
  localization: { text },
});
