/**
 * Keeping a queue small: bodies of delivered events go after some days, their
 * rows after some weeks, and the file gives back what is free.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import type { ReadArchive } from "./read_archive.ts";
import { reclaim } from "./reclaim.ts";
import {
  addRemoved,
  NOTHING_REMOVED,
  type Removable,
  REMOVABLE_COLUMNS,
  REMOVE_ROWS,
  type Removed,
  removeEvents,
} from "./remove_events.ts";
import type { Store } from "./store.ts";

/** How long the row of a delivered event is kept unless the person says. */
export const GC_AFTER_MS: number = 30 * 24 * 60 * 60 * 1000;
/** Bodies that one transaction gives up: emitters wait for so long. */
const RECLAIM_ROWS = 500;
/** Pages that one step gives back to the file system. */
const VACUUM_PAGES = 256;

/** What is kept. */
export interface RetentionPolicy {
  /** How long the body of a delivered event is kept, in milliseconds. */
  readonly bodyMs: number;
  /** How long its row is kept, in milliseconds. */
  readonly rowMs: number;
  /** Most rows without a body. */
  readonly maxRows: number;
}

/** Who cleans, and when. */
export interface RetentionOptions extends RetentionPolicy {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Who wants it. */
  readonly actor: string;
  /** Called after each transaction with the events that it was about. */
  readonly onDone?: (count: number) => void;
}

/** What cleaning would do. */
export interface RetentionPlan {
  /** Bodies that would go. */
  readonly bodies: Removed;
  /** Rows that would go. */
  readonly rows: number;
  /** Bytes of the file that hold nothing already. */
  readonly freeBytes: number;
}

/** What cleaning did. */
export interface RetentionReport {
  /** Bodies that are gone. */
  readonly bodies: number;
  /** Rows that are gone. */
  readonly rows: number;
}

/** What cleaning would do; changes nothing. */
export function planRetention(
  store: Store,
  { bodyMs, rowMs, maxRows, nowMs }: RetentionPolicy & {
    readonly nowMs: number;
  },
): RetentionPlan {
  const { db } = store;
  const bodies = db.get<{ count: number; bytes: number }>(
    `SELECT count(*) AS count, coalesce(sum(e.bytes), 0) AS bytes
       FROM deliveries d JOIN events e ON e.seq = d.seq
      WHERE d.is_open = 0 AND d.has_body = 1 AND d.last_at <= ?`,
    nowMs - bodyMs,
  ) ?? NOTHING_REMOVED;
  const rows = db.get<{ old: number; young: number }>(
    `SELECT coalesce(sum(last_at <= ?1), 0) AS old,
       coalesce(sum(last_at > ?1), 0) AS young FROM deliveries
      WHERE is_open = 0 AND (has_body = 0 OR last_at <= ?2)`,
    nowMs - Math.max(rowMs, bodyMs),
    nowMs - bodyMs,
  ) ?? { old: 0, young: 0 };
  const excess = Math.max(0, rows.young - maxRows);
  const freeBytes = pragma(store, "freelist_count") *
    pragma(store, "page_size");
  return { bodies, rows: rows.old + excess, freeBytes };
}

function pragma({ db }: Store, name: "freelist_count" | "page_size"): number {
  return Number(Object.values(db.get(`PRAGMA ${name}`) ?? {})[0] ?? 0);
}

/** What cleaning needs of the world: others get a turn between two steps. */
export interface RetentionHost {
  /** Time. */
  readonly clock: Pick<Clock, "elapsed" | "sleep">;
}

/** Gives up bodies, then rows, each in short transactions. */
export async function applyRetention(
  host: RetentionHost,
  store: Store,
  options: RetentionOptions,
): Promise<RetentionReport> {
  const bodies = await reclaimOld(host, store, options);
  const rows = await removeOld(host, store, options);
  return { bodies, rows: rows.count };
}

/** Gives up the bodies of what was delivered long ago; returns how many. */
export async function reclaimOld(
  { clock }: RetentionHost,
  store: Store,
  { nowMs, bodyMs, onDone }: Pick<
    RetentionOptions,
    "bodyMs" | "nowMs" | "onDone"
  >,
): Promise<number> {
  let total = 0;
  while (true) {
    const count = reclaim(store, {
      untilMs: nowMs - bodyMs,
      limit: RECLAIM_ROWS,
    });
    total += count;
    onDone?.(count);
    if (count < RECLAIM_ROWS) return total;
    await clock.sleep(0);
  }
}

/**
 * Removes delivered events without a body that are too old, and the oldest of
 * those that are too many.
 */
export async function removeOld(
  host: RetentionHost,
  store: Store,
  options: RetentionOptions,
): Promise<Removed> {
  const { nowMs, rowMs, bodyMs, maxRows } = options;
  const old = await removeWhere(host, store, {
    options,
    condition: "d.has_body = 0 AND d.last_at <= ?2",
    value: nowMs - Math.max(rowMs, bodyMs),
    limit: Infinity,
  });
  const left = store.db.get<{ n: number }>(
    "SELECT count(*) AS n FROM deliveries WHERE is_open = 0 AND has_body = 0",
  )?.n ?? 0;
  const excess = await removeWhere(host, store, {
    options,
    condition: "d.has_body = 0 AND ?2 IS NOT NULL",
    value: 0,
    limit: left - maxRows,
  });
  return addRemoved(old, excess);
}

/** Removes the delivered events that an archive has, with or without a body. */
export async function removeArchived(
  host: RetentionHost,
  store: Store,
  { archive, ...options }: Removal & { readonly archive: ReadArchive },
): Promise<Removed> {
  return await removeWhere(host, store, {
    options,
    condition: "d.seq <= ?2",
    value: archive.lastSeq,
    limit: Infinity,
    archive,
  });
}

/** Who removes, and when. */
export type Removal = Pick<RetentionOptions, "actor" | "nowMs" | "onDone">;

interface Selection {
  readonly options: Removal;
  /** Of delivered events, with `?2` for the value. */
  readonly condition: string;
  readonly value: number;
  readonly limit: number;
  readonly archive?: ReadArchive;
}

interface Row extends Removable {
  readonly sha256: string;
}

async function removeWhere(
  { clock }: RetentionHost,
  store: Store,
  selection: Selection,
): Promise<Removed> {
  let removed = NOTHING_REMOVED;
  let after = 0;
  while (removed.count < selection.limit) {
    // Looking for them can take a while, so it is done without the lock.
    const found = store.db.all<{ seq: number }>(
      `SELECT d.seq FROM deliveries d
        WHERE d.seq > ?1 AND d.is_open = 0 AND ${selection.condition}
        ORDER BY d.seq LIMIT ?3`,
      after,
      selection.value,
      Math.min(REMOVE_ROWS, selection.limit - removed.count),
    );
    const last = found.at(-1);
    if (last === undefined) return removed;
    after = last.seq;
    const part = removeFound(store, { ...selection, found });
    removed = addRemoved(removed, part);
    selection.options.onDone?.(part.count);
    await clock.sleep(0);
  }
  return removed;
}

function removeFound(
  store: Store,
  { found, archive, options }: Selection & {
    readonly found: readonly { readonly seq: number }[];
  },
): Removed {
  const { actor, nowMs } = options;
  return store.db.transaction(() => {
    const rows = store.db.all<Row>(
      `SELECT ${REMOVABLE_COLUMNS}, e.sha256
         FROM deliveries d JOIN events e ON e.seq = d.seq
        WHERE d.is_open = 0
          AND d.seq IN (SELECT value FROM json_each(?)) ORDER BY d.seq`,
      JSON.stringify(found.map(({ seq }) => seq)),
    );
    const chosen = archive === undefined
      ? rows
      : rows.filter(({ seq, sha256 }) => archive.sha256Of(seq) === sha256);
    const details = { archive: archive?.name ?? null };
    return removeEvents(store, chosen, {
      actor,
      action: "gc",
      details,
      nowMs,
    });
  });
}

/**
 * Gives free pages back to the file system for at most `forMs` milliseconds.
 *
 * @returns how many are still to do.
 */
export function vacuum(
  { clock }: Pick<RetentionHost, "clock">,
  store: Store,
  { forMs }: { readonly forMs: number },
): number {
  const until = clock.elapsed() + forMs;
  let left = pragma(store, "freelist_count");
  while (left > 0 && clock.elapsed() < until) {
    // A step frees one page, and only reading to the end takes all steps.
    store.db.all(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
    const now = pragma(store, "freelist_count");
    // Some files were made without the possibility to shrink.
    if (now >= left) break;
    left = now;
  }
  return left;
}

/** Moves the log of changes into the file and empties it, if nobody reads. */
export function checkpoint({ db }: Store): "emptied" | "in_use" {
  const row = db.get<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)");
  return row?.busy === 1 ? "in_use" : "emptied";
}
