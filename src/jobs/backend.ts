/**
 * What the queue runtime needs of a place that keeps jobs. SQLite, Redis and
 * memory keep the same promises, and one suite of tests holds them to it:
 *
 * - What `enqueue` has acknowledged is run at least once, whoever is killed.
 * - A claim is held by one worker until it is settled or its lease runs out;
 *   then it is claimed again under another token, and the first worker can
 *   neither settle it nor keep it.
 * - A job that was claimed `MAX_STALLS + 1` times without being settled, given
 *   back or kept is dead as `stalled`.
 * - Within one priority, jobs that became ready earlier are claimed earlier.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import type {
  Claim,
  DeadReason,
  Enqueued,
  Job,
  JobDraft,
  JobOptions,
  JobState,
  Settlement,
  SettleResult,
} from "./job.ts";
import type { Handler, ProcessOptions, WorkerHandle } from "./handler.ts";
import type { Readiness } from "./readiness.ts";

/** The backends. */
export type BackendKind = "memory" | "redis" | "sqlite";

/** What one backend can and another cannot. */
export interface Capabilities {
  /** Whether jobs outlive the process. */
  readonly durable: boolean;
  /** Whether several machines can share it. */
  readonly shared: boolean;
  /** Whether a worker is woken, rather than having to look. */
  readonly notifies: boolean;
}

/** Times a worker may vanish while it runs a job. BullMQ's default. */
export const MAX_STALLS = 1;

/** A worker's wish for jobs of one queue. */
export interface ClaimRequest {
  /** The queue. */
  readonly queue: string;
  /** At most so many. */
  readonly limit: number;
  /** How long a claim is held without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
}

/** What settling gave. */
export interface Settled {
  /** One for each settlement, in their order. */
  readonly results: readonly SettleResult[];
  /** Jobs for the next wish, if there was one. */
  readonly claims: readonly Claim[];
}

/** How to stop a backend. */
export interface StopOptions {
  /** How long running handlers may go on. @default 10000 */
  readonly deadlineMs?: number;
  /** `abort` tells the handlers at once to stop. @default "drain" */
  readonly mode?: "abort" | "drain";
}

/** What stopping did. */
export interface StopReport {
  /** Jobs that were running and have ended. */
  readonly finished: number;
  /** Jobs that were running and went back to the queue. */
  readonly returned: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Counts of one queue. */
export interface QueueStats {
  /** Its name. */
  readonly queue: string;
  /** Whether claims are held back. */
  readonly isPaused: boolean;
  /** Jobs by state. */
  readonly counts: Readonly<Record<JobState, number>>;
  /** Epoch milliseconds since when the oldest ready job could have run. */
  readonly oldestReadyAt: number | undefined;
  /** Epoch milliseconds of the next scheduled job. */
  readonly nextRunAt: number | undefined;
}

/** Something that happened to a job. */
export interface JobEvent {
  /** What. `retried` is a failed attempt with another one to come. */
  readonly kind:
    | "cancelled"
    | "completed"
    | "dead"
    | "enqueued"
    | "progress"
    | "retried"
    | "stalled"
    | "started";
  /** Its queue. */
  readonly queue: string;
  /** The job. */
  readonly id: string;
}

/** Which jobs to list. */
export interface JobFilter {
  /** Only these states. @default all */
  readonly states?: readonly JobState[];
  /** At most so many, the ones that were added first. @default 50 */
  readonly limit?: number;
}

/** Which dead jobs are meant. */
export interface DeadFilter {
  /** Only these ids. */
  readonly ids?: readonly string[];
  /** Only those that died of this. */
  readonly reason?: DeadReason;
  /** Only those that died before, in epoch milliseconds. */
  readonly before?: number;
  /** At most so many, the ones that died first. @default all */
  readonly limit?: number;
}

/** What cancelling did; an active job is its worker's. */
export type CancelResult = "active" | "cancelled" | "finished" | "missing";

/** Jobs on their way from one backend to another, complete as they were. */
export interface MovedJob {
  /** The job. */
  readonly job: Job;
  /** Its rules. */
  readonly rules: Claim["rules"];
  /** Its key against equal jobs and when that ends, if ever. */
  readonly dedupe:
    | { readonly key: string; readonly until: number | undefined }
    | undefined;
}

/** What starts and stops, and says whether it could. */
export interface Startable {
  /** Whether it could work now; changes nothing and never throws. */
  checkReady(
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<Readiness>;
  /**
   * Opens it. Calls at the same time share one start; after a failure it is
   * stopped and holds nothing.
   */
  start(): Promise<void>;
  /** Stops its workers and closes it; stopping twice is fine. */
  stop(options?: StopOptions): Promise<StopReport>;
}

/** A place that keeps the jobs of one tenant. */
export interface QueueBackend extends Startable {
  /** Which one. */
  readonly kind: BackendKind;
  /** Whose jobs; `_default` without tenants. */
  readonly tenant: string;
  /** What it can. */
  readonly capabilities: Capabilities;
  /** Where it is, for people: a path or an address without secrets. */
  readonly place: string;

  /** Adds one job. @throws {KnownError} for wrong options or a full queue. */
  enqueue(
    queue: string,
    data: JsonValue,
    options?: JobOptions,
  ): Promise<Enqueued>;
  /** Adds many; all of them or, for wrong options or a full queue, none. */
  enqueueMany(
    queue: string,
    drafts: readonly JobDraft[],
  ): Promise<readonly Enqueued[]>;

  /** Claims what is due; gives nothing when nothing is, without waiting. */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;
  /** Ends claims and makes new ones in one step, so that the disk works once. */
  settle(
    settlements: readonly Settlement[],
    next?: ClaimRequest,
  ): Promise<Settled>;
  /** Holds claims for longer; `false` for each that is lost. */
  heartbeat(
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly boolean[]>;
  /** Keeps a word of a handler; `false` when its claim is lost. */
  progress(claim: Claim, value: JsonValue): Promise<boolean>;
  /**
   * Settles when a claim could give something, when `signal` aborts, or some
   * time later; it never settles long after there was something to do.
   */
  waitForWork(queue: string, signal: AbortSignal): Promise<void>;

  /** Runs a handler for the jobs of a queue, until stopped. */
  process(
    queue: string,
    handler: Handler,
    options?: ProcessOptions,
  ): WorkerHandle;

  /** One job. */
  get(queue: string, id: string): Promise<Job | undefined>;
  /** Some jobs of a queue. */
  list(queue: string, filter?: JobFilter): Promise<readonly Job[]>;
  /** Takes a job out that has not begun. */
  cancel(queue: string, id: string): Promise<CancelResult>;
  /** Makes a scheduled job ready now; `false` when it is not scheduled. */
  promote(queue: string, id: string): Promise<boolean>;
  /** Dead jobs, the ones that died first. */
  listDead(queue: string, filter?: DeadFilter): Promise<readonly Job[]>;
  /** Makes dead jobs ready, with all their attempts; gives how many. */
  replayDead(queue: string, filter?: DeadFilter): Promise<number>;
  /** Deletes dead jobs; gives how many. */
  purgeDead(queue: string, filter?: DeadFilter): Promise<number>;
  /** Holds claims of a queue back, in every process; what runs goes on. */
  pause(queue: string): Promise<void>;
  /** Undoes {@linkcode pause}. */
  resume(queue: string): Promise<void>;
  /** Every queue that has ever had a job, by name. */
  stats(): Promise<readonly QueueStats[]>;
  /** Tells what happens, also in other processes where `notifies` is true. */
  subscribe(listener: (event: JobEvent) => void): Disposable;

  /**
   * Closes it for new jobs and claims, for good, because its jobs move to
   * `place`; `undefined` opens it again. Running jobs may still be settled.
   */
  seal(place: string | undefined): Promise<void>;
  /** Unfinished and dead jobs after an id, in the order of their being added. */
  exportJobs(
    after: { readonly queue: string; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly MovedJob[]>;
  /** Takes jobs over as they were; one that is here already is left alone. */
  importJobs(jobs: readonly MovedJob[]): Promise<number>;
}
