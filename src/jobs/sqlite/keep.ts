/**
 * How long jobs that have ended are kept. It is done a little at a time,
 * within transactions that have to write anyway.
 *
 * @module
 */

import type { Database } from "../../host/databases.ts";
import type { Books, QueueBook } from "./books.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Completed jobs that each queue keeps. */
const KEPT_COMPLETED = 1000;
const KEPT_COMPLETED_MS = DAY_MS;
const KEPT_DEAD_MS = 90 * DAY_MS;
/** Most jobs of one state that are dropped in one transaction. */
const MOST = 500;
/** So many free pages are worth giving back, and so many go at once. */
const FREE_PAGES = 256;

/**
 * Drops jobs that ended long ago.
 *
 * @returns how many.
 */
export function dropOld(books: Books, book: QueueBook, nowMs: number): number {
  const { counts } = book;
  const excess = Math.min(counts.completed - KEPT_COMPLETED, MOST);
  let dropped = excess > 0 ? drop(books, book, "completed", excess) : 0;
  dropped += dropAged(books, book, "completed", nowMs - KEPT_COMPLETED_MS);
  dropped += dropAged(books, book, "dead", nowMs - KEPT_DEAD_MS);
  return dropped;
}

function dropAged(
  books: Books,
  book: QueueBook,
  state: "completed" | "dead",
  before: number,
): number {
  if (book.counts[state] === 0) return 0;
  const first = books.db.get<{ at: number }>(
    `SELECT finished_at AS at FROM jobs
      WHERE q = ? AND state = ? AND ended IS NOT NULL ORDER BY ended LIMIT 1`,
    book.q,
    state,
  );
  if (first === undefined || first.at >= before) return 0;
  return drop(books, book, state, MOST, before);
}

function drop(
  { db }: Books,
  book: QueueBook,
  state: "completed" | "dead",
  most: number,
  before: number = Number.MAX_SAFE_INTEGER,
): number {
  const dropped = db.run(
    `DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs
       WHERE q = ? AND state = ? AND ended IS NOT NULL
       ORDER BY ended LIMIT ?) AND finished_at < ?`,
    book.q,
    state,
    most,
    before,
  );
  book.counts[state] -= dropped;
  return dropped;
}

/** Gives free pages back to the file system, a few at a time. */
export function giveBack(db: Database): void {
  const row = db.get<{ "freelist_count": number }>("PRAGMA freelist_count");
  if ((row?.freelist_count ?? 0) <= FREE_PAGES) return;
  // A step frees one page, and only reading to the end takes all steps.
  db.all(`PRAGMA incremental_vacuum(${FREE_PAGES})`);
}
