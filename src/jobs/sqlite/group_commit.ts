/**
 * Jobs that are added one by one in the same turn of the event loop share one
 * commit, which costs the disk as much as the commit of a single job.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Enqueued, NewJob } from "../job.ts";

/** Adds a job within the transaction that is under way. */
export type AddOne = (queue: string, job: NewJob) => Enqueued;

/** Runs something in one transaction that is on disk when it returns. */
export type Commit = (act: (add: AddOne) => void) => void;

interface Waiting {
  readonly queue: string;
  readonly job: NewJob;
  readonly resolve: (enqueued: Enqueued) => void;
  readonly reject: (error: unknown) => void;
}

/** Gathers jobs for one commit. */
export class GroupCommit {
  readonly #commit: Commit;
  #waiting: Waiting[] = [];

  /** Makes an empty one. */
  constructor(commit: Commit) {
    this.#commit = commit;
  }

  /** Adds a job; settles when it is on disk or refused. */
  add(queue: string, job: NewJob): Promise<Enqueued> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ queue, job, resolve, reject });
      if (this.#waiting.length === 1) queueMicrotask(() => this.flush());
    });
  }

  /** Commits what waits. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const answers: (() => void)[] = [];
    try {
      this.#commit((add) => {
        for (const one of waiting) answers.push(answerTo(one, add));
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      return;
    }
    for (const answer of answers) answer();
  }
}

/** A job that is refused before anything was written leaves the others be. */
function answerTo(
  { queue, job, resolve, reject }: Waiting,
  add: AddOne,
): () => void {
  try {
    const enqueued = add(queue, job);
    return () => resolve(enqueued);
  } catch (error) {
    if (!(error instanceof KnownError) || error.code !== "queue_full") {
      throw error;
    }
    return () => reject(error);
  }
}
