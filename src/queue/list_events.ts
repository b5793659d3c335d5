/**
 * The events of a queue one by one, with what became of each.
 *
 * @module
 */

import type { SqlValue } from "../host/databases.ts";
import type { Store } from "./store.ts";

/**
 * What became of an event. `local` was captured without consent, `sealed` under
 * a consent that has ended; the others are states of its delivery.
 */
export type EventState =
  | "dead"
  | "delivered"
  | "duplicate"
  | "inflight"
  | "local"
  | "parked"
  | "pending_remote"
  | "ready"
  | "retry"
  | "sealed"
  | "skipped";

/** Every state, in the order of an event's life. */
export const EVENT_STATES: readonly EventState[] = [
  "local",
  "sealed",
  "ready",
  "inflight",
  "retry",
  "pending_remote",
  "parked",
  "dead",
  "skipped",
  "delivered",
  "duplicate",
];

/** Whether a word is such a state. */
export function isEventState(word: string): word is EventState {
  const words: readonly string[] = EVENT_STATES;
  return words.includes(word);
}

/** Which events to list; every condition given must hold. */
export interface EventFilter {
  /** In one of these states. */
  readonly states?: readonly EventState[];
  /** Of this type. */
  readonly type?: string;
  /** Refused or held for this reason. */
  readonly reason?: string;
  /** With one of these ids. */
  readonly ids?: readonly string[];
  /** Captured at this time or later, in epoch milliseconds. */
  readonly sinceMs?: number;
  /** Captured before this time, in epoch milliseconds. */
  readonly untilMs?: number;
  /** At this place or before it. */
  readonly toSeq?: number;
}

/** Which part of the list. */
export interface Page {
  /** Only events behind this place. @default 0 */
  readonly after?: number;
  /** At most so many. */
  readonly limit: number;
}

/** One event without its body. */
export interface EventRow {
  readonly [column: string]: string | number | null;
  readonly seq: number;
  readonly "event_id": string;
  readonly type: string;
  readonly class: string;
  readonly lane: string;
  readonly state: EventState;
  readonly "reason_code": string | null;
  readonly attempts: number;
  readonly "last_http": number | null;
  readonly error: string | null;
  readonly lamport: number;
  readonly "occurred_at": string;
  readonly "captured_at": number;
  readonly "first_at": number | null;
  readonly "last_at": number | null;
  readonly bytes: number;
  readonly sha256: string;
  readonly "consent_epoch": number;
  readonly "batch_id": string | null;
  /** 1 while its body is here. */
  readonly "is_live": number;
}

/** One event with its body, unless that is gone. */
export interface FullEventRow extends EventRow {
  readonly body: string | null;
}

const STATE = `CASE
  WHEN d.seq IS NULL THEN CASE e.consent_epoch WHEN 0 THEN 'local'
    WHEN (SELECT open_epoch FROM meta) THEN 'ready' ELSE 'sealed' END
  WHEN d.is_open = 0 OR d.state IN ('dead', 'parked', 'skipped')
    OR d.epoch = (SELECT open_epoch FROM meta) THEN d.state
  ELSE 'sealed' END`;

const COLUMNS = `e.seq, e.event_id, e.type, e.class, e.lane, ${STATE} AS state,
  d.reason_code, coalesce(d.attempts, 0) AS attempts, d.last_http, d.error,
  e.lamport, e.occurred_at, e.captured_at, d.first_at, d.last_at, e.bytes,
  e.sha256, e.consent_epoch, d.batch_id, e.body IS NOT NULL AS is_live`;

const FROM = `FROM events e LEFT JOIN deliveries d ON d.seq = e.seq
  WHERE e.seq > ?1 AND (?2 IS NULL OR e.type = ?2)
    AND (?3 IS NULL OR e.captured_at >= ?3)
    AND (?4 IS NULL OR e.captured_at < ?4) AND (?5 IS NULL OR e.seq <= ?5)
    AND (?6 IS NULL OR ${STATE} IN (SELECT value FROM json_each(?6)))
    AND (?7 IS NULL OR d.reason_code = ?7)
    AND (?8 IS NULL OR e.event_id IN (SELECT value FROM json_each(?8)))`;

function valuesOf(filter: EventFilter, after: number): readonly SqlValue[] {
  const { type, sinceMs, untilMs, toSeq, states, reason, ids } = filter;
  return [
    after,
    type ?? null,
    sinceMs ?? null,
    untilMs ?? null,
    toSeq ?? null,
    states === undefined ? null : JSON.stringify(states),
    reason ?? null,
    ids === undefined ? null : JSON.stringify(ids),
  ];
}

/** Lists events in the order of their places. */
export function listEvents(
  { db }: Store,
  filter: EventFilter,
  { after = 0, limit }: Page,
): readonly EventRow[] {
  return db.all<EventRow>(
    `SELECT ${COLUMNS} ${FROM} ORDER BY e.seq LIMIT ?9`,
    ...valuesOf(filter, after),
    limit,
  );
}

/** Lists events with their bodies in the order of their places. */
export function readEvents(
  { db }: Store,
  filter: EventFilter,
  { after = 0, limit }: Page,
): readonly FullEventRow[] {
  return db.all<FullEventRow>(
    `SELECT ${COLUMNS}, e.body ${FROM} ORDER BY e.seq LIMIT ?9`,
    ...valuesOf(filter, after),
    limit,
  );
}

/** How many events, and bytes of their bodies. */
export interface EventSum {
  /** Events. */
  readonly count: number;
  /** Bytes of those that have a body. */
  readonly bytes: number;
}

/** Counts events by their states. */
export function sumEvents(
  { db }: Store,
  filter: EventFilter,
): ReadonlyMap<EventState, EventSum> {
  const rows = db.all<{ state: EventState; count: number; bytes: number }>(
    `SELECT ${STATE} AS state, count(*) AS count,
       sum(CASE WHEN e.body IS NULL THEN 0 ELSE e.bytes END) AS bytes
       ${FROM} GROUP BY 1`,
    ...valuesOf(filter, 0),
  );
  return new Map(rows.map(({ state, ...sum }) => [state, sum]));
}
