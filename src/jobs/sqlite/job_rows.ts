/**
 * Jobs as rows, and rows as jobs.
 *
 * @module
 */

import type { SqlValue } from "../../host/databases.ts";
import type { JsonValue } from "../../state/json_value.ts";
import type {
  Backoff,
  Claim,
  DeadReason,
  Job,
  JobError,
  JobRules,
  JobState,
} from "../job.ts";
import { SHORT_BODY } from "./schema.ts";

/** The body of a job, wherever it is. */
export const BODY =
  "coalesce(body, (SELECT b.body FROM bodies b WHERE b.seq = jobs.seq))";

/** Columns of a claim. */
export const CLAIM_COLUMNS = `seq, id, ${BODY} AS body, attempts,
  max_attempts, backoff, timeout_ms, expires_at, created_at, priority, run_at`;

/** Columns of a whole job; its queue is told by number. */
export const JOB_COLUMNS = `${CLAIM_COLUMNS}, q, state, stalls, started_at,
  finished_at, progress, result, error, dead_reason, dedupe_key, lease_until`;

/** Columns of a job's rules. */
export type RuleRow = {
  readonly "max_attempts": number;
  readonly backoff: string | null;
  readonly "timeout_ms": number;
  readonly "expires_at": number;
};

/** A row of {@linkcode CLAIM_COLUMNS}. */
export type ClaimRow = RuleRow & {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
  readonly attempts: number;
  readonly "created_at": number;
  readonly priority: number;
  readonly "run_at": number;
};

/** A row of {@linkcode JOB_COLUMNS}. */
export type JobRow = ClaimRow & {
  readonly q: number;
  readonly state: JobState;
  readonly stalls: number;
  readonly "started_at": number | null;
  readonly "finished_at": number | null;
  readonly progress: string | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly "dead_reason": DeadReason | null;
  readonly "dedupe_key": string | null;
  readonly "lease_until": number | null;
};

/**
 * Waits that most jobs have, which a row says with nothing. It belongs to the
 * schema and not to the defaults of today.
 */
const PLAIN_BACKOFF: Backoff = {
  type: "exponential",
  baseMs: 1000,
  capMs: 300_000,
  jitter: "full",
};

function isPlain({ type, baseMs, capMs, jitter }: Backoff): boolean {
  return type === PLAIN_BACKOFF.type && jitter === PLAIN_BACKOFF.jitter &&
    baseMs === PLAIN_BACKOFF.baseMs && capMs === PLAIN_BACKOFF.capMs;
}

/** Rules of a job from its row. */
export function rulesOf(row: RuleRow): JobRules {
  return {
    attempts: row.max_attempts,
    backoff: row.backoff === null
      ? PLAIN_BACKOFF
      : JSON.parse(row.backoff) as Backoff,
    timeoutMs: row.timeout_ms,
    expiresAt: row.expires_at,
  };
}

/** A job as the worker that holds it gets it. */
export function toClaim(queue: string, row: ClaimRow, token: string): Claim {
  return {
    queue,
    id: row.id,
    token,
    body: row.body,
    attempts: row.attempts,
    rules: rulesOf(row),
    createdAt: row.created_at,
  };
}

/**
 * A job as a person or a program looks at it. One that has become due is ready,
 * also before the next claim writes that down.
 */
export function toJob(queue: string, row: JobRow, nowMs: number): Job {
  const isDue = row.state === "scheduled" && row.run_at <= nowMs;
  const state = isDue ? "ready" : row.state;
  return {
    id: row.id,
    queue,
    state,
    data: JSON.parse(row.body) as JsonValue,
    priority: row.priority,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    stalls: row.stalls,
    createdAt: row.created_at,
    runAt: state === "scheduled" ? row.run_at : undefined,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    progress: parse(row.progress),
    result: parse(row.result),
    error: row.error === null ? undefined : JSON.parse(row.error) as JobError,
    deadReason: row.dead_reason ?? undefined,
    ...(row.state === "active" && row.lease_until !== null
      ? { leaseUntil: row.lease_until }
      : {}),
  };
}

function parse(text: string | null): JsonValue | undefined {
  return text === null ? undefined : JSON.parse(text) as JsonValue;
}

/** An error as its column; JSON, as a text in SQLite ends at a NUL. */
export function errorText({ name, message }: JobError): string {
  return JSON.stringify({ name, message });
}

/** A dedupe key as its column; JSON for the same reason. */
export function keyText(key: string): string {
  return JSON.stringify(key);
}

/** A dedupe key from its column. */
export function keyOf(text: string): string {
  return JSON.parse(text) as string;
}

/** A job on its way into a row. */
export interface RowDraft {
  /** Number of its queue. */
  readonly q: number;
  /** Its id. */
  readonly id: string;
  /** Where it begins. */
  readonly state: JobState;
  /** 0 to 100. */
  readonly priority: number;
  /** Since when, or at which time, it can run. */
  readonly runAt: number;
  /** Epoch milliseconds of its being added. */
  readonly createdAt: number;
  /** Its rules. */
  readonly rules: JobRules;
  /** Bytes of its body. */
  readonly bytes: number;
  /** Its body, as JSON text. */
  readonly body: string;
  /** Its dedupe key, as its column. */
  readonly key: string | null;
}

/** SQL that adds a row; it takes {@linkcode insertValues}. */
export const INSERT = `INSERT INTO jobs (q, id, state, priority, run_at,
  created_at, max_attempts, backoff, timeout_ms, expires_at, bytes, body,
  dedupe_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** SQL that keeps the body of the row that was just added. */
export const INSERT_BODY =
  "INSERT INTO bodies (seq, body) VALUES (last_insert_rowid(), ?)";

/** Whether a body has a place of its own. */
export function isLong(body: string): boolean {
  return body.length > SHORT_BODY;
}

/** Values of {@linkcode INSERT}. */
export function insertValues(draft: RowDraft): SqlValue[] {
  const { attempts, backoff, timeoutMs, expiresAt } = draft.rules;
  return [
    draft.q,
    draft.id,
    draft.state,
    draft.priority,
    draft.runAt,
    draft.createdAt,
    attempts,
    isPlain(backoff) ? null : JSON.stringify(backoff),
    timeoutMs,
    expiresAt,
    draft.bytes,
    isLong(draft.body) ? null : draft.body,
    draft.key,
  ];
}
