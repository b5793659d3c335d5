/**
 * What a job is: its options, its states, what a worker holds while it runs.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";

/**
 * Where a job is. `scheduled` waits for its time, also between two attempts;
 * `completed` and `dead` are ends, of which a person can undo the second.
 */
export type JobState = "active" | "completed" | "dead" | "ready" | "scheduled";

/** Every state, in the order that people read them. */
export const JOB_STATES: readonly JobState[] = [
  "ready",
  "scheduled",
  "active",
  "completed",
  "dead",
];

/** How long to wait before the next attempt. */
export interface Backoff {
  /** Whether the wait doubles with each attempt or stays. */
  readonly type: "exponential" | "fixed";
  /** First wait in milliseconds. */
  readonly baseMs: number;
  /** Longest wait in milliseconds. */
  readonly capMs: number;
  /**
   * `full` draws the wait between nothing and its length.
   *
   * @default "full" for exponential waits, "none" for fixed ones
   */
  readonly jitter: "full" | "none";
}

/** How equal jobs are kept from being added twice. */
export interface Dedupe {
  /** What makes two jobs equal, within one queue; 1 to 256 characters. */
  readonly key: string;
  /**
   * How long a job keeps others away, in milliseconds from its being added.
   * Without it: until the job has ended.
   */
  readonly ttlMs?: number;
  /**
   * `ignore` keeps the first job; `replace` puts the new one in its place while
   * the first is still scheduled, and ignores it afterwards.
   *
   * @default "ignore"
   */
  readonly mode?: "ignore" | "replace";
}

/** How a job is to be run; everything may be left out. */
export interface JobOptions {
  /** An id of your own, unique within the queue; see {@linkcode isJobId}. */
  readonly id?: string;
  /** Keeps equal jobs away. */
  readonly dedupe?: Dedupe;
  /** Milliseconds to wait before the first attempt. */
  readonly delayMs?: number;
  /** Time of the first attempt in epoch milliseconds, instead of a delay. */
  readonly runAt?: number;
  /** 0 to 100; a higher one runs first. @default 0 */
  readonly priority?: number;
  /** Attempts before the job is dead; 1 to 100. @default 5 */
  readonly attempts?: number;
  /** Wait between attempts. @default exponential, 1 s to 5 min, full jitter */
  readonly backoff?: Partial<Backoff>;
  /** Milliseconds after which an attempt counts as failed. @default none */
  readonly timeoutMs?: number;
  /** Epoch milliseconds after which the job is not begun any more. */
  readonly expiresAt?: number;
}

/** A job to add. */
export interface JobDraft {
  /** What the handler gets; JSON, at most 1 MiB as text. */
  readonly data: JsonValue;
  /** How to run it. */
  readonly options?: JobOptions;
}

/** A job whose options are checked and filled in; what a backend stores. */
export interface NewJob {
  /** Its id. */
  readonly id: string;
  /** What the handler gets, as JSON text. */
  readonly body: string;
  /** Keeps equal jobs away. */
  readonly dedupe:
    | Required<Omit<Dedupe, "ttlMs">> & {
      readonly ttlMs: number | undefined;
    }
    | undefined;
  /** Whether the id was chosen by the caller and may be taken already. */
  readonly hasOwnId: boolean;
  /** Epoch milliseconds of the first attempt. */
  readonly runAt: number;
  /** Epoch milliseconds of its being added; `runAt` is not before it. */
  readonly createdAt: number;
  /** 0 to 100. */
  readonly priority: number;
  /** What stays with the job and only workers read. */
  readonly rules: JobRules;
}

/** The rules of a job that only workers read. */
export interface JobRules {
  /** Attempts before the job is dead. */
  readonly attempts: number;
  /** Wait between attempts. */
  readonly backoff: Backoff;
  /** Milliseconds for one attempt, 0 for no limit. */
  readonly timeoutMs: number;
  /** Epoch milliseconds, 0 for never. */
  readonly expiresAt: number;
}

/** What became of a draft. */
export interface Enqueued {
  /** Id of the job; of the job that was there for a duplicate. */
  readonly id: string;
  /** What was done. */
  readonly status: "duplicate" | "enqueued" | "replaced";
}

/** Why a job is dead. */
export type DeadReason =
  /** Its last attempt failed. */
  | "failed"
  /** The handler gave it up, or its payload is not what the handler takes. */
  | "given_up"
  /** Its last attempt took too long. */
  | "timeout"
  /** Its workers vanished more than once while they ran it. */
  | "stalled"
  /** It was not begun in time. */
  | "expired";

/** Why an attempt failed. */
export interface JobError {
  /** The message; at most 2,000 characters. */
  readonly message: string;
  /** Class of what was thrown, such as `TypeError`. */
  readonly name: string;
}

/** A job as a person or a program looks at it. */
export interface Job {
  /** Its id. */
  readonly id: string;
  /** Its queue. */
  readonly queue: string;
  /** Where it is. */
  readonly state: JobState;
  /** What the handler gets. */
  readonly data: JsonValue;
  /** 0 to 100. */
  readonly priority: number;
  /** Attempts that have ended. */
  readonly attempts: number;
  /** Attempts before it is dead. */
  readonly maxAttempts: number;
  /** Times its worker vanished. */
  readonly stalls: number;
  /** Epoch milliseconds of its being added. */
  readonly createdAt: number;
  /** Epoch milliseconds of the next attempt, for a scheduled one. */
  readonly runAt: number | undefined;
  /** Epoch milliseconds of the last attempt's begin. */
  readonly startedAt: number | undefined;
  /** Epoch milliseconds of its end. */
  readonly finishedAt: number | undefined;
  /** What its handler last told of its progress. */
  readonly progress: JsonValue | undefined;
  /** What its handler gave back. */
  readonly result: JsonValue | undefined;
  /** Why the last attempt failed. */
  readonly error: JobError | undefined;
  /** Why it is dead. */
  readonly deadReason: DeadReason | undefined;
  /**
   * Epoch milliseconds until which an active one is held without a heartbeat,
   * where the backend does not give it back by itself.
   */
  readonly leaseUntil?: number;
}

/** A job that a worker holds. */
export interface Claim {
  /** Its queue. */
  readonly queue: string;
  /** Its id. */
  readonly id: string;
  /**
   * Proof of holding it. Each claim has its own, so that a worker that lost a
   * job cannot end it any more.
   */
  readonly token: string;
  /** What the handler gets, as JSON text. */
  readonly body: string;
  /** Attempts that have ended before this one. */
  readonly attempts: number;
  /** Its rules. */
  readonly rules: JobRules;
  /** Epoch milliseconds of its being added. */
  readonly createdAt: number;
}

/** How a claim ends. */
export type Settlement =
  & { readonly claim: Claim }
  & (
    /** It is done; `result` is JSON text. */
    | { readonly kind: "complete"; readonly result: string | undefined }
    /** The attempt failed and there will be another one. */
    | {
      readonly kind: "retry";
      readonly error: JobError;
      /** Epoch milliseconds of the next attempt. */
      readonly runAt: number;
    }
    /** It failed for good. */
    | {
      readonly kind: "dead";
      readonly error: JobError;
      readonly reason: DeadReason;
    }
    /** Nothing was done; the job is ready again, before those after it. */
    | { readonly kind: "return" }
  );

/** Whether a settlement counted; a worker that lost the job settles nothing. */
export type SettleResult = "lost" | "settled";

/** Longest payload, as JSON text in bytes. */
export const MAX_BODY_BYTES = 1_048_576;
