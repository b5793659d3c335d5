/**
 * What a worker works with.
 *
 * @module
 */

import type { Clock, Random } from "../host/host.ts";
import type { QueueBackend } from "./backend.ts";
import type { Handler, ProcessOptions } from "./handler.ts";

/** What a worker needs of the world. */
export interface WorkHost {
  /** Time. */
  readonly clock: Clock;
  /** Randomness. */
  readonly random: Random;
}

/** What a worker needs of a backend. */
export type WorkBackend = Pick<
  QueueBackend,
  | "capabilities"
  | "claim"
  | "heartbeat"
  | "progress"
  | "settle"
  | "tenant"
  | "waitForWork"
>;

/** What to work on, and how. */
export interface WorkOptions {
  /** The queue. */
  readonly queue: string;
  /** Does the work. */
  readonly handler: Handler;
  /** Most jobs at the same time. */
  readonly concurrency: number;
  /** How long a job is held without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  /** Room that is shared with other workers. */
  readonly slots: ProcessOptions["slots"];
  /** Hears of lines and trouble. */
  readonly onLine: ProcessOptions["onLine"];
}
