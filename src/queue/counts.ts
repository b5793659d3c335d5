/**
 * How many events are in which state. Reads only rows that are still open, so
 * that it costs the same however long the history is.
 *
 * @module
 */

import { overflowBytes } from "./overflow.ts";
import type { QueueHost, Store } from "./store.ts";

/** The state of a queue in numbers. */
export interface QueueCounts {
  /** Events that were ever captured here. */
  readonly captured: number;
  /** Events that the server has, and has said so. */
  readonly delivered: number;
  /** Events that will be sent. */
  readonly ready: number;
  /** Events whose request has not ended. */
  readonly inflight: number;
  /** Events that the server refused and that are tried again. */
  readonly retry: number;
  /** Events that the server has put in a queue of its own. */
  readonly pendingRemote: number;
  /** Events that wait for a change, by reason. */
  readonly parked: Readonly<Record<string, number>>;
  /** Events that are given up until a person acts, by reason. */
  readonly dead: Readonly<Record<string, number>>;
  /** Events that a person has skipped. */
  readonly skipped: number;
  /** Events of a sealed consent that have been tried before. */
  readonly sealed: number;
  /** Events with a body. */
  readonly liveRows: number;
  /** Bytes of their bodies. */
  readonly liveBytes: number;
  /** Events that are not valid. */
  readonly quarantined: number;
  /** Events that found no room. */
  readonly refused: number;
  /** Telemetry that gave way. */
  readonly dropped: number;
  /** Snapshots that were replaced by newer ones. */
  readonly coalesced: number;
  /** Bytes in the overflow file. */
  readonly overflowBytes: number;
  /** When the oldest event that will be sent was captured; epoch ms. */
  readonly oldestReadyAt: number | undefined;
  /** Earliest next attempt of a refused event; epoch ms. */
  readonly nextRetryAt: number | undefined;
  /** Value of the clock. */
  readonly lamport: number;
}

interface Meta {
  readonly [column: string]: number;
  readonly seq: number;
  readonly lamport: number;
  readonly "open_epoch": number;
  readonly "claimed_seq": number;
  readonly "live_rows": number;
  readonly "live_bytes": number;
  readonly captured: number;
  readonly coalesced: number;
  readonly delivered: number;
  readonly refused: number;
  readonly dropped: number;
}

interface OpenRow {
  readonly [column: string]: string | number | null;
  readonly state: string;
  readonly reason: string | null;
  readonly "is_current": number;
  readonly n: number;
}

/** Counts the queue. */
export function countQueue(
  host: Pick<QueueHost, "blocking">,
  store: Store,
): QueueCounts {
  const { db, paths } = store;
  const meta = db.get<Meta>("SELECT * FROM meta");
  if (meta === undefined) throw new TypeError("Cannot count: meta is empty");
  const open = db.all<OpenRow>(
    `SELECT state, reason_code AS reason,
       epoch = (SELECT open_epoch FROM meta) AS is_current, count(*) AS n
       FROM deliveries WHERE is_open = 1
      GROUP BY state, reason_code, is_current`,
  );
  const fresh = firstNew(store, meta);
  const sum = (state: string) =>
    open.filter((row) => row.state === state && row.is_current === 1)
      .reduce((total, { n }) => total + n, 0);
  return {
    captured: meta.captured,
    delivered: meta.delivered,
    ready: sum("ready") + fresh.count,
    inflight: sum("inflight"),
    retry: sum("retry"),
    pendingRemote: sum("pending_remote"),
    parked: byReason(open, "parked"),
    dead: byReason(open, "dead"),
    skipped: sum("skipped"),
    sealed: open.filter((row) => row.is_current === 0)
      .reduce((total, { n }) => total + n, 0),
    liveRows: meta.live_rows,
    liveBytes: meta.live_bytes,
    quarantined: numberOf(store, "SELECT count(*) AS n FROM quarantine") ?? 0,
    refused: meta.refused,
    dropped: meta.dropped,
    coalesced: meta.coalesced,
    overflowBytes: overflowBytes(host, paths.overflow),
    oldestReadyAt: earliest(oldestRequeued(store), fresh.firstAt),
    nextRetryAt: numberOf(
      store,
      `SELECT min(next_attempt_at) AS n FROM deliveries
        WHERE is_open = 1 AND state = 'retry'`,
    ),
    lamport: meta.lamport,
  };
}

function byReason(
  rows: readonly OpenRow[],
  state: string,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const row of rows) {
    if (row.state !== state) continue;
    const reason = row.reason ?? "unknown";
    counts[reason] = (counts[reason] ?? 0) + row.n;
  }
  return counts;
}

function numberOf({ db }: Store, sql: string): number | undefined {
  return db.get<{ n: number | null }>(sql)?.n ?? undefined;
}

/** Places are dense, so what is behind the mark need not be counted. */
function firstNew(
  { db }: Store,
  meta: Meta,
): { readonly count: number; readonly firstAt: number | undefined } {
  if (meta.open_epoch === 0) return { count: 0, firstAt: undefined };
  const epoch = db.get<{ "from_seq": number }>(
    "SELECT from_seq FROM consent WHERE epoch = ?",
    meta.open_epoch,
  );
  const from = Math.max(meta.claimed_seq, (epoch?.from_seq ?? 1) - 1);
  if (meta.seq <= from) return { count: 0, firstAt: undefined };
  const first = db.get<{ "captured_at": number }>(
    "SELECT captured_at FROM events WHERE seq > ? ORDER BY seq LIMIT 1",
    from,
  );
  return { count: meta.seq - from, firstAt: first?.captured_at };
}

function oldestRequeued({ db }: Store): number | undefined {
  return db.get<{ "captured_at": number }>(
    `SELECT captured_at FROM events WHERE seq = (SELECT min(seq)
       FROM deliveries WHERE is_open = 1 AND state IN ('ready', 'inflight',
         'retry') AND epoch = (SELECT open_epoch FROM meta))`,
  )?.captured_at;
}

function earliest(
  a: number | undefined,
  b: number | undefined,
): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** What `sync now` must bring to zero: what is eligible and not delivered. */
export function residueOf(counts: QueueCounts): number {
  return counts.ready + counts.inflight + counts.retry;
}

/** All events of a map of reasons. */
export function totalOf(byReason: Readonly<Record<string, number>>): number {
  return Object.values(byReason).reduce((total, n) => total + n, 0);
}
