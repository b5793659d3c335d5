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
  proposeCompletions: async (partial: string) => {
    const { KEY_NAMES } = await import("../config/keys.ts");
    return KEY_NAMES.filter((name) => name.startsWith(partial));
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
  routes: { show, get, set, unset, path },
  docs: examples(
    "Settings, and where they come from",
    "reeve config show",
    "reeve config set sync.interval_s 60",
  ),
});
