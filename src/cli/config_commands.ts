/**
 * The commands of `reeve config`.
 *
 * @module
 */

import { buildRouteMap, type Command } from "@stricli/core";
import {
  command,
  examples,
  flag,
  json,
  type ReeveContext,
} from "./define_command.ts";

const key = {
  parse: String,
  placeholder: "KEY",
  brief: "Name of a setting",
  async proposeCompletions(this: ReeveContext, partial: string) {
    const { proposeKeys } = await import("./config_completion.ts");
    return await proposeKeys(this.host, partial);
  },
} as const;

const project = flag("In the project's file, .reeve, instead of your own");

const show: Command<ReeveContext> = command(
  () => import("./commands/config_show.ts"),
  {
    flags: { json },
    positional: { kind: "tuple", parameters: [{ ...key, optional: true }] },
  },
  examples(
    "Show every setting, and where it comes from",
    "reeve config show",
    "reeve config show sync.max_bytes",
    "reeve config show SERVICE_API_PORT",
  ),
);

const get: Command<ReeveContext> = command(
  () => import("./commands/config_get.ts"),
  {
    flags: { json },
    positional: { kind: "tuple", parameters: [key] },
  },
  examples(
    "Print the value of a setting",
    "reeve config get sync.server_url",
    "reeve config get SERVICE_API_PORT",
  ),
);

const set: Command<ReeveContext> = command(
  () => import("./commands/config_set.ts"),
  {
    flags: { json, project },
    positional: {
      kind: "tuple",
      parameters: [
        key,
        { parse: String, placeholder: "VALUE", brief: "What it shall be" },
      ],
    },
  },
  examples(
    "Change a setting",
    "reeve config set sync.server_url https://sync.example.com",
    "reeve config set --project sync.auto_start false",
    "reeve config set SERVICE_API_PORT 8100",
  ),
);

const unset: Command<ReeveContext> = command(
  () => import("./commands/config_unset.ts"),
  {
    flags: { json, project },
    positional: { kind: "tuple", parameters: [key] },
  },
  examples(
    "Take a setting out of a file",
    "reeve config unset sync.server_url",
  ),
);

const edit: Command<ReeveContext> = command(
  () => import("./commands/config_edit.ts"),
  {
    flags: { json, own: flag("Your own settings instead of the repository's") },
  },
  examples(
    "Open the repository's settings in VISUAL or EDITOR, and check them",
    "reeve config edit",
    "reeve config edit --own",
  ),
);

const path: Command<ReeveContext> = command(
  () => import("./commands/config_path.ts"),
  { flags: { json, project: flag("Of the project instead of your own") } },
  examples(
    "Print the path of the settings file",
    "reeve config path",
    "reeve config path --project",
  ),
);

/** `reeve config …`. */
export const config = buildRouteMap({
  routes: { show, get, set, unset, edit, path },
  docs: examples(
    "Settings, and where they come from",
    "reeve config                  # asks for the repository's services",
    "reeve config init             # takes what the repository has",
    "reeve config SERVICE_API_PORT=8100 DEFAULT_MODE=trees",
    "reeve config --stdin-json --dry-run < settings.json",
    "reeve config set SERVICE_API_PORT 8100",
    "reeve config set sync.interval_s 60",
    "reeve config show",
    "reeve init --help             # all ways to write the repository's",
  ),
});
