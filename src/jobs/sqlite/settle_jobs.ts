/**
 * Ending claims within a transaction. Only the token of a claim gives the
 * right to it: whoever lost a job changes nothing.
 *
 * @module
 */

import type { SqlValue } from "../../host/databases.ts";
import type { JobEvent } from "../backend.ts";
import type { Claim, Settlement, SettleResult } from "../job.ts";
import { type Books, move, type QueueBook } from "./books.ts";
import { type EndedJob, endJob } from "./end_job.ts";
import { errorText } from "./job_rows.ts";

/** What settling needs besides the settlements. */
export interface SettleContext {
  /** The books of the transaction. */
  readonly books: Books;
  /** Now, in epoch milliseconds. */
  readonly nowMs: number;
  /** Takes what happens. */
  readonly events: JobEvent[];
}

type Settled = EndedJob & { readonly [column: string]: SqlValue };

const RELEASE = "token = NULL, lease_until = NULL";
const HELD = "WHERE seq = ? AND token = ? AND id = ? AND q = ?";
const RETURNING = "RETURNING id, bytes, dedupe_key";

const COMPLETE = `UPDATE jobs SET state = 'completed', ${RELEASE},
  attempts = attempts + 1, finished_at = ?, ended = ?, result = ?, error = NULL
  ${HELD} ${RETURNING}`;
const BURY = `UPDATE jobs SET state = 'dead', ${RELEASE},
  attempts = attempts + 1, finished_at = ?, ended = ?, error = ?,
  dead_reason = ? ${HELD} ${RETURNING}`;
const RETRY = `UPDATE jobs SET state = ?, ${RELEASE},
  attempts = attempts + 1, run_at = ?, error = ? ${HELD} ${RETURNING}`;
const RETURN = `UPDATE jobs SET state = 'ready', ${RELEASE}
  ${HELD} ${RETURNING}`;

/** Row of the job that a token is about. */
export function rowOf({ token }: Pick<Claim, "token">): number {
  return Number.parseInt(token, 10) || 0;
}

/** Ends one claim. */
export function settleJob(
  context: SettleContext,
  settlement: Settlement,
): SettleResult {
  const { claim } = settlement;
  const book = context.books.find(claim.queue);
  if (book === undefined) return "lost";
  const isHeld = apply(context, book, settlement, [
    rowOf(claim),
    claim.token,
    claim.id,
    book.q,
  ]);
  return isHeld ? "settled" : "lost";
}

function apply(
  { books, nowMs, events }: SettleContext,
  book: QueueBook,
  settlement: Settlement,
  held: readonly SqlValue[],
): boolean {
  const update = (sql: string, ...values: SqlValue[]) =>
    books.db.get<Settled>(sql, ...values, ...held);
  const { id } = settlement.claim;
  const say = (kind: JobEvent["kind"]) =>
    void events.push({ kind, queue: book.name, id });
  switch (settlement.kind) {
    case "complete": {
      const { result = null } = settlement;
      const job = update(COMPLETE, nowMs, book.ended + 1, result);
      if (job === undefined) return false;
      book.ended++;
      endJob(books, book, job, "completed");
      say("completed");
      return true;
    }
    case "dead": {
      const { error, reason } = settlement;
      const text = errorText(error);
      const job = update(BURY, nowMs, book.ended + 1, text, reason);
      if (job === undefined) return false;
      book.ended++;
      endJob(books, book, job, "dead");
      say("dead");
      return true;
    }
    case "retry": {
      const { error, runAt } = settlement;
      const state = runAt > nowMs ? "scheduled" : "ready";
      const job = update(RETRY, state, runAt, errorText(error));
      if (job === undefined) return false;
      move(book, job.bytes, "active", state);
      say("retried");
      return true;
    }
    case "return": {
      const job = update(RETURN);
      if (job === undefined) return false;
      move(book, job.bytes, "active", "ready");
      return true;
    }
  }
}

/** Holds claims for longer; `false` for each that is lost. */
export function holdJobs(
  { db }: Books,
  claims: readonly Claim[],
  leaseMs: number,
  nowMs: number,
): readonly boolean[] {
  return claims.map((claim) =>
    db.run(
      `UPDATE jobs SET lease_ms = ?, lease_until = ?
        WHERE seq = ? AND token = ? AND id = ?`,
      leaseMs,
      nowMs + leaseMs,
      rowOf(claim),
      claim.token,
      claim.id,
    ) === 1
  );
}

/** Keeps a word of a handler, as JSON text; `false` when its claim is lost. */
export function keepProgress(
  { db }: Books,
  claim: Claim,
  text: string,
): boolean {
  return db.run(
    "UPDATE jobs SET progress = ? WHERE seq = ? AND token = ? AND id = ?",
    text,
    rowOf(claim),
    claim.token,
    claim.id,
  ) === 1;
}
