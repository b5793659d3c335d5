/**
 * Looking at an open file of jobs and changing it, one step at a time. What a
 * step has changed is on disk when it returns, and only then told to others.
 *
 * @module
 */

import type { Database } from "../../host/databases.ts";
import type { Clock } from "../../host/host.ts";
import type { JobEvent } from "../backend.ts";
import { Books } from "./books.ts";
import { busIfAny } from "./bus.ts";
import { readMovedTo } from "./open_jobs.ts";
import { explain, movedProblem, notReady } from "./problem.ts";

/** What a step works with. */
export interface Step {
  /** The database, in a transaction. */
  readonly db: Database;
  /** The counts. */
  readonly books: Books;
  /** Now, in epoch milliseconds. */
  readonly nowMs: number;
  /** Takes what happens. */
  readonly events: JobEvent[];
}

/** The steps on one open file. */
export class Transactions {
  /** The file. */
  readonly path: string;
  readonly #clock: Pick<Clock, "now">;
  readonly #db: Database;

  /** Takes an open database over. */
  constructor(
    { clock }: { readonly clock: Pick<Clock, "now"> },
    path: string,
    db: Database,
  ) {
    this.#clock = clock;
    this.path = path;
    this.#db = db;
  }

  /** Looks without changing anything. */
  look<T>(act: (db: Database) => T): T {
    try {
      return act(this.#db);
    } catch (error) {
      throw explain(error, this.path);
    }
  }

  /** Changes something; a throw takes everything back. */
  write<T>(act: (step: Step) => T): T {
    const events: JobEvent[] = [];
    let stirred: readonly string[] = [];
    const result = this.look((db) =>
      db.transaction(() => {
        const books = new Books(db);
        const done = act({ db, books, events, nowMs: this.#clock.now() });
        books.save();
        stirred = books.stirred;
        return done;
      })
    );
    const bus = busIfAny(this.path);
    bus?.tell(events);
    for (const queue of stirred) bus?.wake(queue);
    return result;
  }

  /** Changes something unless the jobs have moved elsewhere. */
  writeHere<T>(act: (step: Step) => T): T {
    return this.write((step) => {
      this.proveHere();
      return act(step);
    });
  }

  /**
   * Proves that the jobs have not moved elsewhere.
   *
   * @throws {QueueNotReadyError} `QUEUE_MOVED` when they have.
   */
  proveHere(): void {
    const place = this.look(readMovedTo);
    if (place === undefined) return;
    throw notReady(movedProblem(this.path, place), this.path);
  }

  /** Closes the file. */
  close(): void {
    this.look((db) => db.close());
  }
}
