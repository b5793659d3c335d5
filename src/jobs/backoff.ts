/**
 * How long a job waits between two attempts.
 *
 * @module
 */

import type { Backoff } from "./job.ts";

/**
 * The wait after a failed attempt, in whole milliseconds.
 *
 * @param attempt which attempt has failed, from 1.
 * @param random from 0 to just under 1; what jitter draws.
 */
export function backoffMs(
  backoff: Backoff,
  attempt: number,
  random: number,
): number {
  const { type, baseMs, capMs, jitter } = backoff;
  const wait = type === "fixed"
    ? baseMs
    : Math.min(baseMs * 2 ** (attempt - 1), capMs);
  return Math.floor(jitter === "full" ? random * wait : wait);
}
