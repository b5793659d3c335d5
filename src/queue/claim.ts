/**
 * Choosing what is sent next and writing it down before anything is sent.
 *
 * @module
 */

import { type Lease, proveLease } from "./lease.ts";
import type { Store } from "./store.ts";

/** One event of a batch. */
export interface ClaimedEvent {
  /** Its place. */
  readonly seq: number;
  /** Its id. */
  readonly eventId: string;
  /** Its lane. */
  readonly lane: string;
  /** Whether it creates its aggregate. */
  readonly orderRole: string;
  /** Its bytes, as text. */
  readonly body: string;
  /** Refusals so far. */
  readonly attempts: number;
}

/** Events that are sent together. */
export interface Batch {
  /** Id, which the server may use to recognise a repetition. */
  readonly batchId: string;
  /** Events in the order of their places. */
  readonly events: readonly ClaimedEvent[];
  /** Bytes of the request body before compression. */
  readonly bytes: number;
}

/** Where and how much. */
export interface ClaimOptions {
  /** Id of the new batch. */
  readonly batchId: string;
  /** Most events. */
  readonly maxEvents: number;
  /** Most bytes of the body; one event is always allowed. */
  readonly maxBytes: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Who receives it. */
  readonly target: {
    readonly url: string;
    readonly workspace: string | null;
    readonly account: string | null;
  };
}

/** `{"events":[` and `]}`. */
export const BATCH_FRAME_BYTES = 13;

interface Row {
  readonly [column: string]: string | number;
  readonly seq: number;
  readonly "event_id": string;
  readonly lane: string;
  readonly "order_role": string;
  readonly body: string;
  readonly attempts: number;
}

/** Claims the next batch in one transaction, or finds nothing to claim. */
export function claimBatch(
  store: Store,
  lease: Pick<Lease, "token">,
  options: ClaimOptions,
): Batch | undefined {
  return store.db.transaction(() => {
    proveLease(store, lease, options.nowMs);
    const old = fit(selectReady(store, options.maxEvents), options);
    if (old.seqs.length > 0) return writeBatch(store, lease, old, options);
    while (true) {
      const seen = selectNew(store, options.maxEvents);
      const free = fit(seen.filter((row) => row.is_held === 0), options);
      passOver(store, seen, free.seqs);
      if (free.seqs.length > 0) return writeBatch(store, lease, free, options);
      if (seen.length === 0) return undefined;
    }
  });
}

interface Fitting {
  /** Places, in their order. */
  readonly seqs: readonly number[];
  readonly bytes: number;
}

/** An event as far as it matters for what is chosen; bodies are large. */
interface Sized {
  readonly [column: string]: number;
  readonly seq: number;
  readonly bytes: number;
}

/** As many of the first rows as one request may hold. */
function fit(rows: readonly Sized[], { maxBytes }: ClaimOptions): Fitting {
  let bytes = BATCH_FRAME_BYTES;
  let count = 0;
  for (const row of rows) {
    const size = row.bytes + 1;
    if (count > 0 && bytes + size > maxBytes) break;
    bytes += size;
    count++;
  }
  return { seqs: rows.slice(0, count).map(({ seq }) => seq), bytes };
}

function toEvent(row: Row): ClaimedEvent {
  return {
    seq: row.seq,
    eventId: row.event_id,
    lane: row.lane,
    orderRole: row.order_role,
    body: row.body,
    attempts: row.attempts,
  };
}

/** Events that have been claimed before and are ready again. */
function selectReady({ db }: Store, limit: number): readonly Sized[] {
  return db.all<Sized>(
    `SELECT d.seq, e.bytes
       FROM deliveries d JOIN events e ON e.seq = d.seq
      WHERE d.is_open = 1 AND d.state = 'ready'
        AND d.epoch = (SELECT open_epoch FROM meta)
        AND NOT EXISTS (SELECT 1 FROM deliveries b
          WHERE b.is_open = 1 AND b.holds = 1 AND b.lane = d.lane
            AND b.seq < d.seq)
      ORDER BY d.seq LIMIT ?`,
    limit,
  );
}

interface NewRow extends Sized {
  readonly "is_held": number;
}

/** Events that nobody has claimed yet; only their place tells that. */
function selectNew({ db }: Store, limit: number): readonly NewRow[] {
  return db.all<NewRow>(
    `SELECT e.seq, e.bytes,
         EXISTS (SELECT 1 FROM deliveries b WHERE b.is_open = 1
           AND b.lane = e.lane AND (b.holds = 1 OR (b.state = 'ready'
             AND b.epoch = e.consent_epoch))) AS is_held
       FROM events e
      WHERE e.seq > (SELECT claimed_seq FROM meta)
        AND e.consent_epoch = (SELECT open_epoch FROM meta)
        AND e.consent_epoch > 0
      ORDER BY e.seq LIMIT ?`,
    limit,
  );
}

/**
 * Moves the mark behind all that will be sent, and gives a row to each event
 * in between that has to wait for its lane.
 */
function passOver(
  { db }: Store,
  seen: readonly NewRow[],
  chosen: readonly number[],
): void {
  const end = chosen.at(-1) ?? 0;
  const left = seen.find((row) => row.is_held === 0 && row.seq > end);
  const passed = left === undefined
    ? seen
    : seen.filter(({ seq }) => seq < left.seq);
  const last = passed.at(-1);
  if (last === undefined) return;
  for (const row of passed) {
    if (row.is_held === 0) continue;
    db.run(
      `INSERT INTO deliveries (seq, lane, state, epoch)
       SELECT seq, lane, 'ready', consent_epoch FROM events WHERE seq = ?`,
      row.seq,
    );
  }
  db.run("UPDATE meta SET claimed_seq = ?", last.seq);
}

function writeBatch(
  { db }: Store,
  lease: Pick<Lease, "token">,
  { seqs, bytes }: Fitting,
  { batchId, nowMs, target }: ClaimOptions,
): Batch {
  db.run(
    `INSERT INTO batches (batch_id, lease_token, seq_from, seq_to, count, bytes,
       url, workspace, account, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    batchId,
    lease.token,
    seqs[0] ?? 0,
    seqs.at(-1) ?? 0,
    seqs.length,
    bytes,
    target.url,
    target.workspace,
    target.account,
    nowMs,
  );
  const places = JSON.stringify(seqs);
  db.run(
    `INSERT INTO deliveries (seq, lane, state, epoch, holds, first_at,
       last_at, batch_id)
     SELECT e.seq, e.lane, 'inflight', e.consent_epoch, 1, ?2, ?2, ?3
       FROM json_each(?1) place JOIN events e ON e.seq = place.value WHERE true
     ON CONFLICT (seq) DO UPDATE SET state = 'inflight', holds = 1,
       first_at = coalesce(first_at, ?2), last_at = ?2, batch_id = ?3`,
    places,
    nowMs,
    batchId,
  );
  const rows = db.all<Row>(
    `SELECT e.seq, e.event_id, e.lane, e.order_role, e.body, d.attempts
       FROM json_each(?) place JOIN events e ON e.seq = place.value
         JOIN deliveries d ON d.seq = e.seq
      ORDER BY place.key`,
    places,
  );
  return { batchId, bytes, events: rows.map(toEvent) };
}
