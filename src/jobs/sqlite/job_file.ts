/**
 * The jobs in an open file, as those see them that add and run them.
 *
 * @module
 */

import type { Random } from "../../host/host.ts";
import { parentPath } from "../../host/path.ts";
import type { JsonValue } from "../../state/json_value.ts";
import type { ClaimRequest, Settled } from "../backend.ts";
import type { Claim, Enqueued, NewJob, Settlement } from "../job.ts";
import type { JobLimits } from "../limits.ts";
import { addJobs } from "./add_jobs.ts";
import { claimJobs, lookAhead } from "./claim_jobs.ts";
import { DiskRoom } from "./disk_room.ts";
import { GroupCommit } from "./group_commit.ts";
import { dropOld, giveBack } from "./keep.ts";
import { type OpenHost, readMovedTo } from "./open_jobs.ts";
import { lowProblem, notReady } from "./problem.ts";
import { holdJobs, keepProgress, settleJob } from "./settle_jobs.ts";
import type { Step, Transactions } from "./transactions.ts";

/** What the jobs in a file need of the world. */
export type FileHost = Pick<OpenHost, "blocking" | "clock"> & {
  readonly random: Random;
};

/** How much a file may hold. */
export interface FileOptions {
  /** Limits of the tenant. */
  readonly limits: JobLimits;
  /** Less free room on the disk keeps new jobs out, in bytes. */
  readonly minFreeBytes: number;
}

/**
 * In one of so many settlements old jobs of all queues are dropped, and free
 * pages given back.
 */
const TIDY_EVERY = 64;

/** The jobs in one open file. */
export class JobFile {
  readonly #host: FileHost;
  readonly #steps: Transactions;
  readonly #limits: JobLimits;
  readonly #room: DiskRoom;
  readonly #group: GroupCommit;
  readonly #own: string;
  #claims = 0;
  #settled = 0;

  /** Takes an open file over. */
  constructor(host: FileHost, steps: Transactions, options: FileOptions) {
    const { limits, minFreeBytes } = options;
    this.#host = host;
    this.#steps = steps;
    this.#limits = limits;
    const directory = parentPath(steps.path);
    this.#room = new DiskRoom(host.blocking, directory, minFreeBytes);
    this.#own = host.random.hex(8);
    this.#group = new GroupCommit((act) =>
      steps.writeHere((step) => {
        act((queue, job) => {
          const [added] = addJobs({ ...step, limits }, queue, [job]);
          if (added === undefined) throw new TypeError("Nothing was added");
          return added;
        });
      })
    );
  }

  /** Adds one job; what is added in the same turn shares a commit. */
  async add(queue: string, job: NewJob): Promise<Enqueued> {
    this.#proveRoom([job]);
    return await this.#group.add(queue, job);
  }

  /** Adds all jobs or none. */
  addAll(queue: string, jobs: readonly NewJob[]): readonly Enqueued[] {
    if (jobs.length === 0) return [];
    this.#proveRoom(jobs);
    // Jobs that were added before these come before them.
    this.#group.flush();
    return this.#steps.writeHere((step) =>
      addJobs({ ...step, limits: this.#limits }, queue, jobs)
    );
  }

  /** Commits what waits for others to share a commit with. */
  flush(): void {
    this.#group.flush();
  }

  /** Claims what is due; a look comes first, as most claims find nothing. */
  claim(request: ClaimRequest): readonly Claim[] {
    this.#steps.proveHere();
    const nowMs = this.#host.clock.now();
    const { isDue } = this.#steps.look((db) =>
      lookAhead(db, request.queue, nowMs)
    );
    if (!isDue) return [];
    return this.#steps.writeHere((step) => this.#claim(step, request));
  }

  /** Ends claims and makes new ones, in one commit. */
  settle(settlements: readonly Settlement[], next?: ClaimRequest): Settled {
    if (settlements.length === 0) {
      const isHere = this.#steps.look(readMovedTo) === undefined;
      const claims = isHere && next !== undefined ? this.claim(next) : [];
      return { results: [], claims };
    }
    return this.#steps.write((step) => {
      const results = settlements.map((one) => settleJob(step, one));
      this.#dropOld(step, settlements);
      // What has ended counts also where nothing can be claimed any more.
      const isHere = readMovedTo(step.db) === undefined;
      const canClaim = isHere && next !== undefined;
      return { results, claims: canClaim ? this.#claim(step, next) : [] };
    });
  }

  /** Holds claims for longer; `false` for each that is lost. */
  hold(claims: readonly Claim[], leaseMs: number): readonly boolean[] {
    if (claims.length === 0) return [];
    return this.#steps.write(({ books, nowMs }) =>
      holdJobs(books, claims, leaseMs, nowMs)
    );
  }

  /** Keeps a word of a handler; `false` when its claim is lost. */
  keepProgress(claim: Claim, value: JsonValue): boolean {
    const { queue, id } = claim;
    return this.#steps.write(({ books, events }) => {
      const isHeld = keepProgress(books, claim, JSON.stringify(value));
      if (isHeld) events.push({ kind: "progress", queue, id });
      return isHeld;
    });
  }

  #claim(step: Step, request: ClaimRequest): readonly Claim[] {
    const proof = `.${this.#own}.${++this.#claims}`;
    return claimJobs({ ...step, proof }, request);
  }

  #dropOld(
    { db, books, nowMs }: Step,
    settlements: readonly Settlement[],
  ): void {
    const isTidying = this.#settled++ % TIDY_EVERY === 0;
    const names = isTidying
      ? books.names()
      : new Set(settlements.map(({ claim }) => claim.queue));
    for (const name of names) {
      const book = books.find(name);
      if (book !== undefined) dropOld(books, book, nowMs);
    }
    if (isTidying) giveBack(db);
  }

  #proveRoom(jobs: readonly NewJob[]): void {
    const free = this.#room.shortOf(jobs);
    if (free === undefined) return;
    const { path } = this.#steps;
    throw notReady(lowProblem(parentPath(path), free), path);
  }
}
