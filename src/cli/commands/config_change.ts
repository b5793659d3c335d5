/**
 * What `reeve config set` and `unset` say.
 *
 * @module
 */

import { type KeyName, specOf } from "../../config/keys.ts";
import type { Source } from "../../config/read_config.ts";
import type { Rewritten } from "../../config/rewrite_file.ts";
import { formatSetting } from "../../config/value_text.ts";
import type { CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import type { ConfigScope } from "./config_scope.ts";

/** What was done to a key. */
export interface ConfigChange {
  /** The key. */
  readonly key: KeyName;
  /** What was asked for. */
  readonly action: "set" | "unset";
  /** In which file. */
  readonly file: Extract<Source, "user" | "project">;
  /** Whether the file is another one now. */
  readonly outcome: Rewritten;
}

/** Says what a key is after a change, and what is stronger than the change. */
export function describeChange(
  { config, project }: ConfigScope,
  { key, action, file, outcome }: ConfigChange,
): CommandResult {
  const { source, where } = config.origin(key);
  const value = config.get(key);
  const shown = formatSetting(specOf(key), value);
  const path = file === "user" ? config.userFile : project?.file ?? null;
  const isSame = action === "set" ? source === file : source === "default";
  return {
    exit: EXIT.ok,
    json: {
      "schema": "config_change",
      "schema_version": 1,
      key,
      action,
      "file": path,
      "changed": outcome === "changed",
      "value": value ?? null,
      source,
      where,
    },
    text: sentence(key, action, outcome, path),
    notes: isSame ? [] : [
      source === "default"
        ? "Something else is wrong: see reeve config show"
        : `${key} is ${shown} all the same: see ${where}.`,
    ],
  };
}

function sentence(
  key: KeyName,
  action: ConfigChange["action"],
  outcome: Rewritten,
  path: string | null,
): string {
  if (action === "set") {
    return outcome === "changed"
      ? `${key} is set in ${path}.`
      : `${key} was set so already in ${path}.`;
  }
  if (outcome === "changed") return `${key} is no longer set in ${path}.`;
  return path === null
    ? `${key} was not set.`
    : `${key} was not set in ${path}.`;
}
