/**
 * What the translation of one `.envctl` file gathers.
 *
 * @module
 */

import type { EnvLine } from "../config/env_lines.ts";
import type { LegacyParts } from "./legacy_sections.ts";

/** What the reading of one file shares. */
export interface Legacy extends LegacyParts {
  /** Every line of ours so far. */
  readonly lines: EnvLine[];
  /** Every warning so far. */
  readonly warnings: string[];
  /** A place in the file, in words. */
  readonly place: (line: number) => string;
}

/** Adds a line of ours. */
export function put(
  legacy: Legacy,
  name: string,
  value: string,
  line: number,
): void {
  legacy.lines.push({ name, value, line });
}

/** Adds a line of ours for one of theirs that is not empty. */
export function copyKey(legacy: Legacy, from: string, to: string): void {
  const found = legacy.keys.get(from);
  if (found === undefined || found.value === "") return;
  put(legacy, to, found.value, found.line);
}

/** Whether a key is on or off; `undefined` where it does not say. */
export function switchOf(
  { keys }: Pick<Legacy, "keys">,
  name: string,
): boolean | undefined {
  const word = keys.get(name)?.value.trim().toLowerCase() ?? "";
  if (/^(?:1|true|yes|on)$/.test(word)) return true;
  return /^(?:0|false|no|off)$/.test(word) ? false : undefined;
}
