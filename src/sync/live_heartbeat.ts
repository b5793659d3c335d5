/**
 * When a quiet connection is asked for a sign of life, and when it is given up.
 *
 * @module
 */

/** What is known of a connection, in elapsed milliseconds. */
export interface BeatFacts {
  /** When the server last said anything. */
  readonly heardAt: number;
  /** When we last said anything. */
  readonly saidAt: number;
  /** When we last sent a ping, if ever. */
  readonly askedAt: number;
  /** Pings since the server last said anything. */
  readonly unanswered: number;
}

/** What to do about it. */
export type Beat =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "ping" }
  | { readonly kind: "silence" };

/** Quiet time before a ping, in milliseconds. */
export const QUIET_MS = 25_000;
/** Time for an answer to a ping, in milliseconds. */
export const ANSWER_MS = 10_000;
/** Pings without an answer after which the connection is given up. */
export const MISSES = 2;

/** Decides by what was heard and said. */
export function decideBeat(facts: BeatFacts, elapsedMs: number): Beat {
  const { heardAt, saidAt, askedAt, unanswered } = facts;
  // A server gives up clients that only listen, however much it tells them.
  const left = unanswered > 0
    ? askedAt + ANSWER_MS - elapsedMs
    : Math.min(heardAt, saidAt) + QUIET_MS - elapsedMs;
  if (left > 0) return { kind: "wait", ms: left };
  return { kind: unanswered >= MISSES ? "silence" : "ping" };
}
