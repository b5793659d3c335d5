/**
 * Looking after the quarantine: seeing what is there, and throwing it away.
 *
 * @module
 */

import { addAudit } from "./audit.ts";
import type { QuarantineRow } from "./quarantine.ts";
import type { Store } from "./store.ts";

/** Which entries; every condition given must hold. */
export interface QuarantineFilter {
  /** Of this type, as the caller named it. */
  readonly type?: string;
  /** Put apart for this reason. */
  readonly reason?: string;
  /** Put apart at this time or later, in epoch milliseconds. */
  readonly sinceMs?: number;
  /** With one of these numbers. */
  readonly ids?: readonly number[];
}

const COLUMNS = "q_id, event_id, type, reason, field, rule, body, at";
const WHERE = `WHERE (?1 IS NULL OR type = ?1) AND (?2 IS NULL OR reason = ?2)
  AND (?3 IS NULL OR at >= ?3)
  AND (?4 IS NULL OR q_id IN (SELECT value FROM json_each(?4)))`;
/** Most entries that one transaction removes. */
const CHUNK_ROWS = 1000;

function valuesOf({ type, reason, sinceMs, ids }: QuarantineFilter) {
  return [
    type ?? null,
    reason ?? null,
    sinceMs ?? null,
    ids === undefined ? null : JSON.stringify(ids),
  ];
}

/** Lists entries, the oldest first. */
export function listQuarantine(
  { db }: Store,
  filter: QuarantineFilter,
  { after = 0, limit }: { readonly after?: number; readonly limit: number },
): readonly QuarantineRow[] {
  return db.all<QuarantineRow>(
    `SELECT ${COLUMNS} FROM quarantine ${WHERE} AND q_id > ?5
      ORDER BY q_id LIMIT ?6`,
    ...valuesOf(filter),
    after,
    limit,
  );
}

/** The entry with a number, if there is one. */
export function showQuarantine(
  store: Store,
  id: number,
): QuarantineRow | undefined {
  return listQuarantine(store, { ids: [id] }, { limit: 1 })[0];
}

/** How many entries a filter finds, and their bytes. */
export function sumQuarantine(
  { db }: Store,
  filter: QuarantineFilter,
): { readonly count: number; readonly bytes: number } {
  return db.get<{ count: number; bytes: number }>(
    `SELECT count(*) AS count,
       coalesce(sum(length(CAST(body AS BLOB))), 0) AS bytes
       FROM quarantine ${WHERE}`,
    ...valuesOf(filter),
  ) ?? { count: 0, bytes: 0 };
}

/** Throws entries away and returns how many. */
export function purgeQuarantine(
  store: Store,
  filter: QuarantineFilter,
  action: { readonly actor: string; readonly nowMs: number },
): number {
  // What comes in meanwhile was in nobody's plan.
  const last = store.db.get<{ n: number | null }>(
    "SELECT max(q_id) AS n FROM quarantine",
  )?.n ?? 0;
  let total = 0;
  while (true) {
    const count = store.db.transaction(() =>
      purgeSome(store, filter, { ...action, last })
    );
    total += count;
    if (count < CHUNK_ROWS) return total;
  }
}

function purgeSome(
  store: Store,
  filter: QuarantineFilter,
  { actor, nowMs, last }: {
    readonly actor: string;
    readonly nowMs: number;
    readonly last: number;
  },
): number {
  const count = store.db.run(
    `DELETE FROM quarantine WHERE q_id IN (SELECT q_id FROM quarantine
       ${WHERE} AND q_id <= ?5 ORDER BY q_id LIMIT ?6)`,
    ...valuesOf(filter),
    last,
    CHUNK_ROWS,
  );
  if (count > 0) addAudit(store, actor, "quarantine_purge", { count }, nowMs);
  return count;
}
