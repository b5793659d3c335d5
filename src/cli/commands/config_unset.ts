/**
 * `reeve config unset`.
 *
 * @module
 */

import {
  unsetProjectValue,
  unsetUserValue,
} from "../../config/write_config.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { mayBeEnvironmentKey } from "../environment_words.ts";
import { describeChange } from "./config_change.ts";
import { readScope, requireKey, requireProject } from "./config_scope.ts";
import type { ChangeFlags } from "./config_set.ts";

/** Takes one key out of one file. */
export async function run(
  { host }: CommandContext,
  flags: ChangeFlags,
  name: string,
): Promise<CommandResult> {
  if (mayBeEnvironmentKey(name)) {
    const { changeEnvironmentKey } = await import("./config_environment.ts");
    return await changeEnvironmentKey(host, name, undefined);
  }
  const key = requireKey(name);
  const { root, project } = readScope(host);
  const outcome = flags.project
    ? await unsetProjectValue(host, requireProject(host, project), key)
    : await unsetUserValue(host, root, key);
  const file = flags.project ? "project" : "user";
  return describeChange(readScope(host), {
    key,
    action: "unset",
    file,
    outcome,
  });
}
