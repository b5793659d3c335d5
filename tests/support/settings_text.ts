/**
 * Settings of a repository out of the text of its file, for tests.
 *
 * @module
 */

import { translateLegacy } from "../../src/environment/legacy_envctl.ts";
import {
  readEnvironmentSettings,
  type ReadSettings,
} from "../../src/environment/settings_read.ts";

/** The file that the text is in. */
export const PATH = "/r/.reeve";

/** Reads settings from a file and from the environment. */
export function read(
  text: string | undefined,
  env?: Readonly<Record<string, string>>,
  legacy?: string,
): ReadSettings {
  return readEnvironmentSettings({
    env: { get: (name) => env?.[name] },
    file: text === undefined ? undefined : { path: PATH, text },
    legacy: legacy === undefined
      ? undefined
      : { path: "/r/.envctl", text: legacy, translate: translateLegacy },
  });
}

/** The least that one service needs. */
export const API =
  "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='deno task dev'\n";

/** What is wrong with settings, in words. */
export function messagesOf(
  text: string,
  env: Readonly<Record<string, string>> = {},
): readonly string[] {
  return read(text, env).faults.map(({ message }) => message);
}
