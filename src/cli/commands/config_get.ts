/**
 * `reeve config get`.
 *
 * @module
 */

import { specOf } from "../../config/keys.ts";
import { requireSound } from "../../config/read_config.ts";
import { formatValue } from "../../config/value_text.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { mayBeEnvironmentKey } from "../environment_words.ts";
import { readScope, requireKey } from "./config_scope.ts";

/** Prints one value; refuses when a fault stands in its way. */
export async function run(
  { host }: CommandContext,
  _flags: JsonFlags,
  name: string,
): Promise<CommandResult> {
  if (mayBeEnvironmentKey(name)) {
    const { getEnvironmentKey } = await import("./config_environment.ts");
    return await getEnvironmentKey(host, name);
  }
  const key = requireKey(name);
  const { config } = readScope(host);
  requireSound(config, [key]);
  const value = config.get(key);
  return {
    exit: EXIT.ok,
    json: {
      "schema": "config_value",
      "schema_version": 1,
      key,
      "value": value ?? null,
      ...config.origin(key),
    },
    text: value === undefined ? "" : formatValue(specOf(key), value),
    notes: value === undefined ? [`${key} is not set.`] : [],
  };
}
