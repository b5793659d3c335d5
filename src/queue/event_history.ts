/**
 * All that a queue knows of one event.
 *
 * @module
 */

import type { BatchRow } from "./dead.ts";
import { type FullEventRow, readEvents } from "./list_events.ts";
import type { QuarantineRow } from "./quarantine.ts";
import type { Store } from "./store.ts";

/** An event with the requests that it may have been part of. */
export interface EventHistory {
  /** Tells the outcomes apart. */
  readonly kind: "event";
  /** Its row and its body. */
  readonly row: FullEventRow;
  /** The request that it was part of last, and others around its place. */
  readonly batches: readonly BatchRow[];
}

/** An event that was not captured, as it was not valid. */
export interface QuarantinedEvent {
  /** Tells the outcomes apart. */
  readonly kind: "quarantined";
  /** Its entry. */
  readonly entry: QuarantineRow;
}

/** Looks for the event with an id. */
export function readHistory(
  store: Store,
  id: string,
): EventHistory | QuarantinedEvent | undefined {
  const [row] = readEvents(store, { ids: [id] }, { limit: 1 });
  if (row !== undefined) {
    return { kind: "event", row, batches: readBatches(store, row) };
  }
  const entry = store.db.get<QuarantineRow>(
    `SELECT q_id, event_id, type, reason, field, rule, body, at
       FROM quarantine WHERE event_id = ? ORDER BY q_id DESC LIMIT 1`,
    id,
  );
  return entry === undefined ? undefined : { kind: "quarantined", entry };
}

function readBatches(
  { db }: Store,
  { seq, batch_id: batchId }: FullEventRow,
): readonly BatchRow[] {
  return db.all<BatchRow>(
    `SELECT batch_id, sent_at, ended_at, outcome, http, count, url FROM batches
      WHERE batch_id = ?2 OR (seq_from <= ?1 AND seq_to >= ?1)
      ORDER BY sent_at DESC, batch_id DESC LIMIT 20`,
    seq,
    batchId,
  );
}
