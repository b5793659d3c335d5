/**
 * Whether a file of jobs could be used now. Nothing on disk changes beyond
 * what SQLite itself makes beside an open file.
 *
 * @module
 */

import { messageOf } from "../../errors.ts";
import type { Database } from "../../host/databases.ts";
import { type Clock, HostError, type Random } from "../../host/host.ts";
import { joinPath, parentPath } from "../../host/path.ts";
import type { Readiness, ReadyCheck } from "../readiness.ts";
import { findProblem, type OpenHost, readMovedTo } from "./open_jobs.ts";
import {
  lowProblem,
  MIN_FREE_BYTES,
  movedProblem,
  problemOf,
  remoteProblem,
  type StoreProblem,
  WARN_FREE_BYTES,
} from "./problem.ts";

/** What the checks need of the world. */
export type CheckHost =
  & Pick<OpenHost, "blocking" | "databases">
  & { readonly clock: Clock; readonly random: Random };

/** What to check, and for how long. */
export interface CheckOptions {
  /** The file. */
  readonly path: string;
  /** Whose jobs it must hold. */
  readonly tenant: string;
  /** How long another process may hold the file, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Ends waiting for such a process. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 1000;
const LOOK_EVERY_MS = 25;
const MIB = 1024 * 1024;
/** Tables that check the types of their values came with it. */
const LEAST_SQLITE: readonly [number, number] = [3, 37];

/** Asks everything in turn until something fails. */
export async function checkFile(
  host: CheckHost,
  options: CheckOptions,
): Promise<Readiness> {
  const began = host.clock.elapsed();
  const checks: ReadyCheck[] = [];
  try {
    for await (const check of ask(host, options)) {
      checks.push(check);
      if (check.level === "fail") break;
    }
  } catch (error) {
    checks.push(failed(unexpected(error, options.path)));
  }
  return {
    ok: checks.every(({ level }) => level !== "fail"),
    checks,
    latencyMs: host.clock.elapsed() - began,
  };
}

function unexpected(error: unknown, path: string): StoreProblem {
  if (error instanceof HostError) return problemOf(error, path, "open");
  return {
    code: "QUEUE_STORE_UNUSABLE",
    check: "open",
    detail: `Cannot use ${path}: ${messageOf(error)}`,
    hint: "Look at the file and its directory; nothing was changed.",
  };
}

function failed({ check, code, detail, hint }: StoreProblem): ReadyCheck {
  return { check, level: "fail", detail, code, hint };
}

function fine(check: string, detail: string): ReadyCheck {
  return { check, level: "ok", detail };
}

async function* ask(
  host: CheckHost,
  options: CheckOptions,
): AsyncGenerator<ReadyCheck> {
  const { path } = options;
  const directory = parentPath(path);
  yield askPlace(host, directory);
  if (host.blocking.stat(path) === undefined) yield askMissing(host, path);
  else yield* askFile(host, options);
  yield askDisk(host, existing(host, directory));
}

/** The nearest directory that is there. */
function existing({ blocking }: CheckHost, directory: string): string {
  let path = directory;
  while (blocking.stat(path) === undefined && parentPath(path) !== path) {
    path = parentPath(path);
  }
  return path;
}

function askPlace(host: CheckHost, directory: string): ReadyCheck {
  const isRemote = host.blocking.isRemote(existing(host, directory));
  return isRemote === true
    ? failed(remoteProblem(directory))
    : fine("local file system", `${directory} is on this machine`);
}

function askMissing(
  { blocking, random }: CheckHost,
  path: string,
): ReadyCheck {
  const directory = parentPath(path);
  const probe = joinPath(directory, `.probe-${random.hex(8)}`);
  try {
    blocking.makeDirectory(directory);
    blocking.touch(probe);
    blocking.remove(probe);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return failed(problemOf(error, directory, "write probe"));
  }
  return fine("write probe", `${path} can be made at the first start`);
}

async function* askFile(
  host: CheckHost,
  options: CheckOptions,
): AsyncGenerator<ReadyCheck> {
  const { path, tenant } = options;
  const end = host.clock.elapsed() + (options.timeoutMs ?? TIMEOUT_MS);
  const attempt = <T>(act: () => T) => untilFree(host, options, end, act);
  using db = await attempt(() =>
    host.databases.open(path, { busyTimeoutMs: 0 })
  );
  const problem = await attempt(() => findProblem(db, path, tenant));
  yield problem === undefined
    ? fine("schema", `${path} holds jobs of "${tenant}"`)
    : failed(problem);
  yield askVersion(db, path);
  await attempt(() => probe(db));
  yield fine("write probe", `${path} can be written`);
  yield askJournal(db);
  const moved = isMade(db) ? readMovedTo(db) : undefined;
  yield moved === undefined
    ? fine("moved", "The jobs are here")
    : failed(movedProblem(path, moved));
}

/** Tries again while another process holds the file, without blocking ours. */
async function untilFree<T>(
  { clock }: CheckHost,
  { signal }: CheckOptions,
  end: number,
  act: () => T,
): Promise<T> {
  while (true) {
    try {
      return act();
    } catch (error) {
      const isBusy = error instanceof HostError && error.code === "busy";
      const isOver = clock.elapsed() >= end || signal?.aborted === true;
      if (!isBusy || isOver) throw error;
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

function askVersion(db: Database, path: string): ReadyCheck {
  const row = db.get<{ v: string }>("SELECT sqlite_version() AS v");
  const [major = 0, minor = 0] = row?.v.split(".").map(Number) ?? [];
  const [leastMajor, leastMinor] = LEAST_SQLITE;
  const isNew = major > leastMajor ||
    (major === leastMajor && minor >= leastMinor);
  return isNew ? fine("version", `SQLite ${row?.v}`) : failed({
    code: "QUEUE_STORE_UNUSABLE",
    check: "version",
    detail: `Cannot use ${path}: SQLite is ${row?.v}, before 3.37`,
    hint: "Update the Deno that runs Reeve.",
  });
}

/** A transaction that writes and is taken back. */
function probe(db: Database): void {
  const takeBack = new Error("taken back");
  try {
    db.transaction(() => {
      db.exec("CREATE TABLE ready_probe (n INTEGER) STRICT");
      throw takeBack;
    });
  } catch (error) {
    if (error !== takeBack) throw error;
  }
}

function askJournal(db: Database): ReadyCheck {
  const row = db.get<{ "journal_mode": string }>("PRAGMA journal_mode");
  const isLog = row?.journal_mode === "wal" || !isMade(db);
  if (isLog) return fine("persistence", "Every commit goes to a log on disk");
  return {
    check: "persistence",
    level: "warn",
    detail: `The journal mode is ${row?.journal_mode}, not wal`,
    hint: "Somebody has changed the file: jobs are safe, and slower.",
  };
}

function isMade(db: Database): boolean {
  const row = db.get<{ "user_version": number }>("PRAGMA user_version");
  return (row?.user_version ?? 0) > 0;
}

function askDisk({ blocking }: CheckHost, directory: string): ReadyCheck {
  const free = blocking.freeBytes(directory);
  if (free === undefined) return fine("disk", "Its free room is not known");
  if (free < MIN_FREE_BYTES) return failed(lowProblem(directory, free));
  const mib = `${Math.floor(free / MIB)} MiB are free at ${directory}`;
  if (free >= WARN_FREE_BYTES) return fine("disk", mib);
  return {
    check: "disk",
    level: "warn",
    detail: `Only ${mib}`,
    hint: "Free some room before the disk is full.",
  };
}
