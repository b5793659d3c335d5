/**
 * Whether a backend could work, and the error for when it could not.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { BackendKind } from "./backend.ts";

/** Why a backend is not ready. */
export type NotReadyCode =
  | "QUEUE_DISK_LOW"
  | "QUEUE_MOVED"
  | "QUEUE_POLICY"
  | "QUEUE_REDIS_AUTH"
  | "QUEUE_REDIS_EVICTION"
  | "QUEUE_REDIS_FULL"
  | "QUEUE_REDIS_LAYOUT"
  | "QUEUE_REDIS_LOADING"
  | "QUEUE_REDIS_NOT_REDIS"
  | "QUEUE_REDIS_READONLY"
  | "QUEUE_REDIS_UNREACHABLE"
  | "QUEUE_REDIS_VERSION"
  | "QUEUE_STORE_CORRUPT"
  | "QUEUE_STORE_LOCKED"
  | "QUEUE_STORE_NEWER"
  | "QUEUE_STORE_READONLY"
  | "QUEUE_STORE_REMOTE"
  | "QUEUE_STORE_UNUSABLE";

/** One question about a backend and its answer. */
export interface ReadyCheck {
  /** What was asked, such as `reachable` or `eviction policy`. */
  readonly check: string;
  /** `fail` keeps the runtime from starting. */
  readonly level: "fail" | "ok" | "warn";
  /** The answer in a sentence without secrets. */
  readonly detail: string;
  /** Why, for a `fail`. */
  readonly code?: NotReadyCode;
  /** What to do, for a `fail` or a `warn`. */
  readonly hint?: string;
}

/** What a look at a backend gave. */
export interface Readiness {
  /** Whether nothing failed. */
  readonly ok: boolean;
  /** Every question, in the order they were asked; it ends at a failure. */
  readonly checks: readonly ReadyCheck[];
  /** How long it took, in milliseconds. */
  readonly latencyMs: number;
}

/** Details of a {@linkcode QueueNotReadyError}. */
export interface NotReadyDetails {
  /** Why, for programs. */
  readonly reason: NotReadyCode;
  /** Which backend. */
  readonly backend: BackendKind;
  /** Where it is, without secrets. */
  readonly endpoint: string;
  /** What was asked when it failed. */
  readonly check: string;
}

/** A backend that the queue runtime needs is not ready; exit code 3. */
export class QueueNotReadyError extends KnownError {
  /** Why, for programs. */
  readonly reason: NotReadyCode;
  /** Which backend. */
  readonly backend: BackendKind;
  /** Where it is, without secrets. */
  readonly endpoint: string;
  /** What was asked when it failed. */
  readonly check: string;

  /** Creates the error for one failed check. */
  constructor(
    message: string,
    details: NotReadyDetails,
    options: { readonly hint: string; readonly cause?: unknown },
  ) {
    super("not_ready", message, options);
    this.name = "QueueNotReadyError";
    this.reason = details.reason;
    this.backend = details.backend;
    this.endpoint = details.endpoint;
    this.check = details.check;
  }
}
