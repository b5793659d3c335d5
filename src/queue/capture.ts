/**
 * Putting one event into the queue: clock and event in one transaction. Its
 * delivery begins as the absence of a row: what lies behind `claimed_seq` and
 * is consented to is ready. Nothing in here waits for anything but the disk.
 *
 * @module
 */

import { admit, type Fill, type QueueLimits } from "./capacity.ts";
import {
  type Draft,
  encodeBody,
  type EncodedBody,
  laneOf,
} from "./envelope.ts";
import { coalesce, findKnown } from "./known.ts";
import type { EventClass } from "./registry.ts";
import type { Store } from "./store.ts";

/** What became of a draft inside the transaction. */
export type Captured =
  | {
    readonly kind: "captured";
    /** Its id; a snapshot that was replaced keeps its own. */
    readonly eventId: string;
    readonly seq: number;
    readonly fill: Fill;
    /** Telemetry that was dropped and not yet told about. */
    readonly droppedPending: number;
    /** Whether the project has consented to its leaving. */
    readonly isEligible: boolean;
  }
  | { readonly kind: "duplicate" }
  | { readonly kind: "id_conflict" }
  | { readonly kind: "dropped" }
  | { readonly kind: "overflow" };

/** An event that has its place. */
export type Placed = Extract<Captured, { readonly kind: "captured" }>;

/** What capturing needs to know besides the draft. */
export interface CaptureOptions {
  /** Limits of the queue. */
  readonly limits: QueueLimits;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Class that counts when room is short. @default that of the event */
  readonly admitAs?: EventClass;
}

interface MetaRow {
  readonly [column: string]: number;
  readonly seq: number;
  readonly lamport: number;
  readonly "clock_epoch": number;
  readonly "open_epoch": number;
  readonly "live_rows": number;
  readonly "live_bytes": number;
  readonly "dropped_pending": number;
}

/** Captures one draft; call it inside a transaction. */
export function captureDraft(
  store: Store,
  draft: Draft,
  options: CaptureOptions,
): Captured {
  const known = findKnown(store, draft, options.nowMs);
  if (known !== undefined) return { kind: known };
  const { coalesceKey } = draft;
  if (coalesceKey !== null) {
    const merged = coalesce(store, draft, coalesceKey);
    if (merged !== undefined) return merged;
  }
  const left = leftBy.get(store);
  if (left?.isAlone === true) {
    const captured = captureAfter(store, draft, left.meta, options);
    if (captured?.kind === "captured") return captured;
  }
  const meta = readMeta(store);
  const captured = captureAfter(store, draft, meta, options);
  if (captured === undefined) {
    throw new TypeError("Cannot capture: meta is not what was read");
  }
  if (captured.kind === "dropped") countDropped(store, meta.lamport);
  return captured;
}

/** What the last capture over a connection left behind. */
interface Left {
  readonly meta: MetaRow;
  /** Whether nobody else had captured between it and the one before. */
  readonly isAlone: boolean;
}

// Who captures alone knows what `meta` says without reading it: the update
// proves it. Others would only compute in vain.
const leftBy = new WeakMap<Store, Left>();

/** Changes nothing and gives `undefined` when `meta` says something else. */
function captureAfter(
  store: Store,
  draft: Draft,
  meta: MetaRow,
  { limits, nowMs, admitAs = draft.class }: CaptureOptions,
): Captured | undefined {
  const encoded = encodeBody(draft, {
    nodeId: store.nodeId,
    buildId: store.buildId,
    projectId: store.projectId,
    clockEpoch: meta.clock_epoch,
    lamport: meta.lamport + 1,
  });
  const fill = {
    rows: meta.live_rows + 1,
    bytes: meta.live_bytes + encoded.bytes,
  };
  const admission = admit(admitAs, fill, limits);
  if (admission === "overflow") return { kind: "overflow" };
  if (admission === "drop") return { kind: "dropped" };
  const next: MetaRow = {
    ...meta,
    seq: meta.seq + 1,
    lamport: meta.lamport + 1,
    "live_rows": fill.rows,
    "live_bytes": fill.bytes,
  };
  if (!advance(store, meta, next)) return undefined;
  insert(store, draft, { ...encoded, meta: next, nowMs });
  const isAlone = leftBy.get(store)?.meta.lamport === meta.lamport;
  leftBy.set(store, { meta: next, isAlone });
  return {
    kind: "captured",
    eventId: draft.eventId,
    seq: next.seq,
    fill,
    droppedPending: meta.dropped_pending,
    isEligible: meta.open_epoch > 0,
  };
}

// Reading and writing apart is cheaper than one UPDATE with RETURNING, which
// gathers its rows in a table of its own.
function readMeta({ db }: Store): MetaRow {
  const row = db.get<MetaRow>(
    `SELECT seq, lamport, clock_epoch, open_epoch, live_rows, live_bytes,
       dropped_pending FROM meta WHERE id = 1`,
  );
  if (row === undefined) throw new TypeError("Cannot capture: meta is empty");
  return row;
}

function advance({ db }: Store, from: MetaRow, to: MetaRow): boolean {
  const changed = db.run(
    `UPDATE meta SET seq = ?, lamport = ?, live_rows = ?, live_bytes = ?,
       captured = captured + 1
      WHERE id = 1 AND seq = ? AND lamport = ? AND clock_epoch = ?
        AND open_epoch = ? AND live_rows = ? AND live_bytes = ?
        AND dropped_pending = ?`,
    to.seq,
    to.lamport,
    to.live_rows,
    to.live_bytes,
    from.seq,
    from.lamport,
    from.clock_epoch,
    from.open_epoch,
    from.live_rows,
    from.live_bytes,
    from.dropped_pending,
  );
  return changed === 1;
}

function countDropped({ db }: Store, lamport: number): void {
  db.run(
    `UPDATE meta SET dropped = dropped + 1,
       dropped_since = CASE dropped_pending WHEN 0 THEN ? ELSE dropped_since END,
       dropped_pending = dropped_pending + 1`,
    lamport,
  );
}

interface NewRow extends EncodedBody {
  /** As it is with the event. */
  readonly meta: MetaRow;
  readonly nowMs: number;
}

function insert({ db }: Store, draft: Draft, row: NewRow): void {
  db.run(
    `INSERT INTO events (seq, event_id, type, class, lane, order_role,
       coalesce_key, dedupe_key, lamport, clock_epoch, occurred_at,
       captured_at, bytes, sha256, body, consent_epoch)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    row.meta.seq,
    draft.eventId,
    draft.type,
    draft.class,
    laneOf(draft),
    draft.orderRole,
    draft.coalesceKey,
    draft.dedupeKey,
    row.meta.lamport,
    row.meta.clock_epoch,
    draft.timestamp,
    row.nowMs,
    row.bytes,
    row.sha256,
    row.body,
    row.meta.open_epoch,
  );
}
