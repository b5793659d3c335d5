/**
 * What the end of a job means besides its row.
 *
 * @module
 */

import { type Books, move, type QueueBook } from "./books.ts";

/** A job that has ended. */
export interface EndedJob {
  /** Its id. */
  readonly id: string;
  /** Bytes of its body. */
  readonly bytes: number;
  /** Its dedupe key, as its column. */
  readonly "dedupe_key": string | null;
}

/** Counts an end of an active job, and frees its key unless that has a time. */
export function endJob(
  books: Books,
  book: QueueBook,
  job: EndedJob,
  state: "completed" | "dead",
): void {
  move(book, job.bytes, "active", state);
  if (job.dedupe_key === null) return;
  books.db.run(
    "DELETE FROM dedupes WHERE q = ? AND key = ? AND id = ? AND until IS NULL",
    book.q,
    job.dedupe_key,
    job.id,
  );
}
