/**
 * How much of each command is written down for a later bundle.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Env } from "../host/host.ts";

/** Variable that says so. */
export const RECORDER_VARIABLE = "REEVE_DEBUG";

/**
 * `off` writes nothing, `standard` the begin and the end of each command,
 * `deep` also its words by their shape, what it starts, and how it uses the
 * terminal.
 */
export const RECORDER_MODES = ["off", "standard", "deep"] as const;

/** One of them. */
export type RecorderMode = typeof RECORDER_MODES[number];

/**
 * Reads the mode from the environment.
 *
 * @throws {KnownError} `usage` for a word that is none.
 */
export function recorderMode({ get }: Pick<Env, "get">): RecorderMode {
  const text = get(RECORDER_VARIABLE);
  if (text === undefined) return "off";
  const mode = RECORDER_MODES.find((mode) => mode === text.trim());
  if (mode !== undefined) return mode;
  throw new KnownError(
    "usage",
    `Cannot use ${RECORDER_VARIABLE}: it must be one of ` +
      RECORDER_MODES.join(", "),
    { hint: `Correct the variable, or unset it.` },
  );
}
