/**
 * Taking events out of a queue for good, with the books kept: every event that
 * was ever captured is still here or in an entry of the audit.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import { addAudit } from "./audit.ts";
import type { JsonObject } from "../state/json_value.ts";
import type { Store } from "./store.ts";

/** Most events that one transaction removes: emitters wait for so long. */
export const REMOVE_ROWS = 1000;

/** What must be known of an event to remove it. */
export interface Removable extends SqlRow {
  /** Its place. */
  readonly seq: number;
  /** Its bytes as the limits count them. */
  readonly bytes: number;
  /** 1 while it has a body. */
  readonly "is_live": number;
  /** 1 when the server has it. */
  readonly "is_delivered": number;
  /** Snapshots that it has replaced. */
  readonly "coalesced_n": number;
  /** Consent that it belongs to, or 0. */
  readonly "consent_epoch": number;
}

/** Columns of a {@linkcode Removable}, from `events e` and `deliveries d`. */
export const REMOVABLE_COLUMNS = `e.seq, e.bytes, e.coalesced_n,
  e.consent_epoch, e.body IS NOT NULL AS is_live,
  coalesce(d.is_open = 0, 0) AS is_delivered`;

/** What the audit says about a removal. */
export interface RemovalEntry {
  /** Who wanted it. */
  readonly actor: string;
  /** What was done, in a word. */
  readonly action: "dead_purge" | "gc" | "purge";
  /** Further facts. */
  readonly details: JsonObject;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** How much was removed. */
export interface Removed {
  /** Events. */
  readonly count: number;
  /** Bytes of their bodies. */
  readonly bytes: number;
}

/** Nothing. */
export const NOTHING_REMOVED: Removed = { count: 0, bytes: 0 };

/** Removes events with their deliveries; call it inside a transaction. */
export function removeEvents(
  store: Store,
  rows: readonly Removable[],
  entry: RemovalEntry,
): Removed {
  const [first] = rows;
  if (first === undefined) return NOTHING_REMOVED;
  const { db } = store;
  const live = rows.filter((row) => row.is_live === 1);
  const bytes = sumOf(live, (row) => row.bytes);
  const seqs = JSON.stringify(rows.map(({ seq }) => seq));
  db.run(
    "DELETE FROM events WHERE seq IN (SELECT value FROM json_each(?))",
    seqs,
  );
  db.run(
    `UPDATE meta SET live_rows = live_rows - ?, live_bytes = live_bytes - ?,
       removed = removed + ?, released = released + ?`,
    live.length,
    bytes,
    rows.length,
    // They no longer stay here, as if they had been released.
    rows.filter((row) => row.consent_epoch === 0).length,
  );
  const details = {
    ...entry.details,
    removed: rows.length,
    delivered: sumOf(rows, (row) => row.is_delivered),
    coalesced: sumOf(rows, (row) => row.coalesced_n),
    bytes,
    "seq_from": first.seq,
    "seq_to": rows.at(-1)?.seq ?? first.seq,
  };
  addAudit(store, entry.actor, entry.action, details, entry.nowMs);
  return { count: rows.length, bytes };
}

function sumOf(
  rows: readonly Removable[],
  measure: (row: Removable) => number,
): number {
  return rows.reduce((total, row) => total + measure(row), 0);
}

/** Both together. */
export function addRemoved(a: Removed, b: Removed): Removed {
  return { count: a.count + b.count, bytes: a.bytes + b.bytes };
}
