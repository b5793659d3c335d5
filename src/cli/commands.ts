/**
 * The whole command line as a table of lazy loaders, for lines that no single
 * group answers to, for help and for completions.
 *
 * @module
 */

import { type Application, buildRouteMap, type Command } from "@stricli/core";
import { applicationOf } from "./application.ts";
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

/** The application that stricli runs. */
export const app: Application<ReeveContext> = applicationOf(root);
