/**
 * When a server that failed is asked again. Failures of the way to the server
 * belong to the server, never to the events.
 *
 * @module
 */

const BASE_MS = 1000;
const CAP_MS = 300_000;
/** Longest wait that a server may ask for, in milliseconds. */
export const RETRY_AFTER_CAP_MS = 3_600_000;

/**
 * How long to wait after so many failures in a row: full jitter over a doubling
 * span, or what the server asked for if that is longer.
 *
 * @param fraction random, from 0 to 1.
 */
export function circuitWaitMs(
  failures: number,
  fraction: number,
  retryAfterMs = 0,
): number {
  const span = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 20));
  const wait = Math.round(span * fraction);
  return Math.max(
    wait,
    Math.min(Math.max(0, retryAfterMs), RETRY_AFTER_CAP_MS),
  );
}

/** The milliseconds that a `Retry-After` header asks for, if it says so. */
export function parseRetryAfter(
  value: string | undefined,
  nowMs: number,
): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = /^[A-Z][a-z]{2},/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Whether a pass may send now, and how. */
export type CircuitState = "closed" | "probe" | "open";

/** What is known of a server's failures. */
export interface CircuitFacts {
  /** `closed` or `open`, as stored. */
  readonly circuit: string;
  /** When it may be asked again, in epoch milliseconds. */
  readonly "next_attempt_at": number;
  /** Why it is open. */
  readonly "last_error_code": string | null;
}

/**
 * Decides whether to send. A person who asks may try an unreachable server at
 * once, but not one that has asked for time.
 */
export function decideCircuit(
  facts: CircuitFacts,
  nowMs: number,
  isAsked: boolean,
): CircuitState {
  if (facts.circuit === "closed") return "closed";
  // A clock that was set back must not keep the circuit open for years.
  const left = facts.next_attempt_at - nowMs;
  if (left <= 0 || left > RETRY_AFTER_CAP_MS) return "probe";
  return isAsked && facts.last_error_code !== "throttled" ? "probe" : "open";
}
