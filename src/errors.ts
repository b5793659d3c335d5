/**
 * The one error class an operator can act on, and its codes.
 *
 * @module
 */

/** What went wrong, in a word that scripts may match on; the list may grow. */
export type ErrorCode =
  | "cancelled"
  | "damaged_file"
  | "drift"
  | "internal"
  | "lock_busy"
  | "newer_daemon"
  | "newer_file"
  | "no_free_port"
  | "no_home"
  | "not_found"
  | "not_ready"
  | "not_signed_in"
  | "queue_full"
  | "scope_mismatch"
  | "start_failed"
  | "stop_failed"
  | "unreadable"
  | "unusable"
  | "usage";

/** Advice and origin of a {@linkcode KnownError}. */
export interface KnownErrorOptions {
  /** What the person can do next, as a sentence or a command. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** A failure that the message explains and the hint helps with. */
export class KnownError extends Error {
  /** What went wrong, in a word. */
  readonly code: ErrorCode;
  /** What to do next. */
  readonly hint: string | undefined;

  /** Creates the error from its code, the facts and the advice. */
  constructor(
    code: ErrorCode,
    message: string,
    options: KnownErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "KnownError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
