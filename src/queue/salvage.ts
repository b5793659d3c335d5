/**
 * Saves events out of a damaged queue that was put aside, into the overflow
 * file of the present one or into a file of JSON lines. The damaged file is
 * only read.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";
import type { Databases } from "../host/databases.ts";
import { type Clock, HostError } from "../host/host.ts";
import { baseName, joinPath, parentPath } from "../host/path.ts";
import { addAudit } from "./audit.ts";
import { canonicalJson } from "./canonical_json.ts";
import type { Draft } from "./envelope.ts";
import { parseOverflow, spill } from "./overflow.ts";
import { type FoundEvent, readBooks, readFound } from "./read_damaged.ts";
import { draftOf } from "./stored_event.ts";
import type { Store } from "./store.ts";

/** What salvaging needs of the world. */
export interface SalvageHost {
  /** Time. */
  readonly clock: Pick<Clock, "now">;
  /** Blocking files. */
  readonly blocking: BlockingFiles;
  /** SQLite. */
  readonly databases: Databases;
}

/** Where to. */
export type SalvageTarget =
  | {
    /**
     * Into the overflow file, to be delivered: only what was consented to.
     * Events that may have been sent are left out unless wanted: the server
     * refuses those that it has, as their clock is another now.
     */
    readonly kind: "overflow";
    readonly takesUncertain: boolean;
  }
  | {
    /** Into a new file of JSON lines, to be looked at: everything. */
    readonly kind: "file";
    readonly path: string;
  };

/** How many events were found and what became of them. */
export interface SalvageReport {
  /** Saved. */
  readonly saved: number;
  /** Delivered, so nothing is lost. */
  readonly delivered: number;
  /** In the present queue or its overflow file already. */
  readonly known: number;
  /** Left out, as the server may have them. */
  readonly uncertain: number;
  /** Left out, as nobody has consented to their leaving. */
  readonly local: number;
  /** Left out, as the overflow file is full. */
  readonly noRoom: number;
  /** With a damaged body, or of another project. */
  readonly damaged: number;
  /** Places at which nothing could be read, where it is known. */
  readonly unreadable: number | undefined;
}

type Counts = {
  -readonly [K in Exclude<keyof SalvageReport, "unreadable">]: SalvageReport[K];
};

const ASIDE = /^queue\.corrupt-.*\.db$/;
const BUSY_TIMEOUT_MS = 5000;
const OVERFLOW_BYTES = 64 * 1024 * 1024;

/** Damaged queues of a project that were put aside, the oldest first. */
export function listDamaged(
  { blocking }: Pick<SalvageHost, "blocking">,
  { paths }: Pick<Store, "paths">,
): readonly string[] {
  return blocking.list(paths.directory).filter((name) => ASIDE.test(name))
    .map((name) => joinPath(paths.directory, name));
}

/**
 * Saves what one damaged queue still holds. Doing it twice saves nothing
 * twice.
 *
 * @throws {HostError} `already_exists` for a target file that is there, and
 * what the disk refuses.
 */
export function salvage(
  host: SalvageHost,
  store: Store,
  path: string,
  target: SalvageTarget,
): SalvageReport {
  using db = host.databases.open(path, {
    isReadOnly: true,
    busyTimeoutMs: BUSY_TIMEOUT_MS,
  });
  const books = readBooks(db);
  const counts = { ...NOTHING };
  const known = idsInOverflow(host, store);
  const work = { host, store, target, counts, known };
  if (target.kind === "file") refuseTaken(host, target.path);
  let found = 0;
  for (const events of readFound(db, books)) {
    found += events.length;
    saveSome(work, events);
  }
  const { lastSeq, removed } = books;
  const unreadable = lastSeq === undefined
    ? undefined
    : Math.max(0, lastSeq - found - removed);
  const report = { ...counts, unreadable };
  const details = { file: baseName(path), to: target.kind, ...report };
  store.db.transaction(() =>
    addAudit(store, "reeve", "salvage", details, host.clock.now())
  );
  return report;
}

const NOTHING: Readonly<Counts> = {
  saved: 0,
  delivered: 0,
  known: 0,
  uncertain: 0,
  local: 0,
  noRoom: 0,
  damaged: 0,
};

interface Work {
  readonly host: SalvageHost;
  readonly store: Store;
  readonly target: SalvageTarget;
  readonly counts: Counts;
  /** Ids of the overflow file. */
  readonly known: ReadonlySet<string>;
}

function refuseTaken({ blocking }: SalvageHost, path: string): void {
  if (blocking.stat(path) !== undefined) {
    throw new HostError("already_exists", path);
  }
}

function idsInOverflow(
  { blocking }: SalvageHost,
  { paths }: Store,
): ReadonlySet<string> {
  try {
    const text = blocking.readText(paths.overflow, OVERFLOW_BYTES);
    return new Set(parseOverflow(text).drafts.map(({ eventId }) => eventId));
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") {
      return new Set();
    }
    throw error;
  }
}

function saveSome(work: Work, events: readonly FoundEvent[]): void {
  const { counts, target } = work;
  const chosen: FoundEvent[] = [];
  for (const event of events) {
    const fate = fateOf(work, event);
    if (fate === "save") chosen.push(event);
    else counts[fate]++;
  }
  if (chosen.length === 0) return;
  const isSaved = target.kind === "file"
    ? appendLines(work, target.path, chosen)
    : spillDrafts(work, chosen);
  counts[isSaved ? "saved" : "noRoom"] += chosen.length;
}

function fateOf(
  { store, target, known }: Work,
  { row, envelope, progress, isEligible }: FoundEvent,
): "save" | Exclude<keyof Counts, "saved" | "noRoom"> {
  if (progress === "delivered") return "delivered";
  if (envelope?.project_uuid !== store.projectId) return "damaged";
  if (known.has(row.event_id) || isStored(store, row.event_id)) return "known";
  if (target.kind === "file") return "save";
  // Captured anew, they would stand under the consent of today.
  if (!isEligible) return "local";
  const isLeft = progress === "uncertain" && !target.takesUncertain;
  return isLeft ? "uncertain" : "save";
}

function isStored({ db }: Store, id: string): boolean {
  return db.get("SELECT seq FROM events WHERE event_id = ?", id) !== undefined;
}

function spillDrafts(
  { host, store }: Work,
  events: readonly FoundEvent[],
): boolean {
  const drafts = events.flatMap(({ row, envelope }): Draft[] =>
    envelope === undefined
      ? []
      // An old snapshot must not replace the present one.
      : [{ ...draftOf(row, envelope), coalesceKey: null }]
  );
  return spill(host, store.paths.overflow, drafts) === "appended";
}

function appendLines(
  { host }: Work,
  path: string,
  events: readonly FoundEvent[],
): boolean {
  const text = events.map(({ row, progress, isEligible }) =>
    canonicalJson({
      seq: row.seq,
      "event_id": row.event_id,
      progress,
      "is_eligible": isEligible,
      sha256: row.sha256,
      body: row.body,
    }) + "\n"
  ).join("");
  host.blocking.makeDirectory(parentPath(path));
  const done = host.blocking.appendLocked(path, text, Number.MAX_SAFE_INTEGER);
  return done === "appended";
}
