/**
 * `reeve config set`.
 *
 * @module
 */

import { setProjectValue, setUserValue } from "../../config/write_config.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { mayBeEnvironmentKey } from "../environment_words.ts";
import { describeChange } from "./config_change.ts";
import { readScope, requireKey, requireProject } from "./config_scope.ts";

/** Flags of the commands that change a setting. */
export interface ChangeFlags extends JsonFlags {
  /** Change the project's file instead of the person's own. */
  readonly project: boolean;
}

/** Sets one key in one file. */
export async function run(
  { host }: CommandContext,
  flags: ChangeFlags,
  name: string,
  value: string,
): Promise<CommandResult> {
  if (mayBeEnvironmentKey(name)) {
    const { changeEnvironmentKey } = await import("./config_environment.ts");
    return await changeEnvironmentKey(host, name, value);
  }
  const key = requireKey(name);
  const { root, project } = readScope(host);
  const outcome = flags.project
    ? await setProjectValue(host, requireProject(host, project), key, value)
    : await setUserValue(host, root, key, value);
  const file = flags.project ? "project" : "user";
  return describeChange(readScope(host), { key, action: "set", file, outcome });
}
