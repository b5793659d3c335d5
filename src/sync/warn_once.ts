/**
 * Telling a program about troubles without telling it the same one twice.
 *
 * @module
 */

import { messageOf } from "../errors.ts";

/**
 * Makes what tells about each trouble once, and gives it in words every time;
 * a program that cannot be told does no harm.
 */
export function warnOnce(
  warn: (message: string) => void,
): (what: string, error: unknown) => string {
  const told = new Set<string>();
  return (what, error) => {
    const detail = messageOf(error);
    const message = `${what}: ${detail}`;
    if (told.has(message)) return detail;
    told.add(message);
    try {
      warn(message);
    } catch {
      // Nobody can be told; the state says it.
    }
    return detail;
  };
}
