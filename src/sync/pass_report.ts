/**
 * What one pass of delivery did, and why it stopped.
 *
 * @module
 */

import type { QueueCounts } from "../queue/counts.ts";
import type { PauseReason } from "../queue/target.ts";
import type { LaterCode } from "./reply_verdict.ts";

/** Why a pass ended. */
export type StopReason =
  | "bisect_budget"
  | "busy"
  | "deadline"
  | "done"
  | "interrupted"
  | "lease_lost"
  | "limit"
  | "no_consent"
  | "no_server"
  | "offline_wait"
  | "transient"
  | LaterCode
  | PauseReason;

/** What a pass did; grows while it runs. */
export interface PassReport {
  /** Events that were sent or about to be. */
  claimed: number;
  /** Events that the server stored now. */
  accepted: number;
  /** Events that it had already. */
  duplicate: number;
  /** Events that it has put in a queue of its own. */
  pending: number;
  /** Events that it refused and that are tried again. */
  retried: number;
  /** Events that wait for a change. */
  parked: number;
  /** Events that are given up. */
  dead: number;
  /** Events that came in from the overflow file. */
  imported: number;
  /** HTTP requests with events. */
  requests: number;
  /** Bytes that were sent. */
  bytes: number;
  /** How long it took, in milliseconds. */
  ms: number;
  /** Why it ended. */
  stoppedBecause: StopReason;
  /** More about that, for people. */
  detail: string;
  /** When to come back, in epoch milliseconds, if that is known. */
  nextAttemptAt: number | undefined;
  /** The queue afterwards. */
  counts: QueueCounts | undefined;
}

/** A report of a pass that has done nothing yet. */
export function emptyReport(): PassReport {
  return {
    claimed: 0,
    accepted: 0,
    duplicate: 0,
    pending: 0,
    retried: 0,
    parked: 0,
    dead: 0,
    imported: 0,
    requests: 0,
    bytes: 0,
    ms: 0,
    stoppedBecause: "done",
    detail: "",
    nextAttemptAt: undefined,
    counts: undefined,
  };
}
