/**
 * What a backend has between its start and its stop.
 *
 * @module
 */

import { DEFAULT_LIMITS, type JobLimits } from "../limits.ts";
import type { WorkHost } from "../worker.ts";
import { WorkerGroup } from "../worker_group.ts";
import { JobCare } from "./job_care.ts";
import { JobFile } from "./job_file.ts";
import { type OpenHost, openJobs } from "./open_jobs.ts";
import { MIN_FREE_BYTES } from "./problem.ts";
import { Transactions } from "./transactions.ts";

/** What jobs in a file need of the world. */
export type SqliteHost = WorkHost & Pick<OpenHost, "blocking" | "databases">;

/** How to keep jobs in a file. */
export interface SqliteOptions {
  /** The file. */
  readonly path: string;
  /** Whose jobs. */
  readonly tenant: string;
  /**
   * `full` survives power loss, `relaxed` only the end of the process.
   *
   * @default "full"
   */
  readonly durability?: "full" | "relaxed";
  /** How many. @default 100,000 jobs and 256 MiB */
  readonly limits?: JobLimits;
  /** Less free room on the disk keeps new jobs out. @default 16 MiB */
  readonly minFreeBytes?: number;
}

/** What there is while a backend is started. */
export interface Session {
  /** Steps on the file. */
  readonly steps: Transactions;
  /** Its jobs, to add and to run. */
  readonly file: JobFile;
  /** Its jobs, to look after. */
  readonly care: JobCare;
  /** Who runs them in this process. */
  readonly workers: WorkerGroup;
  /** Aborts when it is over. */
  readonly end: AbortController;
}

/**
 * Opens the file.
 *
 * @throws {QueueNotReadyError} when it cannot be used; then nothing is open.
 */
export function openSession(
  host: SqliteHost,
  options: SqliteOptions,
): Session {
  const { path, tenant, durability = "full" } = options;
  const { limits = DEFAULT_LIMITS, minFreeBytes = MIN_FREE_BYTES } = options;
  const db = openJobs(host, { path, tenant, durability });
  const steps = new Transactions(host, path, db);
  return {
    steps,
    file: new JobFile(host, steps, { limits, minFreeBytes }),
    care: new JobCare(host, steps),
    workers: new WorkerGroup(host),
    end: new AbortController(),
  };
}
