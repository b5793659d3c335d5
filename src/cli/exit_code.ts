/**
 * Exit codes, the same for every command.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";

/** What the number that a command ends with means. */
export const EXIT = {
  /** Done; nothing critical found. */
  ok: 0,
  /** Something is wrong and the output says what to do. */
  actionable: 1,
  /** The person quit or interrupted. */
  interrupted: 2,
  /** A dependency is not ready. */
  notReady: 3,
  /** Sign-in is needed. */
  signIn: 4,
  /** Wrong flags or arguments. */
  usage: 64,
  /** A bug in Reeve. */
  internal: 70,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

/** The exit code of a command that was interrupted by a signal. */
export function exitCodeForSignal(name: unknown): number {
  return name === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
}

/** The exit code for a known error. */
export function exitCodeFor(code: ErrorCode): number {
  switch (code) {
    case "usage":
      return EXIT.usage;
    case "internal":
      return EXIT.internal;
    case "cancelled":
      return EXIT.interrupted;
    case "not_ready":
      return EXIT.notReady;
    case "not_signed_in":
      return EXIT.signIn;
    default:
      return EXIT.actionable;
  }
}
