/**
 * Jobs in a file on the real disk, for tests and for the programs that they
 * start.
 *
 * @module
 */

import "./c_library.ts";
import { assertEquals } from "@std/assert";
import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { denoClock } from "../../src/host/deno_clock.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Database } from "../../src/host/databases.ts";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import {
  createSqliteBackend,
  type SqliteHost,
  type SqliteOptions,
} from "../../src/jobs/sqlite_backend.ts";

/** The real world, as jobs in a file see it. */
export const realJobsHost: SqliteHost = {
  clock: denoClock,
  random: denoHost.random,
  blocking: denoBlockingFiles,
  databases: denoDatabases,
};

/** A backend on a file of the real disk; it is not started. */
export function realJobs(
  path: string,
  options: Partial<SqliteOptions> = {},
  host: SqliteHost = realJobsHost,
): QueueBackend {
  return createSqliteBackend(host, { path, tenant: "_default", ...options });
}

/** Opens the file as a database, beside whoever uses it. */
export function openBeside(path: string): Database {
  return denoDatabases.open(path, { busyTimeoutMs: 5000 });
}

/** The file is sound, and what is written in its counts is in its rows. */
export function assertSound(path: string): void {
  using db = openBeside(path);
  assertEquals(db.get("PRAGMA integrity_check"), { "integrity_check": "ok" });
  const written = db.all(
    `SELECT name, ready, scheduled, active, completed, dead, bytes FROM queues
      ORDER BY name`,
  );
  const counted = db.all(
    `SELECT name, count(*) FILTER (WHERE state = 'ready') AS ready,
       count(*) FILTER (WHERE state = 'scheduled') AS scheduled,
       count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state = 'completed') AS completed,
       count(*) FILTER (WHERE state = 'dead') AS dead,
       coalesce(sum(jobs.bytes) FILTER (WHERE state IN
         ('ready', 'scheduled', 'active')), 0) AS bytes
       FROM queues LEFT JOIN jobs USING (q) GROUP BY name ORDER BY name`,
  );
  assertEquals(written, counted);
}

/** Writes a line at once, as the next instruction may be the last one. */
export function say(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}
