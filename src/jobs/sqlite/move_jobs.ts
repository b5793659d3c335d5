/**
 * Jobs on their way to and from another backend, complete as they were.
 *
 * @module
 */

import type { Database } from "../../host/databases.ts";
import type { MovedJob } from "../backend.ts";
import type { JsonValue } from "../../state/json_value.ts";
import { byteLength } from "../json_text.ts";
import { type Books, move, type QueueBook } from "./books.ts";
import {
  errorText,
  INSERT,
  INSERT_BODY,
  insertValues,
  isLong,
  JOB_COLUMNS,
  type JobRow,
  keyOf,
  keyText,
  rulesOf,
  toJob,
} from "./job_rows.ts";
import { queueNumber } from "./look.ts";

type ExportRow = JobRow & {
  readonly "queue_name": string;
  readonly "holds_key": number;
  readonly until: number | null;
};

/** Unfinished and dead jobs after one, in the order of their being added. */
export function exportJobs(
  db: Database,
  after: { readonly queue: string; readonly id: string } | undefined,
  limit: number,
  nowMs: number,
): readonly MovedJob[] {
  const rows = db.all<ExportRow>(
    `SELECT ${JOB_COLUMNS},
       (SELECT name FROM queues WHERE queues.q = jobs.q) AS queue_name,
       EXISTS (SELECT 1 FROM dedupes d WHERE d.q = jobs.q
         AND d.key = dedupe_key AND d.id = jobs.id) AS holds_key,
       (SELECT until FROM dedupes d WHERE d.q = jobs.q
         AND d.key = dedupe_key AND d.id = jobs.id) AS until
       FROM jobs WHERE seq > ? AND state <> 'completed' ORDER BY seq LIMIT ?`,
    // Without the job it went on from, it begins again: what was taken over
    // already is left alone there.
    after === undefined ? 0 : seqOf(db, after.queue, after.id) ?? 0,
    limit,
  );
  return rows.map((row) => ({
    job: toJob(row.queue_name, row, nowMs),
    rules: rulesOf(row),
    dedupe: row.dedupe_key === null || row.holds_key === 0
      ? undefined
      : { key: keyOf(row.dedupe_key), until: row.until ?? undefined },
  }));
}

function seqOf(db: Database, queue: string, id: string): number | undefined {
  return db.get<{ seq: number }>(
    "SELECT seq FROM jobs WHERE q = ? AND id = ?",
    queueNumber(db, queue) ?? 0,
    id,
  )?.seq;
}

/** Takes a job over; `false` when it is here already. */
export function importJob(books: Books, moved: MovedJob): boolean {
  const { job: { queue, id } } = moved;
  if (seqOf(books.db, queue, id) !== undefined) return false;
  const book = books.open(queue);
  insertMoved(books.db, book, moved);
  if (moved.dedupe !== undefined) {
    books.db.run(
      `INSERT INTO dedupes (q, key, id, until) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
      book.q,
      keyText(moved.dedupe.key),
      id,
      moved.dedupe.until ?? null,
    );
  }
  return true;
}

function insertMoved(
  db: Database,
  book: QueueBook,
  { job, rules, dedupe }: MovedJob,
): void {
  // Who ran it there does not run it here.
  const state = job.state === "active" ? "ready" : job.state;
  const body = JSON.stringify(job.data);
  const bytes = byteLength(body);
  const hasEnded = state === "completed" || state === "dead";
  const key = dedupe === undefined ? null : keyText(dedupe.key);
  const runAt = job.runAt ?? job.createdAt;
  db.run(
    INSERT,
    ...insertValues({
      ...job,
      q: book.q,
      state,
      runAt,
      rules,
      bytes,
      body,
      key,
    }),
  );
  if (isLong(body)) db.run(INSERT_BODY, body);
  db.run(
    `UPDATE jobs SET attempts = ?, stalls = ?, started_at = ?, finished_at = ?,
       ended = ?, progress = ?, result = ?, error = ?, dead_reason = ?
      WHERE seq = last_insert_rowid()`,
    job.attempts,
    job.stalls,
    job.startedAt ?? null,
    job.finishedAt ?? null,
    hasEnded ? ++book.ended : null,
    textOf(job.progress),
    textOf(job.result),
    job.error === undefined ? null : errorText(job.error),
    job.deadReason ?? null,
  );
  move(book, bytes, undefined, state);
  book.hadJobs = true;
}

function textOf(value: JsonValue | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
