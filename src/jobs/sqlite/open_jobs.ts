/**
 * Opening the file of a tenant's jobs: right owner, right schema, right mode.
 * A file that is not sound is refused and left as it is.
 *
 * @module
 */

import type { BlockingFiles } from "../../host/blocking_files.ts";
import type { Database, Databases } from "../../host/databases.ts";
import { type Clock, HostError } from "../../host/host.ts";
import { parentPath } from "../../host/path.ts";
import {
  foreignProblem,
  newerProblem,
  notReady,
  problemOf,
  remoteProblem,
  type StoreProblem,
} from "./problem.ts";
import { APPLICATION_ID, STEPS } from "./schema.ts";

/** What opening needs of the world. */
export interface OpenHost {
  /** Time. */
  readonly clock: Pick<Clock, "now">;
  /** Blocking files. */
  readonly blocking: BlockingFiles;
  /** SQLite. */
  readonly databases: Databases;
}

/** How to open a file of jobs. */
export interface OpenOptions {
  /** The file. */
  readonly path: string;
  /** Whose jobs. */
  readonly tenant: string;
  /** `full` survives power loss, `relaxed` only the end of the process. */
  readonly durability: "full" | "relaxed";
}

/** How long a call waits for another process. */
const BUSY_TIMEOUT_MS = 5000;
const PAGE_CHECKPOINT = 1000;
const JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Opens the file, and makes it when it is missing.
 *
 * @throws {QueueNotReadyError} when it cannot be used; then nothing is open.
 */
export function openJobs(host: OpenHost, options: OpenOptions): Database {
  const { path } = options;
  const directory = parentPath(path);
  let db: Database | undefined;
  try {
    host.blocking.makeDirectory(directory);
    if (host.blocking.isRemote(directory) === true) {
      throw notReady(remoteProblem(directory), path);
    }
    db = host.databases.open(path, { busyTimeoutMs: BUSY_TIMEOUT_MS });
    prepare(host, db, options);
    return db;
  } catch (error) {
    closeQuietly(db);
    if (!(error instanceof HostError)) throw error;
    throw notReady(problemOf(error, path, "open"), path, error);
  }
}

function closeQuietly(db: Database | undefined): void {
  try {
    db?.close();
  } catch (error) {
    // The reason why it is closed says more than that closing failed as well.
    if (!(error instanceof HostError)) throw error;
  }
}

function prepare(host: OpenHost, db: Database, options: OpenOptions): void {
  const { path, tenant, durability } = options;
  refuse(findProblem(db, path, tenant), path);
  if (versionOf(db) === 0) {
    db.exec("PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;");
  }
  db.exec(
    `PRAGMA synchronous=${durability === "full" ? "FULL" : "NORMAL"};` +
      "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;" +
      `PRAGMA wal_autocheckpoint=${PAGE_CHECKPOINT};` +
      `PRAGMA journal_size_limit=${JOURNAL_LIMIT_BYTES};`,
  );
  if (versionOf(db) < STEPS.length) migrate(host, db, tenant);
  // Another process may have made the file in the meantime.
  refuse(findProblem(db, path, tenant), path);
}

function refuse(problem: StoreProblem | undefined, path: string): void {
  if (problem !== undefined) throw notReady(problem, path);
}

/** Takes the missing steps in one transaction, whoever comes first. */
function migrate(host: OpenHost, db: Database, tenant: string): void {
  db.transaction(() => {
    const version = versionOf(db);
    if (version >= STEPS.length) return;
    for (const step of STEPS.slice(version)) db.exec(step);
    if (version === 0) {
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.run(
        "INSERT INTO meta (id, tenant, created_at) VALUES (1, ?, ?)",
        tenant,
        host.clock.now(),
      );
    }
    db.exec(`PRAGMA user_version = ${STEPS.length}`);
  });
}

/** How many steps of the schema a file has taken. */
function versionOf(db: Database): number {
  const row = db.get<{ "user_version": number }>("PRAGMA user_version");
  return row?.user_version ?? 0;
}

/**
 * What is wrong with an open file as a file of a tenant's jobs, if anything;
 * an empty one is fine.
 */
export function findProblem(
  db: Database,
  path: string,
  tenant: string,
): StoreProblem | undefined {
  // In this order, as another process may be making the file: whoever sees
  // its tables sees also that they are ours.
  const tables = db.get<{ n: number }>(
    "SELECT count(*) AS n FROM sqlite_schema",
  );
  const version = versionOf(db);
  const id = db.get<{ "application_id": number }>("PRAGMA application_id");
  const isEmpty = version === 0 && tables?.n === 0;
  if (isEmpty) return undefined;
  if (id?.application_id !== APPLICATION_ID || version === 0) {
    return foreignProblem(path, "it is the database of another program");
  }
  if (version > STEPS.length) return newerProblem(path, version);
  const meta = db.get<{ tenant: string }>("SELECT tenant FROM meta");
  return meta?.tenant === tenant
    ? undefined
    : foreignProblem(path, `its jobs are those of "${meta?.tenant}"`);
}

/** Where the jobs of a file have gone, if they have. */
export function readMovedTo(db: Database): string | undefined {
  const row = db.get<{ "moved_to": string | null }>(
    "SELECT moved_to FROM meta",
  );
  return row?.moved_to ?? undefined;
}
