/**
 * Jobs in a file of a fake world.
 *
 * @module
 */

import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import type { Database } from "../../src/host/databases.ts";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import type { Claim } from "../../src/jobs/job.ts";
import {
  createSqliteBackend,
  type SqliteOptions,
} from "../../src/jobs/sqlite_backend.ts";

/** The file of a fake world's jobs. */
export const JOBS_PATH = "/home/ada/.reeve/jobs/_default.db";

/** A lease that no test lets run out by accident. */
export const LEASE_MS = 30_000;

/** A started backend in a fake world. */
export interface FakeJobs {
  /** The world. */
  readonly host: FakeHost;
  /** The backend. */
  readonly backend: QueueBackend;
  /** Another connection to its file. */
  readonly db: Database;
  /** Makes another backend on the file, which is not started. */
  readonly another: (options?: Partial<SqliteOptions>) => QueueBackend;
  /** Claims jobs of the queue `mail`. */
  readonly claim: (limit?: number) => Promise<readonly Claim[]>;
}

/** Starts a backend in a fake world. */
export async function fakeJobs(
  options: Partial<SqliteOptions> = {},
  host: FakeHost = createFakeHost(),
): Promise<FakeJobs> {
  const databases = await host.databases();
  const another = (others: Partial<SqliteOptions> = {}) =>
    createSqliteBackend({ ...fakeSlice(host), databases }, {
      path: JOBS_PATH,
      tenant: "_default",
      ...options,
      ...others,
    });
  const backend = another();
  await backend.start();
  const db = databases.open(JOBS_PATH, { busyTimeoutMs: 0 });
  const claim = (limit = 1) =>
    backend.claim({ queue: "mail", limit, leaseMs: LEASE_MS });
  return { host, backend, db, another, claim };
}

function fakeSlice({ clock, random, blocking }: FakeHost) {
  return { clock, random, blocking };
}
