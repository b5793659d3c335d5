/**
 * Frames of a whole screen: only lines that differ are written, all at once.
 *
 * @module
 */

import type { ScreenCodes } from "../host/keyboard.ts";

/** A screen of our own without a cursor; what was there before comes back. */
export const WHOLE_SCREEN: ScreenCodes = {
  enter: "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[J",
  leave: "\u001b[?7h\u001b[?25h\u001b[?1049l",
};

const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";
const CLEAR = "\u001b[2J";

/**
 * What makes one frame out of another, empty if they are the same.
 *
 * @param before the frame that is shown; `undefined` when nothing is known of
 * what the screen shows.
 */
export function frameUpdate(
  before: readonly string[] | undefined,
  after: readonly string[],
): string {
  const known = before ?? [];
  const height = Math.max(known.length, after.length);
  const changes = Array.from({ length: height }, (_, at) => {
    const line = after[at] ?? "";
    return line === (known[at] ?? "")
      ? ""
      : `\u001b[${at + 1};1H\u001b[2K${line}`;
  }).join("");
  if (before === undefined) return `${BEGIN}${CLEAR}${changes}${END}`;
  return changes === "" ? "" : `${BEGIN}${changes}${END}`;
}
