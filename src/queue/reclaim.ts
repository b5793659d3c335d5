/**
 * Gives up the bodies of delivered events: id, hash and history stay.
 *
 * @module
 */

import { contentHashOfBody } from "./known.ts";
import type { Store } from "./store.ts";

/** Which events to take. */
export interface ReclaimOptions {
  /** Only those that were delivered before this time, in epoch ms. */
  readonly untilMs: number;
  /** At most so many. */
  readonly limit: number;
}

interface Row {
  readonly [column: string]: string | number | null;
  readonly seq: number;
  readonly bytes: number;
  readonly body: string | null;
}

/** Takes the oldest bodies in one transaction and returns how many it took. */
export function reclaim(store: Store, options: ReclaimOptions): number {
  const { db } = store;
  return db.transaction(() => {
    const rows = db.all<Row>(
      `SELECT e.seq, e.bytes, e.body FROM deliveries d
         JOIN events e ON e.seq = d.seq
        WHERE d.is_open = 0 AND d.has_body = 1 AND d.last_at <= ?
        ORDER BY d.seq LIMIT ?`,
      Number.isFinite(options.untilMs)
        ? options.untilMs
        : Number.MAX_SAFE_INTEGER,
      options.limit,
    );
    let bytes = 0;
    for (const row of rows) {
      bytes += row.bytes;
      db.run(
        "UPDATE events SET body = NULL, content_sha256 = ? WHERE seq = ?",
        contentHashOfBody(row.body) ?? null,
        row.seq,
      );
      db.run("UPDATE deliveries SET has_body = 0 WHERE seq = ?", row.seq);
    }
    if (rows.length > 0) {
      db.run(
        "UPDATE meta SET live_rows = live_rows - ?, live_bytes = live_bytes - ?",
        rows.length,
        bytes,
      );
    }
    return rows.length;
  });
}

/** Bodies that one step gives up: an emitter waits for that long. */
const DUE_ROWS = 500;

/**
 * Gives up some of the bodies that were delivered before a time; the oldest
 * tells whether it is worth a look at the others. Returns how many went.
 */
export function reclaimDue(store: Store, untilMs: number): number {
  const oldest = store.db.get<{ at: number }>(
    `SELECT last_at AS at FROM deliveries
      WHERE is_open = 0 AND has_body = 1 ORDER BY seq LIMIT 1`,
  );
  if (oldest === undefined || oldest.at > untilMs) return 0;
  return reclaim(store, { untilMs, limit: DUE_ROWS });
}
