/**
 * A job in memory: everything about it that changes, and how others see it.
 *
 * @module
 */

import type {
  Claim,
  DeadReason,
  Job,
  JobError,
  JobRules,
  JobState,
  NewJob,
} from "./job.ts";
import { byteLength } from "./json_text.ts";
import type { JsonValue } from "../state/json_value.ts";

/** A job of one queue in memory. */
export interface MemoryJob {
  /** Its place among all jobs of the store, by their being added. */
  readonly place: number;
  /** Its id. */
  readonly id: string;
  /** What the handler gets, as JSON text. */
  readonly body: string;
  /** Bytes of that text. */
  readonly bytes: number;
  /** 0 to 100. */
  readonly priority: number;
  /** Its rules. */
  readonly rules: JobRules;
  /** Epoch milliseconds of its being added. */
  readonly createdAt: number;
  /** What makes it equal to others. */
  readonly key: string | undefined;
  /** Where it is. */
  state: JobState;
  /** Epoch milliseconds since when, or at which, it can run. */
  readyAt: number;
  /** Proof of holding it, while it is active. */
  token: string | undefined;
  /** Epoch milliseconds until which it is held. */
  leaseUntil: number;
  /** Attempts that have ended. */
  attempts: number;
  /** Times its worker vanished. */
  stalls: number;
  /** Epoch milliseconds of the last attempt's begin. */
  startedAt: number | undefined;
  /** Epoch milliseconds of its end. */
  finishedAt: number | undefined;
  /** Its place among all ends of the store. */
  endPlace: number;
  /** Word about its progress, as JSON text. */
  progress: string | undefined;
  /** What its handler gave back, as JSON text. */
  result: string | undefined;
  /** Why the last attempt failed. */
  error: JobError | undefined;
  /** Why it is dead. */
  deadReason: DeadReason | undefined;
}

/** A job that has just been added; it is in no list yet. */
export function newMemoryJob(job: NewJob, place: number): MemoryJob {
  return {
    place,
    id: job.id,
    body: job.body,
    bytes: byteLength(job.body),
    priority: job.priority,
    rules: job.rules,
    createdAt: job.createdAt,
    key: job.dedupe?.key,
    state: job.runAt > job.createdAt ? "scheduled" : "ready",
    readyAt: job.runAt,
    token: undefined,
    leaseUntil: 0,
    attempts: 0,
    stalls: 0,
    startedAt: undefined,
    finishedAt: undefined,
    endPlace: 0,
    progress: undefined,
    result: undefined,
    error: undefined,
    deadReason: undefined,
  };
}

/** A job from another store; who ran it there does not run it here. */
export function movedMemoryJob(
  { job, rules, dedupe }: {
    readonly job: Job;
    readonly rules: JobRules;
    readonly dedupe: { readonly key: string } | undefined;
  },
  places: { readonly place: number; readonly endPlace: number },
): MemoryJob {
  const body = JSON.stringify(job.data);
  return {
    ...places,
    id: job.id,
    body,
    bytes: byteLength(body),
    priority: job.priority,
    rules,
    createdAt: job.createdAt,
    key: dedupe?.key,
    state: job.state === "active" ? "ready" : job.state,
    readyAt: job.runAt ?? job.createdAt,
    token: undefined,
    leaseUntil: 0,
    attempts: job.attempts,
    stalls: job.stalls,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    progress: toText(job.progress),
    result: toText(job.result),
    error: job.error,
    deadReason: job.deadReason,
  };
}

/** Whether it has still to be run or is being run. */
export function isUnfinished({ state }: Pick<MemoryJob, "state">): boolean {
  return state !== "completed" && state !== "dead";
}

/** A job as a person or a program looks at it; a copy. */
export function toJob(queue: string, job: MemoryJob): Job {
  return {
    id: job.id,
    queue,
    state: job.state,
    data: JSON.parse(job.body) as JsonValue,
    priority: job.priority,
    attempts: job.attempts,
    maxAttempts: job.rules.attempts,
    stalls: job.stalls,
    createdAt: job.createdAt,
    runAt: job.state === "scheduled" ? job.readyAt : undefined,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    progress: fromText(job.progress),
    result: fromText(job.result),
    error: job.error,
    deadReason: job.deadReason,
  };
}

/** A job as the worker that holds it gets it. */
export function toClaim(queue: string, job: MemoryJob, token: string): Claim {
  return {
    queue,
    id: job.id,
    token,
    body: job.body,
    attempts: job.attempts,
    rules: job.rules,
    createdAt: job.createdAt,
  };
}

function toText(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function fromText(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : JSON.parse(text) as JsonValue;
}
