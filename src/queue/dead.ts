/**
 * Dead letters: events that the server refused for good. They stay until a
 * person has them sent again, skips them or throws them away.
 *
 * @module
 */

import type { SqlRow, SqlValue } from "../host/databases.ts";
import { addAudit } from "./audit.ts";
import type { JsonObject } from "../state/json_value.ts";
import type { Store } from "./store.ts";

/** Which dead letters; every condition given must hold. */
export interface DeadFilter {
  /** Dead, or skipped by a person before. @default ["dead"] */
  readonly states?: readonly DeadState[];
  /** Of this type. */
  readonly type?: string;
  /** Refused for this reason. */
  readonly reason?: string;
  /** Refused at this time or later, in epoch milliseconds. */
  readonly sinceMs?: number;
  /** With one of these ids. */
  readonly ids?: readonly string[];
}

/** What can be listed and sent again. */
export type DeadState = "dead" | "skipped";

/** One dead letter. */
export interface DeadRow extends SqlRow {
  readonly seq: number;
  readonly "event_id": string;
  readonly type: string;
  readonly class: string;
  readonly lane: string;
  readonly state: DeadState;
  readonly "reason_code": string | null;
  readonly "last_http": number | null;
  /** What the server said. */
  readonly error: string | null;
  readonly attempts: number;
  readonly "first_at": number | null;
  readonly "last_at": number | null;
  readonly "captured_at": number;
  readonly bytes: number;
  readonly sha256: string;
  /** 1 while later events of its lane wait for it. */
  readonly holds: number;
  /** 1 when it belongs to a consent that has ended. */
  readonly "is_sealed": number;
  readonly "batch_id": string | null;
}

/** A request that an event may have been part of. */
export interface BatchRow extends SqlRow {
  readonly "batch_id": string;
  readonly "sent_at": number;
  readonly "ended_at": number | null;
  readonly outcome: string | null;
  readonly http: number | null;
  readonly count: number;
  readonly url: string;
}

/** All that is known of one dead letter. */
export interface DeadLetter {
  /** Its row. */
  readonly row: DeadRow;
  /** Its envelope, as it was sent. */
  readonly body: string;
  /** Requests whose places include it, the latest first. */
  readonly batches: readonly BatchRow[];
}

/** What a person did, for the audit. */
export interface DeadAction {
  /** Who. */
  readonly actor: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Most events that one transaction changes. */
const CHUNK_ROWS = 2000;
/** Ids of so many are named in the audit; of more, only their places. */
const NAMED_IDS = 50;

/** Tables and conditions of a {@linkcode DeadFilter}. */
export const DEAD_FROM = `FROM deliveries d JOIN events e ON e.seq = d.seq
  WHERE d.is_open = 1 AND d.state IN (SELECT value FROM json_each(?1))
    AND (?2 IS NULL OR e.type = ?2) AND (?3 IS NULL OR d.reason_code = ?3)
    AND (?4 IS NULL OR d.last_at >= ?4)
    AND (?5 IS NULL OR e.event_id IN (SELECT value FROM json_each(?5)))`;

const COLUMNS = `d.seq, e.event_id, e.type, e.class, d.lane, d.state,
  d.reason_code, d.last_http, d.error, d.attempts, d.first_at, d.last_at,
  e.captured_at, e.bytes, e.sha256, d.holds, d.batch_id,
  d.epoch != (SELECT open_epoch FROM meta) AS is_sealed`;

/** Values of {@linkcode DEAD_FROM}. */
export function deadValues(filter: DeadFilter): readonly SqlValue[] {
  const { states = ["dead"], type, reason, sinceMs, ids } = filter;
  return [
    JSON.stringify(states),
    type ?? null,
    reason ?? null,
    sinceMs ?? null,
    ids === undefined ? null : JSON.stringify(ids),
  ];
}

/** Lists dead letters in the order of their places. */
export function listDead(
  { db }: Store,
  filter: DeadFilter,
  { after = 0, limit }: { readonly after?: number; readonly limit: number },
): readonly DeadRow[] {
  return db.all<DeadRow>(
    `SELECT ${COLUMNS} ${DEAD_FROM} AND d.seq > ?6 ORDER BY d.seq LIMIT ?7`,
    ...deadValues(filter),
    after,
    limit,
  );
}

/** How many dead letters a filter finds, by reason. */
export function countDead(
  { db }: Store,
  filter: DeadFilter,
): ReadonlyMap<string, number> {
  const rows = db.all<{ reason: string; n: number }>(
    `SELECT coalesce(d.reason_code, 'unknown') AS reason, count(*) AS n
       ${DEAD_FROM} GROUP BY 1 ORDER BY 2 DESC, 1`,
    ...deadValues(filter),
  );
  return new Map(rows.map(({ reason, n }) => [reason, n]));
}

/** All that is known of the dead letter with an id, if there is one. */
export function showDead(store: Store, id: string): DeadLetter | undefined {
  const { db } = store;
  const filter: DeadFilter = { states: ["dead", "skipped"], ids: [id] };
  const [row] = listDead(store, filter, { limit: 1 });
  if (row === undefined) return undefined;
  const stored = db.get<{ body: string | null }>(
    "SELECT body FROM events WHERE seq = ?",
    row.seq,
  );
  const batches = db.all<BatchRow>(
    `SELECT batch_id, sent_at, ended_at, outcome, http, count, url FROM batches
      WHERE batch_id = ?2 OR (seq_from <= ?1 AND seq_to >= ?1)
      ORDER BY sent_at DESC, batch_id DESC LIMIT 20`,
    row.seq,
    row.batch_id,
  );
  return { row, body: stored?.body ?? "", batches };
}

/**
 * Makes dead letters ready again, as if they had never been refused; they keep
 * their ids, so that the server still knows each of them.
 *
 * @returns how many.
 */
export function replayDead(
  store: Store,
  filter: DeadFilter,
  action: DeadAction,
): number {
  const change = `state = 'ready', holds = 0, attempts = 0,
    next_attempt_at = NULL, reason_code = NULL, error = NULL, last_http = NULL`;
  return changeDead(store, filter, { ...action, name: "dead_replay", change });
}

/**
 * Gives dead letters up: they stay here, but nothing waits for them and nobody
 * is told of them any more.
 *
 * @returns how many.
 */
export function skipDead(
  store: Store,
  filter: DeadFilter,
  action: DeadAction,
): number {
  // Still open, as reclaiming would take the body that a replay needs.
  const change = "state = 'skipped', holds = 0, next_attempt_at = NULL";
  const dead: DeadFilter = { ...filter, states: ["dead"] };
  return changeDead(store, dead, { ...action, name: "dead_skip", change });
}

interface ChangedRow extends SqlRow {
  readonly seq: number;
  readonly "event_id": string;
}

interface Change extends DeadAction {
  readonly name: "dead_replay" | "dead_skip";
  readonly change: string;
}

function changeDead(store: Store, filter: DeadFilter, change: Change): number {
  let total = 0;
  let after = 0;
  while (true) {
    const rows = store.db.transaction(() =>
      changeSome(store, filter, { ...change, after })
    );
    total += rows.length;
    // What is refused again meanwhile is not met again.
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < CHUNK_ROWS) return total;
  }
}

function changeSome(
  store: Store,
  filter: DeadFilter,
  { actor, nowMs, name, change, after }: Change & { readonly after: number },
): readonly ChangedRow[] {
  const { db } = store;
  const rows = db.all<ChangedRow>(
    `SELECT d.seq, e.event_id ${DEAD_FROM} AND d.seq > ?6
      ORDER BY d.seq LIMIT ?7`,
    ...deadValues(filter),
    after,
    CHUNK_ROWS,
  );
  if (rows.length === 0) return rows;
  db.run(
    `UPDATE deliveries SET ${change}
      WHERE seq IN (SELECT value FROM json_each(?))`,
    JSON.stringify(rows.map(({ seq }) => seq)),
  );
  addAudit(store, actor, name, describeRows(rows), nowMs);
  return rows;
}

function describeRows(rows: readonly ChangedRow[]): JsonObject {
  return {
    count: rows.length,
    "seq_from": rows[0]?.seq ?? 0,
    "seq_to": rows.at(-1)?.seq ?? 0,
    ...(rows.length > NAMED_IDS
      ? {}
      : { "event_ids": rows.map((row) => row.event_id) }),
  };
}
