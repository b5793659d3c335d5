/**
 * When an event that the server refused is tried again.
 *
 * @module
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits after the first, second, … refusal, in milliseconds. */
export const RETRY_WAITS_MS: readonly number[] = [
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  HOUR,
  6 * HOUR,
];

/** Refusals after which an event is a dead letter. */
export const MAX_ATTEMPTS: number = RETRY_WAITS_MS.length;

/** When to ask again about events whose fate the server left open. */
export const AMBIGUOUS_WAIT_MS: number = 30 * SECOND;
/** When to ask again about events that the server has put in a queue. */
export const PENDING_WAIT_MS: number = MINUTE;
/** When a background pass tries parked events again. */
export const PARKED_WAIT_MS: number = 10 * MINUTE;

/** Longest of all waits. */
export const LONGEST_WAIT_MS: number = Math.max(...RETRY_WAITS_MS);

/** Time of the next attempt after so many refusals, or `dead`. */
export function nextAttemptAt(
  attempts: number,
  nowMs: number,
): number | "dead" {
  const wait = RETRY_WAITS_MS[attempts - 1];
  // The last refusal has no wait behind it.
  return wait === undefined || attempts >= MAX_ATTEMPTS ? "dead" : nowMs + wait;
}
