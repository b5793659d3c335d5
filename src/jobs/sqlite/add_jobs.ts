/**
 * Adding jobs within a transaction.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { JobEvent } from "../backend.ts";
import type { Enqueued, NewJob } from "../job.ts";
import { byteLength } from "../json_text.ts";
import type { JobLimits } from "../limits.ts";
import { type Books, move, type QueueBook, type Totals } from "./books.ts";
import {
  INSERT,
  INSERT_BODY,
  insertValues,
  isLong,
  keyText,
} from "./job_rows.ts";

/** Where jobs are added. */
export interface AddContext {
  /** The books of the transaction. */
  readonly books: Books;
  /** The most there may be. */
  readonly limits: JobLimits;
  /** Takes what happens. */
  readonly events: JobEvent[];
}

/** A job that another one takes the place of. */
interface Replaced {
  readonly seq: number;
  readonly id: string;
  readonly bytes: number;
}

const NOTHING: Totals = { jobs: 0, bytes: 0 };
/** Keys whose time is over are dropped so many at a time. */
const DROPPED_KEYS = 20;

/**
 * Adds jobs that are not there yet.
 *
 * @throws {KnownError} `queue_full` when they are too many. For one job
 * nothing has been written then; for several, roll the transaction back.
 */
export function addJobs(
  context: AddContext,
  queue: string,
  jobs: readonly NewJob[],
): readonly Enqueued[] {
  const [only] = jobs;
  if (only !== undefined && jobs.length === 1) {
    return [
      addJob(context, queue, only, (more) => check(context, queue, more)),
    ];
  }
  const before = context.books.totals;
  const added = jobs.map((job) => addJob(context, queue, job, () => {}));
  // A job may be replaced by the next one, so only the sum tells.
  const { jobs: count, bytes } = context.books.totals;
  check(context, queue, {
    jobs: count - before.jobs,
    bytes: bytes - before.bytes,
  }, before);
  return added;
}

function addJob(
  context: AddContext,
  queue: string,
  job: NewJob,
  checkRoom: (more: Totals) => void,
): Enqueued {
  const { books, events } = context;
  const { id, dedupe } = job;
  const known = books.find(queue);
  if (known !== undefined && isTaken(books, known, job)) {
    return { id, status: "duplicate" };
  }
  const holder = known && holderOf(books, known, job);
  const replaced = known === undefined || holder === undefined
    ? undefined
    : replaceable(books, known, job, holder);
  if (holder !== undefined && replaced === undefined) {
    return { id: holder, status: "duplicate" };
  }
  const bytes = byteLength(job.body);
  checkRoom({
    jobs: replaced === undefined ? 1 : 0,
    bytes: bytes - (replaced?.bytes ?? 0),
  });
  const book = books.open(queue);
  if (replaced !== undefined) remove(books, book, replaced);
  insert(books, book, job, bytes);
  if (dedupe !== undefined) holdKey(books, book, job, dedupe);
  events.push({ kind: "enqueued", queue, id });
  return { id, status: replaced === undefined ? "enqueued" : "replaced" };
}

/** Ids that we made are new; the index would refuse one that is not. */
function isTaken({ db }: Books, { q }: QueueBook, job: NewJob): boolean {
  return job.hasOwnId && db.get(
        "SELECT 1 FROM jobs WHERE q = ? AND id = ?",
        q,
        job.id,
      ) !== undefined;
}

/** Id of the job that holds the key of another one. */
function holderOf(
  { db }: Books,
  { q }: QueueBook,
  { dedupe, createdAt }: NewJob,
): string | undefined {
  if (dedupe === undefined) return undefined;
  const row = db.get<{ id: string }>(
    `SELECT id FROM dedupes WHERE q = ? AND key = ?
       AND (until IS NULL OR until > ?)`,
    q,
    keyText(dedupe.key),
    createdAt,
  );
  return row?.id;
}

function replaceable(
  { db }: Books,
  { q }: QueueBook,
  { dedupe, createdAt }: NewJob,
  holder: string,
): Replaced | undefined {
  if (dedupe?.mode !== "replace") return undefined;
  return db.get<{ seq: number; id: string; bytes: number }>(
    `SELECT seq, id, bytes FROM jobs WHERE q = ? AND id = ?
       AND state = 'scheduled' AND run_at > ?`,
    q,
    holder,
    createdAt,
  );
}

function remove(books: Books, book: QueueBook, { seq, bytes }: Replaced): void {
  books.db.run("DELETE FROM jobs WHERE seq = ?", seq);
  move(book, bytes, "scheduled", undefined);
}

function insert(
  { db }: Books,
  book: QueueBook,
  job: NewJob,
  bytes: number,
): void {
  const { dedupe, runAt, createdAt } = job;
  const state = runAt > createdAt ? "scheduled" : "ready";
  const key = dedupe === undefined ? null : keyText(dedupe.key);
  db.run(INSERT, ...insertValues({ ...job, q: book.q, state, bytes, key }));
  if (isLong(job.body)) db.run(INSERT_BODY, job.body);
  move(book, bytes, undefined, state);
  book.hadJobs = true;
}

function holdKey(
  { db }: Books,
  { q }: QueueBook,
  { id, createdAt }: NewJob,
  { key, ttlMs }: NonNullable<NewJob["dedupe"]>,
): void {
  db.run(
    `INSERT INTO dedupes (q, key, id, until) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET id = excluded.id, until = excluded.until`,
    q,
    keyText(key),
    id,
    ttlMs === undefined ? null : createdAt + ttlMs,
  );
  if (ttlMs === undefined) return;
  db.run(
    `DELETE FROM dedupes WHERE q = ?1 AND key IN (SELECT key FROM dedupes
       WHERE q = ?1 AND until <= ?2 LIMIT ${DROPPED_KEYS})`,
    q,
    createdAt,
  );
}

function check(
  { books, limits: { maxJobs, maxBytes } }: AddContext,
  queue: string,
  more: Totals,
  before: Totals = more.jobs > 0 || more.bytes > 0 ? books.totals : NOTHING,
): void {
  const jobs = before.jobs + more.jobs;
  const bytes = before.bytes + more.bytes;
  if (more.jobs > 0 && jobs > maxJobs) {
    throw full(
      queue,
      `there would be ${jobs} unfinished jobs, over ${maxJobs}`,
    );
  }
  if (more.bytes > 0 && bytes > maxBytes) {
    throw full(
      queue,
      `unfinished jobs would have ${bytes} bytes, over ${maxBytes}`,
    );
  }
}

function full(queue: string, why: string): KnownError {
  return new KnownError(
    "queue_full",
    `Cannot add to the queue ${queue}: ${why}`,
    {
      hint: "Let workers finish some jobs first, or raise the limit.",
    },
  );
}
