/**
 * Putting a damaged queue aside, so that capturing can go on.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";
import type { Database } from "../host/databases.ts";
import { HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { ProjectPaths } from "../state/project_paths.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { QueueHost } from "./store.ts";

const BUSY_TIMEOUT_MS = 5000;

/** Puts a damaged queue aside, once, however many processes have found it. */
export function repair(
  host: Pick<QueueHost, "blocking" | "clock" | "databases">,
  paths: ProjectPaths,
): void {
  const gate = `${paths.queue}.repair`;
  host.blocking.appendLocked(gate, "damaged\n", 65_536);
  host.blocking.takeLocked(gate, () => {
    // Whoever had the lock before us may have done it already.
    if (isDamaged(host, paths)) setAside(host, paths);
  });
}

function isDamaged(
  host: Pick<QueueHost, "databases">,
  { queue }: ProjectPaths,
): boolean {
  try {
    using db = host.databases.open(queue, {
      busyTimeoutMs: BUSY_TIMEOUT_MS,
    });
    const row = db.get<{ "integrity_check": string }>(
      "PRAGMA integrity_check(1)",
    );
    return row?.integrity_check !== "ok" || isForeign(db);
  } catch (error) {
    if (error instanceof HostError && error.code === "damaged") return true;
    throw error;
  }
}

const SCHEMA = MIGRATIONS.join("\n");

/** Whether a database has tables, but not as the schema makes them. */
export function isForeign(db: Database): boolean {
  const rows = db.all<{ sql: string }>(
    `SELECT sql FROM sqlite_schema
      WHERE sql IS NOT NULL AND substr(name, 1, 7) != 'sqlite_'`,
  );
  if (rows.length > 0) {
    return rows.some(({ sql }) => !SCHEMA.includes(`${sql};`));
  }
  const row = db.get<{ "user_version": number }>("PRAGMA user_version");
  return row !== undefined && row.user_version > 0;
}

/** A damaged queue gets a new name; it is never deleted or replaced. */
function setAside(
  host: Pick<QueueHost, "blocking" | "clock">,
  { queue, directory }: ProjectPaths,
): void {
  const { blocking } = host;
  let atMs = host.clock.now();
  while (blocking.stat(asidePath(directory, atMs)) !== undefined) atMs++;
  for (const ending of ["", "-wal", "-shm"]) {
    if (blocking.stat(`${queue}${ending}`) === undefined) continue;
    const aside = `${asidePath(directory, atMs)}${ending}`;
    blocking.rename(`${queue}${ending}`, aside);
  }
}

function asidePath(directory: string, atMs: number): string {
  const stamp = new Date(atMs).toISOString().replace(/[:.]/g, "-");
  return joinPath(directory, `queue.corrupt-${stamp}.db`);
}

const ASIDE =
  /^queue\.corrupt-(\d+-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z\.db$/;

/**
 * Epoch of the clock of a new queue. After a loss the clock begins anew, and
 * only a higher epoch tells so: it is more than that of any queue which stands
 * aside here, whoever put it there.
 */
export function newClockEpoch(
  host: { readonly blocking: Pick<BlockingFiles, "list"> },
  { directory }: Pick<ProjectPaths, "directory">,
): number {
  const times = host.blocking.list(directory)
    .filter((name) => ASIDE.test(name))
    .map((name) => Date.parse(name.replace(ASIDE, "$1T$2:$3:$4.$5Z")));
  return times.length === 0
    ? 1
    : Math.floor(Math.max(...times) / 1000) + times.length;
}
