/**
 * The jobs in an open file, as people and programs see them that look after
 * them.
 *
 * @module
 */

import type { Clock } from "../../host/host.ts";
import type { CancelResult, DeadFilter, MovedJob } from "../backend.ts";
import { cancelJob, promoteJob, purgeDead, replayDead } from "./change_jobs.ts";
import { giveBack } from "./keep.ts";
import { importJob } from "./move_jobs.ts";
import type { Step, Transactions } from "./transactions.ts";

/** Dead jobs are changed so many at a time, for others to get their turn. */
const PORTION = 1000;

/** Looks after the jobs in one open file. */
export class JobCare {
  readonly #clock: Pick<Clock, "sleep">;
  readonly #steps: Transactions;

  /** Takes an open file over. */
  constructor(
    { clock }: { readonly clock: Pick<Clock, "sleep"> },
    steps: Transactions,
  ) {
    this.#clock = clock;
    this.#steps = steps;
  }

  /** Takes a job out that has not begun; moving jobs back needs that too. */
  cancel(queue: string, id: string): CancelResult {
    return this.#steps.write(({ books, events }) =>
      cancelJob(books, queue, id, events)
    );
  }

  /** Makes a scheduled job ready now. */
  promote(queue: string, id: string): boolean {
    return this.#steps.writeHere(({ books, nowMs }) =>
      promoteJob(books, queue, id, nowMs)
    );
  }

  /** Makes dead jobs ready; gives how many. */
  replayDead(queue: string, filter: DeadFilter): Promise<number> {
    return this.#inPortions(filter, ({ books }, portion) => {
      // Nobody would run them here.
      this.#steps.proveHere();
      return replayDead(books, queue, portion);
    });
  }

  /** Deletes dead jobs; gives how many. */
  purgeDead(queue: string, filter: DeadFilter): Promise<number> {
    return this.#inPortions(filter, ({ db, books }, portion) => {
      const purged = purgeDead(books, queue, portion);
      if (purged > 0) giveBack(db);
      return purged;
    });
  }

  /** Holds claims of a queue back. */
  pause(queue: string): void {
    this.#steps.write(({ books }) => {
      books.open(queue).isPaused = true;
    });
  }

  /** Undoes {@linkcode pause}. */
  resume(queue: string): void {
    this.#steps.write(({ books }) => {
      const book = books.find(queue);
      if (book === undefined) return;
      book.isPaused = false;
      book.isStirred = true;
    });
  }

  /** Says where the jobs have gone, or that they are here again. */
  seal(place: string | undefined): void {
    this.#steps.write(({ db, books }) => {
      db.run("UPDATE meta SET moved_to = ?", place ?? null);
      for (const name of books.names()) {
        const book = books.find(name);
        if (book !== undefined) book.isStirred = true;
      }
    });
  }

  /** Takes jobs over as they were; gives how many were not here. */
  importAll(jobs: readonly MovedJob[]): number {
    return this.#steps.write(({ books }) =>
      jobs.filter((job) => importJob(books, job)).length
    );
  }

  async #inPortions(
    filter: DeadFilter,
    act: (step: Step, portion: DeadFilter) => number,
  ): Promise<number> {
    let left = filter.limit ?? Infinity;
    let sum = 0;
    while (left > 0) {
      const limit = Math.min(left, PORTION);
      const done = this.#steps.write((step) => act(step, { ...filter, limit }));
      sum += done;
      left -= done;
      if (done < limit) break;
      await this.#clock.sleep(0);
    }
    return sum;
  }
}
