/**
 * Claiming jobs within a transaction, and doing before what time alone does:
 * scheduled jobs become due, and leases of workers that vanished run out.
 *
 * @module
 */

import type { Database } from "../../host/databases.ts";
import { type ClaimRequest, type JobEvent, MAX_STALLS } from "../backend.ts";
import type { Claim } from "../job.ts";
import { type Books, move, type QueueBook } from "./books.ts";
import {
  CLAIM_COLUMNS,
  type ClaimRow,
  errorText,
  toClaim,
} from "./job_rows.ts";
import { endJob } from "./end_job.ts";

/** What claiming needs besides the wish. */
export interface ClaimContext {
  /** The books of the transaction. */
  readonly books: Books;
  /** Now, in epoch milliseconds. */
  readonly nowMs: number;
  /** What makes the tokens of these claims unlike all others. */
  readonly proof: string;
  /** Takes what happens. */
  readonly events: JobEvent[];
}

/** When a queue can give something. */
export interface Outlook {
  /** Whether it can now. */
  readonly isDue: boolean;
  /** Epoch milliseconds from when it can, if that is known. */
  readonly nextAt: number | undefined;
}

/** So many become due or stalled in one step; the rest follows. */
const SWEEP = 1000;

const OUTLOOK = `SELECT is_paused, ready,
  CASE scheduled WHEN 0 THEN NULL ELSE (SELECT min(run_at) FROM jobs
    WHERE jobs.q = queues.q AND state = 'scheduled') END AS due,
  CASE active WHEN 0 THEN NULL ELSE (SELECT min(lease_until) FROM jobs
    WHERE jobs.q = queues.q AND state = 'active') END AS lease
  FROM queues WHERE name = ?`;

/** Looks, without writing, whether a claim could give something. */
export function lookAhead(
  db: Database,
  queue: string,
  nowMs: number,
): Outlook {
  const row = db.get<{
    "is_paused": number;
    ready: number;
    due: number | null;
    lease: number | null;
  }>(OUTLOOK, queue);
  if (row === undefined || row.is_paused === 1) {
    return { isDue: false, nextAt: undefined };
  }
  const nextAt = Math.min(row.due ?? Infinity, row.lease ?? Infinity);
  return {
    isDue: row.ready > 0 || nextAt <= nowMs,
    nextAt: nextAt === Infinity ? undefined : nextAt,
  };
}

/** Claims the next jobs of a queue. */
export function claimJobs(
  context: ClaimContext,
  { queue, limit, leaseMs }: ClaimRequest,
): readonly Claim[] {
  const { books, nowMs, proof, events } = context;
  const book = books.find(queue);
  if (book === undefined || book.isPaused || limit < 1) return [];
  makeReady(context, book);
  takeFromVanished(context, book);
  if (book.counts.ready === 0) return [];
  const rows = books.db.all<ClaimRow>(
    `UPDATE jobs SET state = 'active', token = seq || ?, lease_ms = ?,
       lease_until = ?, started_at = ?
     WHERE seq IN (SELECT seq FROM jobs WHERE q = ? AND state = 'ready'
       ORDER BY priority DESC, run_at, seq LIMIT ?)
     RETURNING ${CLAIM_COLUMNS}`,
    proof,
    leaseMs,
    nowMs + leaseMs,
    nowMs,
    book.q,
    limit,
  );
  book.counts.ready -= rows.length;
  book.counts.active += rows.length;
  return rows.toSorted(byTurn).map((row) => {
    events.push({ kind: "started", queue, id: row.id });
    return toClaim(queue, row, `${row.seq}${proof}`);
  });
}

/** SQLite gives changed rows in no certain order. */
function byTurn(a: ClaimRow, b: ClaimRow): number {
  return b.priority - a.priority || a.run_at - b.run_at || a.seq - b.seq;
}

function makeReady({ books, nowMs }: ClaimContext, book: QueueBook): void {
  if (book.counts.scheduled === 0) return;
  const due = books.db.run(
    `UPDATE jobs SET state = 'ready' WHERE seq IN (SELECT seq FROM jobs
       WHERE q = ? AND state = 'scheduled' AND run_at <= ?
       ORDER BY run_at LIMIT ${SWEEP})`,
    book.q,
    nowMs,
  );
  book.counts.scheduled -= due;
  book.counts.ready += due;
}

type Held = {
  readonly seq: number;
  readonly id: string;
  readonly bytes: number;
  readonly stalls: number;
  readonly "dedupe_key": string | null;
};

function takeFromVanished(context: ClaimContext, book: QueueBook): void {
  if (book.counts.active === 0) return;
  shortenLeases(context, book);
  const { books: { db }, nowMs, events } = context;
  const held = db.all<Held>(
    `SELECT seq, id, bytes, stalls, dedupe_key FROM jobs
      WHERE q = ? AND state = 'active' AND lease_until <= ?
      ORDER BY lease_until LIMIT ${SWEEP}`,
    book.q,
    nowMs,
  );
  for (const job of held) {
    events.push({ kind: "stalled", queue: book.name, id: job.id });
    const stalls = job.stalls + 1;
    if (stalls > MAX_STALLS) {
      bury(context, book, { ...job, stalls });
      continue;
    }
    db.run(
      `UPDATE jobs SET state = 'ready', stalls = ?, token = NULL,
         lease_until = NULL WHERE seq = ?`,
      stalls,
      job.seq,
    );
    move(book, job.bytes, "active", "ready");
  }
}

function bury(
  { books, nowMs, events }: ClaimContext,
  book: QueueBook,
  job: Held,
): void {
  const message = `Its worker vanished ${job.stalls} times while it ran`;
  books.db.run(
    `UPDATE jobs SET state = 'dead', stalls = ?, token = NULL,
       lease_until = NULL, finished_at = ?, ended = ?, error = ?,
       dead_reason = 'stalled' WHERE seq = ?`,
    job.stalls,
    nowMs,
    ++book.ended,
    errorText({ name: "Stalled", message }),
    job.seq,
  );
  endJob(books, book, job, "dead");
  events.push({ kind: "dead", queue: book.name, id: job.id });
}

/**
 * A lease that ends later than it could have begun was given before the wall
 * clock went back; its job would wait for as long as the clock went back.
 */
function shortenLeases({ books, nowMs }: ClaimContext, { q }: QueueBook): void {
  const last = books.db.get<{ until: number | null; ms: number | null }>(
    `SELECT lease_until AS until, lease_ms AS ms FROM jobs
      WHERE q = ? AND state = 'active' ORDER BY lease_until DESC LIMIT 1`,
    q,
  );
  if ((last?.until ?? 0) <= nowMs + (last?.ms ?? 0)) return;
  books.db.run(
    `UPDATE jobs SET lease_until = ?2 + lease_ms
      WHERE q = ?1 AND state = 'active' AND lease_until > ?2 + lease_ms`,
    q,
    nowMs,
  );
}
