/**
 * What people do to jobs, within a transaction.
 *
 * @module
 */

import type { CancelResult, DeadFilter, JobEvent } from "../backend.ts";
import type { JobState } from "../job.ts";
import { type Books, move } from "./books.ts";
import { deadCondition } from "./look.ts";

type Row = {
  readonly seq: number;
  readonly state: JobState;
  readonly bytes: number;
  readonly "run_at": number;
  readonly "dedupe_key": string | null;
};

function find({ db }: Books, q: number, id: string): Row | undefined {
  return db.get<Row>(
    "SELECT seq, state, bytes, run_at, dedupe_key FROM jobs WHERE q = ? AND id = ?",
    q,
    id,
  );
}

/** Takes a job out that has not begun; its key is free. */
export function cancelJob(
  books: Books,
  queue: string,
  id: string,
  events: JobEvent[],
): CancelResult {
  const book = books.find(queue);
  const row = book && find(books, book.q, id);
  if (book === undefined || row === undefined) return "missing";
  if (row.state === "active") return "active";
  if (row.state === "completed" || row.state === "dead") return "finished";
  books.db.run("DELETE FROM jobs WHERE seq = ?", row.seq);
  if (row.dedupe_key !== null) {
    books.db.run(
      "DELETE FROM dedupes WHERE q = ? AND key = ? AND id = ?",
      book.q,
      row.dedupe_key,
      id,
    );
  }
  move(book, row.bytes, row.state, undefined);
  events.push({ kind: "cancelled", queue, id });
  return "cancelled";
}

/** Makes a scheduled job ready now. */
export function promoteJob(
  books: Books,
  queue: string,
  id: string,
  nowMs: number,
): boolean {
  const book = books.find(queue);
  const row = book && find(books, book.q, id);
  // What has become due is ready already.
  const isWaiting = row?.state === "scheduled" && row.run_at > nowMs;
  if (book === undefined || !isWaiting) return false;
  books.db.run(
    "UPDATE jobs SET state = 'ready', run_at = ? WHERE seq = ?",
    nowMs,
    row.seq,
  );
  move(book, row.bytes, "scheduled", "ready");
  return true;
}

/** Makes dead jobs ready, with all their attempts; gives how many. */
export function replayDead(
  books: Books,
  queue: string,
  filter: DeadFilter,
): number {
  const book = books.find(queue);
  if (book === undefined) return 0;
  const { sql, values } = deadCondition(book.q, filter);
  const rows = books.db.all<{ bytes: number }>(
    `UPDATE jobs SET state = 'ready', attempts = 0, stalls = 0,
       finished_at = NULL, ended = NULL, dead_reason = NULL
      WHERE seq IN (SELECT seq FROM jobs WHERE ${sql}) RETURNING bytes`,
    ...values,
  );
  for (const { bytes } of rows) move(book, bytes, "dead", "ready");
  return rows.length;
}

/** Deletes dead jobs; gives how many. */
export function purgeDead(
  books: Books,
  queue: string,
  filter: DeadFilter,
): number {
  const book = books.find(queue);
  if (book === undefined) return 0;
  const { sql, values } = deadCondition(book.q, filter);
  const purged = books.db.run(
    `DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE ${sql})`,
    ...values,
  );
  book.counts.dead -= purged;
  return purged;
}
