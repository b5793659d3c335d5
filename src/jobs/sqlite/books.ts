/**
 * The counts of each queue, kept within the transaction that changes them, so
 * that nobody ever has to count rows.
 *
 * @module
 */

import type { Database } from "../../host/databases.ts";
import type { JobState } from "../job.ts";

/** What one transaction knows of a queue. */
export interface QueueBook {
  /** Its number in the rows of its jobs. */
  readonly q: number;
  /** Its name. */
  readonly name: string;
  /** Whether claims are held back. */
  isPaused: boolean;
  /** Whether there has ever been a job. */
  hadJobs: boolean;
  /** Whether there may be work sooner than before. */
  isStirred: boolean;
  /** How many jobs have ended, which puts ends in order. */
  ended: number;
  /** Bytes of unfinished jobs. */
  bytes: number;
  /** Jobs by state. */
  readonly counts: Record<JobState, number>;
}

/** Unfinished jobs of all queues. */
export interface Totals {
  /** How many. */
  readonly jobs: number;
  /** Bytes of their data. */
  readonly bytes: number;
}

type Row = {
  readonly q: number;
  readonly "is_paused": number;
  readonly "had_jobs": number;
  readonly ended: number;
  readonly bytes: number;
  readonly ready: number;
  readonly scheduled: number;
  readonly active: number;
  readonly completed: number;
  readonly dead: number;
};

const FIND = `SELECT q, is_paused, had_jobs, ended, bytes, ready, scheduled,
  active, completed, dead FROM queues WHERE name = ?`;

const SAVE = `UPDATE queues SET is_paused = ?, had_jobs = ?, ended = ?,
  bytes = ?, ready = ?, scheduled = ?, active = ?, completed = ?, dead = ?
  WHERE q = ?`;

const TOTALS = `SELECT coalesce(sum(ready + scheduled + active), 0) AS jobs,
  coalesce(sum(bytes), 0) AS bytes FROM queues`;

/** The books of one transaction. */
export class Books {
  /** The database whose transaction it is. */
  readonly db: Database;
  readonly #open = new Map<string, { book: QueueBook; before: Totals }>();
  readonly #saved = new Map<QueueBook, string>();
  #stored: Totals | undefined;

  /** Opens none yet; make one within the transaction. */
  constructor(db: Database) {
    this.db = db;
  }

  /** A queue that has been used before. */
  find(name: string): QueueBook | undefined {
    const open = this.#open.get(name);
    if (open !== undefined) return open.book;
    const row = this.db.get<Row>(FIND, name);
    if (row === undefined) return undefined;
    const { q, ended, bytes, ready, scheduled, active, completed, dead } = row;
    const book: QueueBook = {
      q,
      name,
      isPaused: row.is_paused === 1,
      hadJobs: row.had_jobs === 1,
      isStirred: false,
      ended,
      bytes,
      counts: { ready, scheduled, active, completed, dead },
    };
    this.#open.set(name, { book, before: liveOf(book) });
    this.#saved.set(book, textOf(book));
    return book;
  }

  /** A queue, which is made when it has never been used. */
  open(name: string): QueueBook {
    const known = this.find(name);
    if (known !== undefined) return known;
    this.db.run("INSERT INTO queues (name) VALUES (?)", name);
    const made = this.find(name);
    if (made === undefined) throw new TypeError(`No row for queue ${name}`);
    return made;
  }

  /** Names of all queues. */
  names(): readonly string[] {
    const rows = this.db.all<{ name: string }>("SELECT name FROM queues");
    return rows.map(({ name }) => name);
  }

  /** Unfinished jobs of all queues, with what this transaction has changed. */
  get totals(): Totals {
    this.#stored ??= this.db.get<{ jobs: number; bytes: number }>(TOTALS);
    let { jobs, bytes } = this.#stored ?? { jobs: 0, bytes: 0 };
    for (const { book, before } of this.#open.values()) {
      const now = liveOf(book);
      jobs += now.jobs - before.jobs;
      bytes += now.bytes - before.bytes;
    }
    return { jobs, bytes };
  }

  /** Queues that may have work sooner than before. */
  get stirred(): readonly string[] {
    return [...this.#open.values()].flatMap(({ book }) =>
      book.isStirred ? [book.name] : []
    );
  }

  /** Writes what has changed; the last step of the transaction. */
  save(): void {
    for (const { book } of this.#open.values()) {
      if (this.#saved.get(book) === textOf(book)) continue;
      const { counts } = book;
      this.db.run(
        SAVE,
        book.isPaused ? 1 : 0,
        book.hadJobs ? 1 : 0,
        book.ended,
        book.bytes,
        counts.ready,
        counts.scheduled,
        counts.active,
        counts.completed,
        counts.dead,
        book.q,
      );
    }
  }
}

function liveOf({ counts, bytes }: QueueBook): Totals {
  return { jobs: counts.ready + counts.scheduled + counts.active, bytes };
}

function textOf(
  { isPaused, hadJobs, ended, bytes, counts }: QueueBook,
): string {
  const { ready, scheduled, active, completed, dead } = counts;
  return [
    isPaused,
    hadJobs,
    ended,
    bytes,
    ready,
    scheduled,
    active,
    completed,
    dead,
  ].join();
}

/** Whether a state counts against the limits. */
function isUnfinished(state: JobState): boolean {
  return state !== "completed" && state !== "dead";
}

/** Notes that a job of so many bytes went from one state to another. */
export function move(
  book: QueueBook,
  bytes: number,
  from: JobState | undefined,
  to: JobState | undefined,
): void {
  if (from !== undefined) {
    book.counts[from]--;
    if (isUnfinished(from)) book.bytes -= bytes;
  }
  if (to !== undefined) {
    book.isStirred ||= to === "ready" || to === "scheduled";
    book.counts[to]++;
    if (isUnfinished(to)) book.bytes += bytes;
  }
}
