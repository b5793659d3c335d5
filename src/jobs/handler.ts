/**
 * What runs a job: the handler, what it is given, and how it is stopped.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import type { StopOptions, StopReport } from "./backend.ts";
import type { Slots } from "./slots.ts";

/** A job in the hands of its handler. */
export interface RunningJob<T = JsonValue> {
  /** Its id. */
  readonly id: string;
  /** Its queue. */
  readonly queue: string;
  /** Whose job it is; `_default` without tenants. */
  readonly tenant: string;
  /** What was enqueued, as the payload check of the handler gave it back. */
  readonly data: T;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** Attempts before the job is dead. */
  readonly maxAttempts: number;
  /**
   * The same for every attempt: with it, what the job does elsewhere can be
   * made to happen once.
   */
  readonly idempotencyKey: string;
  /**
   * Aborts when the attempt has lasted too long, the job is lost to another
   * worker, or the worker stops; `reason` says which.
   */
  readonly signal: AbortSignal;
  /** Keeps a word about how far it is, for whoever watches. */
  readonly progress: (value: JsonValue) => Promise<void>;
  /** Writes a line to the worker's output. */
  readonly log: (line: string) => void;
  /** Ends the job for good, whatever attempts are left; never returns. */
  readonly giveUp: (why: string) => never;
}

/** Does the work; what it returns is kept as the job's result. */
export type Handler = (job: RunningJob) => unknown;

/** How a worker runs a handler. */
export interface ProcessOptions {
  /** Most jobs at the same time. @default 1 */
  readonly concurrency?: number;
  /** How long a job is held without a heartbeat. @default 30000 */
  readonly leaseMs?: number;
  /** Where jobs at the same time are shared with other workers. */
  readonly slots?: Slots;
  /** Hears of lines that handlers log and of trouble with the backend. */
  readonly onLine?: (line: WorkerLine) => void;
}

/** Something worth telling a person who watches a worker. */
export interface WorkerLine {
  /** `log` is a handler's own line. */
  readonly kind: "log" | "trouble";
  /** The queue. */
  readonly queue: string;
  /** The job, if it is about one. */
  readonly id?: string;
  /** The text. */
  readonly text: string;
}

/** A running worker. */
export interface WorkerHandle {
  /** Its queue. */
  readonly queue: string;
  /** Jobs that run now. */
  readonly running: number;
  /** Jobs it has ended, by how. */
  readonly counts: Readonly<
    Record<"completed" | "dead" | "lost" | "retried" | "returned", number>
  >;
  /** Stops claiming and waits as the options say. */
  stop(options?: StopOptions): Promise<StopReport>;
}
