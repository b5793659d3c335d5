/**
 * Jobs in a file of SQLite, one for each tenant. Calls that change something
 * are on disk when they settle.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Database } from "../host/databases.ts";
import type { JsonValue } from "../state/json_value.ts";
import { createUlids } from "../state/ulid.ts";
import type {
  CancelResult,
  Capabilities,
  ClaimRequest,
  DeadFilter,
  JobEvent,
  JobFilter,
  MovedJob,
  QueueBackend,
  QueueStats,
  Settled,
  StopOptions,
  StopReport,
} from "./backend.ts";
import { checkDraft } from "./draft.ts";
import type { Handler, ProcessOptions, WorkerHandle } from "./handler.ts";
import type {
  Claim,
  Enqueued,
  Job,
  JobDraft,
  JobOptions,
  NewJob,
  Settlement,
} from "./job.ts";
import { checkQueueName } from "./names.ts";
import type { Readiness } from "./readiness.ts";
import { busOf } from "./sqlite/bus.ts";
import { getJob, listDead, listJobs, readStats } from "./sqlite/look.ts";
import { exportJobs } from "./sqlite/move_jobs.ts";
import { checkFile } from "./sqlite/ready_checks.ts";
import {
  openSession,
  type Session,
  type SqliteHost,
  type SqliteOptions,
} from "./sqlite/session.ts";
import { waitForWork } from "./sqlite/wait_for_work.ts";

export type { SqliteHost, SqliteOptions } from "./sqlite/session.ts";

/** Makes a backend that keeps jobs in a file; start it before use. */
export function createSqliteBackend(
  host: SqliteHost,
  options: SqliteOptions,
): QueueBackend {
  return new SqliteBackend(host, options);
}

const NOTHING_STOPPED: StopReport = { finished: 0, returned: 0, ms: 0 };

class SqliteBackend implements QueueBackend {
  readonly kind = "sqlite";
  readonly tenant: string;
  readonly capabilities: Capabilities = {
    durable: true,
    shared: false,
    notifies: false,
  };
  readonly place: string;
  readonly #host: SqliteHost;
  readonly #options: SqliteOptions;
  readonly #newId: (nowMs: number) => string;
  #open: Session | undefined;
  #stopping: Promise<StopReport> | undefined;

  constructor(host: SqliteHost, options: SqliteOptions) {
    this.#host = host;
    this.#options = options;
    this.tenant = options.tenant;
    this.place = options.path;
    this.#newId = createUlids((bytes) => host.random.hex(bytes));
  }

  checkReady(
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } =
      {},
  ): Promise<Readiness> {
    const { path, tenant } = this.#options;
    return checkFile(this.#host, { ...options, path, tenant });
  }

  async start(): Promise<void> {
    await this.#stopping;
    this.#open ??= openSession(this.#host, this.#options);
  }

  stop(options?: StopOptions): Promise<StopReport> {
    this.#stopping ??= this.#close(options)
      .finally(() => this.#stopping = undefined);
    return this.#stopping;
  }

  async #close(options?: StopOptions): Promise<StopReport> {
    if (this.#open === undefined) return NOTHING_STOPPED;
    const { steps, file, workers, end } = this.#open;
    // Handlers that still run may add jobs and end theirs.
    const report = await workers.stop(options);
    this.#open = undefined;
    end.abort();
    file.flush();
    steps.close();
    return report;
  }

  async enqueue(
    queue: string,
    data: JsonValue,
    options: JobOptions = {},
  ): Promise<Enqueued> {
    const { file } = this.#started;
    const [job] = this.#check(queue, [{ data, options }]);
    if (job === undefined) throw new TypeError("Nothing was checked");
    return await file.add(queue, job);
  }

  enqueueMany(
    queue: string,
    drafts: readonly JobDraft[],
  ): Promise<readonly Enqueued[]> {
    return this.#do(({ file }) =>
      file.addAll(queue, this.#check(queue, drafts))
    );
  }

  claim(request: ClaimRequest): Promise<readonly Claim[]> {
    return this.#do(({ file }) => file.claim(request));
  }

  settle(
    settlements: readonly Settlement[],
    next?: ClaimRequest,
  ): Promise<Settled> {
    return this.#do(({ file }) => file.settle(settlements, next));
  }

  heartbeat(
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly boolean[]> {
    return this.#do(({ file }) => file.hold(claims, leaseMs));
  }

  progress(claim: Claim, value: JsonValue): Promise<boolean> {
    return this.#do(({ file }) => file.keepProgress(claim, value));
  }

  async waitForWork(queue: string, signal: AbortSignal): Promise<void> {
    const { steps, end } = this.#started;
    const both = AbortSignal.any([signal, end.signal]);
    await waitForWork(this.#host, { steps, queue }, both);
  }

  process(
    queue: string,
    handler: Handler,
    options?: ProcessOptions,
  ): WorkerHandle {
    const { steps, workers } = this.#started;
    steps.proveHere();
    return workers.process(this, queue, handler, options);
  }

  get(queue: string, id: string): Promise<Job | undefined> {
    return this.#look((db, nowMs) => getJob(db, queue, id, nowMs));
  }

  list(queue: string, filter: JobFilter = {}): Promise<readonly Job[]> {
    return this.#look((db, nowMs) => listJobs(db, queue, filter, nowMs));
  }

  cancel(queue: string, id: string): Promise<CancelResult> {
    return this.#do(({ care }) => care.cancel(queue, id));
  }

  promote(queue: string, id: string): Promise<boolean> {
    return this.#do(({ care }) => care.promote(queue, id));
  }

  listDead(queue: string, filter: DeadFilter = {}): Promise<readonly Job[]> {
    return this.#look((db, nowMs) => listDead(db, queue, filter, nowMs));
  }

  replayDead(queue: string, filter: DeadFilter = {}): Promise<number> {
    return this.#do(({ care }) => care.replayDead(queue, filter));
  }

  purgeDead(queue: string, filter: DeadFilter = {}): Promise<number> {
    return this.#do(({ care }) => care.purgeDead(queue, filter));
  }

  pause(queue: string): Promise<void> {
    return this.#do(({ care }) => {
      checkQueueName(queue);
      care.pause(queue);
    });
  }

  resume(queue: string): Promise<void> {
    return this.#do(({ care }) => care.resume(queue));
  }

  stats(): Promise<readonly QueueStats[]> {
    return this.#look(readStats);
  }

  subscribe(listener: (event: JobEvent) => void): Disposable {
    return busOf(this.#options.path).subscribe(listener);
  }

  seal(place: string | undefined): Promise<void> {
    return this.#do(({ care }) => care.seal(place));
  }

  exportJobs(
    after: { readonly queue: string; readonly id: string } | undefined,
    limit: number,
  ): Promise<readonly MovedJob[]> {
    return this.#look((db, nowMs) => exportJobs(db, after, limit, nowMs));
  }

  importJobs(jobs: readonly MovedJob[]): Promise<number> {
    return this.#do(({ care }) => care.importAll(jobs));
  }

  #check(queue: string, drafts: readonly JobDraft[]): readonly NewJob[] {
    const context = { nowMs: this.#host.clock.now(), newId: this.#newId };
    return drafts.map((draft) => checkDraft(queue, draft, context));
  }

  #look<T>(act: (db: Database, nowMs: number) => T): Promise<T> {
    const nowMs = this.#host.clock.now();
    return this.#do(({ steps }) => steps.look((db) => act(db, nowMs)));
  }

  /** Answers with a promise, also where it refuses. */
  async #do<T>(act: (session: Session) => T | Promise<T>): Promise<T> {
    return await act(this.#started);
  }

  get #started(): Session {
    if (this.#open !== undefined) return this.#open;
    throw new KnownError(
      "not_ready",
      `Cannot use the job queue ${this.place}: it is not started`,
      { hint: "Start it first." },
    );
  }
}
