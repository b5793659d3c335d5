/**
 * Events that the queue knows already: the same id, the same key, or a snapshot
 * that waits to be replaced.
 *
 * @module
 */

import { canonicalJson } from "./canonical_json.ts";
import type { Placed } from "./capture.ts";
import { contentHash, type Draft, encodeBody } from "./envelope.ts";
import type { Store } from "./store.ts";

/** Window in which a dedupe key counts, in milliseconds. */
export const DEDUPE_WINDOW_MS: number = 24 * 60 * 60 * 1000;

/** A chosen id or a dedupe key may have come before. */
export function findKnown(
  { db }: Store,
  draft: Draft,
  nowMs: number,
): "duplicate" | "id_conflict" | undefined {
  if (draft.hasOwnId) {
    const row = db.get<
      { body: string | null; "content_sha256": string | null; merged: number }
    >(
      `SELECT body, content_sha256, coalesced_n AS merged FROM events
        WHERE event_id = ?`,
      draft.eventId,
    );
    // What the id stood for at first, newer content has replaced.
    if (row !== undefined && row.merged > 0) return "duplicate";
    if (row !== undefined) {
      const stored = row.content_sha256 ?? contentHashOfBody(row.body);
      return stored === undefined || stored === contentHash(draft)
        ? "duplicate"
        : "id_conflict";
    }
  }
  if (draft.dedupeKey === null) return undefined;
  const row = db.get(
    "SELECT seq FROM events WHERE dedupe_key = ? AND captured_at > ?",
    draft.dedupeKey,
    nowMs - DEDUPE_WINDOW_MS,
  );
  return row === undefined ? undefined : "duplicate";
}

/** Content hash of a stored envelope, if its body is still there. */
export function contentHashOfBody(body: string | null): string | undefined {
  if (body === null) return undefined;
  const envelope = JSON.parse(body);
  return contentHash({
    ...EMPTY_DRAFT,
    type: envelope.event_type,
    aggregateType: envelope.aggregate_type,
    aggregateId: envelope.aggregate_id,
    causationId: envelope.causation_id,
    payload: canonicalJson(envelope.payload),
  });
}

const EMPTY_DRAFT: Draft = {
  eventId: "",
  type: "",
  class: "fact",
  aggregateType: "",
  aggregateId: "",
  orderRole: "none",
  coalesceKey: null,
  dedupeKey: null,
  causationId: null,
  correlationId: "",
  timestamp: "",
  payload: "{}",
  origin: {
    projectId: undefined,
    projectSlug: null,
    gitBranch: null,
    headCommitSha: null,
    repoSlug: null,
  },
  hasOwnId: false,
};

/** Whether the queue has a snapshot of the same thing from a later time. */
export function isOvertaken(
  { db }: Store,
  coalesceKey: string,
  timestamp: string,
): boolean {
  const row = db.get<{ at: string }>(
    `SELECT occurred_at AS at FROM events WHERE coalesce_key = ?
      ORDER BY seq DESC LIMIT 1`,
    coalesceKey,
  );
  return row !== undefined && Date.parse(row.at) > Date.parse(timestamp);
}

interface WaitingRow {
  readonly [column: string]: string | number;
  readonly seq: number;
  readonly "event_id": string;
  readonly lamport: number;
  readonly "clock_epoch": number;
  readonly bytes: number;
  readonly "is_waiting": number;
}

/**
 * A snapshot that nobody has seen yet takes the new content in its place; it
 * keeps id and clock, so that the order of the clock stays the order of rows.
 */
export function coalesce(
  store: Store,
  draft: Draft,
  coalesceKey: string,
): Placed | undefined {
  const { db } = store;
  const row = db.get<WaitingRow>(
    `SELECT e.seq, e.event_id, e.lamport, e.clock_epoch, e.bytes,
         e.body IS NOT NULL
         AND (d.seq IS NULL OR (d.state = 'ready' AND d.batch_id IS NULL))
         AND e.consent_epoch = (SELECT open_epoch FROM meta) AS is_waiting
       FROM events e LEFT JOIN deliveries d ON d.seq = e.seq
      WHERE e.coalesce_key = ? ORDER BY e.seq DESC LIMIT 1`,
    coalesceKey,
  );
  // Only the latest: content must not go back behind what was sent after it.
  if (row === undefined || row.is_waiting === 0) return undefined;
  const kept = {
    ...draft,
    eventId: row.event_id,
    correlationId: draft.correlationId === draft.eventId
      ? row.event_id
      : draft.correlationId,
  };
  const { body, bytes, sha256 } = encodeBody(kept, {
    nodeId: store.nodeId,
    buildId: store.buildId,
    projectId: store.projectId,
    clockEpoch: row.clock_epoch,
    lamport: row.lamport,
  });
  db.run(
    `UPDATE events SET body = ?, sha256 = ?, bytes = ?, occurred_at = ?,
       coalesced_n = coalesced_n + 1 WHERE seq = ?`,
    body,
    sha256,
    bytes,
    draft.timestamp,
    row.seq,
  );
  const meta = db.get<{ "live_rows": number; "live_bytes": number }>(
    `UPDATE meta SET live_bytes = live_bytes + ?, coalesced = coalesced + 1
     RETURNING live_rows, live_bytes`,
    bytes - row.bytes,
  );
  const fill = { rows: meta?.live_rows ?? 0, bytes: meta?.live_bytes ?? 0 };
  return {
    kind: "captured",
    eventId: row.event_id,
    seq: row.seq,
    fill,
    droppedPending: 0,
    isEligible: false,
  };
}
