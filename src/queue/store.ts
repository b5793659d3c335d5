/**
 * Opening the queue of a project: right owner, right schema, right mode.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";
import type { Database, Databases } from "../host/databases.ts";
import { type Clock, type Env, HostError, type Random } from "../host/host.ts";
import { installIdPath, type ProjectPaths } from "../state/project_paths.ts";
import { buildIdOf, nodeIdOf } from "./envelope.ts";
import { MIGRATIONS } from "./migrations.ts";
import { isForeign, newClockEpoch, repair } from "./repair.ts";

/** What the queue needs of the world. */
export interface QueueHost {
  /** Time. */
  readonly clock: Pick<Clock, "now" | "elapsed">;
  /** Randomness. */
  readonly random: Random;
  /** Environment. */
  readonly env: Pick<Env, "pid" | "home">;
  /** Blocking files. */
  readonly blocking: BlockingFiles;
  /** SQLite. */
  readonly databases: Databases;
}

/** How to open a queue. */
export interface StoreOptions {
  /** State root. */
  readonly root: string;
  /** Project that the queue belongs to. */
  readonly projectId: string;
  /** Files of the project. */
  readonly paths: ProjectPaths;
  /**
   * `full` survives power loss, `relaxed` only the end of the process.
   *
   * @default "full"
   */
  readonly durability?: "full" | "relaxed";
  /** How long a call waits for another process. @default 5000 */
  readonly busyTimeoutMs?: number;
}

/** An open queue. */
export interface Store {
  /** Its database. */
  readonly db: Database;
  /** Its project. */
  readonly projectId: string;
  /** This installation within the project. */
  readonly nodeId: string;
  /** Project and installation together. */
  readonly buildId: string;
  /** Its files. */
  readonly paths: ProjectPaths;
}

/** Why a queue cannot be used; for people and for outcomes. */
export type StoreProblem =
  | { readonly kind: "missing" }
  | { readonly kind: "newer"; readonly version: number }
  | { readonly kind: "owner_mismatch"; readonly owner: string }
  | { readonly kind: "refused"; readonly error: HostError };

/** What opening gave. */
export type StoreOpening =
  | { readonly kind: "open"; readonly store: Store }
  | StoreProblem;

/** How long capturing may wait: waiting blocks the whole program. */
export const EMIT_BUSY_TIMEOUT_MS = 150;
/** How long everything else may wait. */
export const WORK_BUSY_TIMEOUT_MS = 5000;

const PAGE_CHECKPOINT = 2000;
const JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024;

/** Opens the queue of a project to write, and makes it when it is missing. */
export function openStore(
  host: QueueHost,
  options: StoreOptions,
): StoreOpening {
  try {
    return openOnce(host, options);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code !== "damaged") return { kind: "refused", error };
  }
  try {
    repair(host, options.paths);
    return openOnce(host, options);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { kind: "refused", error };
  }
}

/** Opens an existing queue only to read; nothing on disk is made or moved. */
export function openStoreToRead(
  host: Pick<QueueHost, "blocking" | "databases">,
  options: Pick<StoreOptions, "projectId" | "paths">,
): StoreOpening {
  const { projectId, paths } = options;
  try {
    if (host.blocking.stat(paths.queue) === undefined) {
      return { kind: "missing" };
    }
    const db = host.databases.open(paths.queue, {
      isReadOnly: true,
      busyTimeoutMs: WORK_BUSY_TIMEOUT_MS,
    });
    return readOrClose(db, () => {
      const version = versionOf(db);
      if (version > MIGRATIONS.length) {
        return closing(db, { kind: "newer", version });
      }
      if (isForeign(db)) throw new HostError("damaged", paths.queue);
      if (version === 0) return closing(db, { kind: "missing" });
      return readStore(db, projectId, paths);
    });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { kind: "refused", error };
  }
}

/** A database that cannot be read must not stay open. */
function readOrClose(db: Database, read: () => StoreOpening): StoreOpening {
  try {
    return read();
  } catch (error) {
    db.close();
    throw error;
  }
}

function openOnce(host: QueueHost, options: StoreOptions): StoreOpening {
  const { paths, projectId } = options;
  host.blocking.makeDirectory(paths.directory);
  const db = host.databases.open(paths.queue, {
    busyTimeoutMs: options.busyTimeoutMs ?? WORK_BUSY_TIMEOUT_MS,
  });
  return readOrClose(db, () => {
    const version = versionOf(db);
    if (version > MIGRATIONS.length) {
      return closing(db, { kind: "newer", version });
    }
    if (isForeign(db)) throw new HostError("damaged", paths.queue);
    configure(host, db, options, version);
    if (version < MIGRATIONS.length) {
      migrate(host, db, options);
    }
    const opening = readStore(db, projectId, paths);
    if (opening.kind === "open") return adoptNode(host, opening.store, options);
    return opening;
  });
}

function closing(db: Database, problem: StoreProblem): StoreProblem {
  db.close();
  return problem;
}

function versionOf(db: Database): number {
  const row = db.get<{ "user_version": number }>("PRAGMA user_version");
  return row?.user_version ?? 0;
}

/** Sets what a connection must know; the journal mode stays with the file. */
function configure(
  host: QueueHost,
  db: Database,
  { durability = "full", paths }: StoreOptions,
  version: number,
): void {
  if (version === 0) {
    const isRemote = host.blocking.isRemote(paths.directory) === true;
    // Shared memory, which WAL needs, does not exist between two machines.
    const journal = isRemote ? "DELETE" : "WAL";
    // A capture writes about four pages, whatever they hold; small ones make it
    // faster, and an envelope still fits.
    db.exec(
      "PRAGMA page_size=2048; PRAGMA auto_vacuum=INCREMENTAL;" +
        `PRAGMA journal_mode=${journal};`,
    );
  }
  db.exec(
    `PRAGMA synchronous=${durability === "full" ? "FULL" : "NORMAL"};` +
      "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;" +
      `PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=${PAGE_CHECKPOINT};` +
      `PRAGMA journal_size_limit=${JOURNAL_LIMIT_BYTES};`,
  );
}

/** Takes the missing steps in one transaction, whoever comes first. */
function migrate(
  host: QueueHost,
  db: Database,
  options: StoreOptions,
): void {
  db.setBusyTimeout(WORK_BUSY_TIMEOUT_MS);
  db.transaction(() => {
    const version = versionOf(db);
    if (version >= MIGRATIONS.length) return;
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    if (version === 0) createMeta(host, db, options);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
  db.setBusyTimeout(options.busyTimeoutMs ?? WORK_BUSY_TIMEOUT_MS);
}

function createMeta(
  host: QueueHost,
  db: Database,
  { root, projectId, paths }: StoreOptions,
): void {
  const nodeId = nodeIdOf(readInstallId(host, root), projectId);
  const now = host.clock.now();
  db.run(
    `INSERT INTO meta (id, project_uuid, node_id, build_id, clock_epoch,
       created_at) VALUES (1, ?, ?, ?, ?, ?)`,
    projectId,
    nodeId,
    buildIdOf(projectId, nodeId),
    newClockEpoch(host, paths),
    now,
  );
}

function readStore(
  db: Database,
  projectId: string,
  paths: ProjectPaths,
): StoreOpening {
  const meta = db.get<
    { "project_uuid": string; "node_id": string; "build_id": string }
  >("SELECT project_uuid, node_id, build_id FROM meta");
  if (meta?.project_uuid !== projectId) {
    const owner = meta?.project_uuid ?? "nobody";
    return closing(db, { kind: "owner_mismatch", owner });
  }
  const { node_id: nodeId, build_id: buildId } = meta;
  return { kind: "open", store: { db, projectId, nodeId, buildId, paths } };
}

/** A queue that came here with a copied home is another installation's. */
function adoptNode(
  host: QueueHost,
  store: Store,
  { root, projectId }: StoreOptions,
): StoreOpening {
  const nodeId = nodeIdOf(readInstallId(host, root), projectId);
  if (nodeId === store.nodeId) return { kind: "open", store };
  const buildId = buildIdOf(projectId, nodeId);
  store.db.run("UPDATE meta SET node_id = ?, build_id = ?", nodeId, buildId);
  return { kind: "open", store: { ...store, nodeId, buildId } };
}

/** The random id of this installation, made on first use. */
function readInstallId(host: QueueHost, root: string): string {
  const path = installIdPath({ root });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const lines = host.blocking.readText(path).split("\n");
      const id = lines.find((line) => /^[0-9a-f]{32}$/.test(line));
      if (id !== undefined) return id;
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== "not_found") {
        throw error;
      }
    }
    // Of two that write at once, the first sound line counts for both.
    host.blocking.appendLocked(path, `\n${host.random.hex(16)}\n`, 4096);
  }
  throw new HostError("damaged", path);
}

/** The daemon does not know the project's own settings, but it knows its queue. */
export function noteBackground({ db }: Store, allows: boolean): void {
  const wanted = allows ? 1 : 0;
  const row = db.get<{ is: number }>(
    'SELECT allows_background = ? AS "is" FROM meta',
    wanted,
  );
  if (row?.is === 1) return;
  try {
    db.run("UPDATE meta SET allows_background = ?", wanted);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}
