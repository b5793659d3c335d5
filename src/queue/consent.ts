/**
 * Whether the events of a project may leave the machine. Only a person's
 * explicit step in this project grants it; each step begins or seals an epoch.
 *
 * @module
 */

import { addAudit } from "./audit.ts";
import type { Store } from "./store.ts";

/** What is consented to. */
export interface Consent {
  /** Epoch whose events may leave, or 0 for none. */
  readonly openEpoch: number;
  /** Place after which events belong to it. */
  readonly fromSeq: number;
  /** When it began, in epoch milliseconds. */
  readonly since: number | undefined;
  /** Events that stay here: captured without consent. */
  readonly keptLocal: number;
}

/** Reads what is consented to. */
export function readConsent({ db }: Store): Consent {
  const meta = db.get<{ seq: number; "open_epoch": number }>(
    "SELECT seq, open_epoch FROM meta",
  );
  const openEpoch = meta?.open_epoch ?? 0;
  const row = db.get<{ "from_seq": number; at: number }>(
    "SELECT from_seq, at FROM consent WHERE epoch = ?",
    openEpoch,
  );
  const local = db.get<{ n: number }>(
    `SELECT ?1 - (SELECT released FROM meta)
       - coalesce(sum(coalesce(to_seq, ?1) - from_seq + 1), 0) AS n
       FROM consent`,
    meta?.seq ?? 0,
  );
  return {
    openEpoch,
    fromSeq: row?.from_seq ?? 0,
    since: row?.at,
    keptLocal: Math.max(0, local?.n ?? 0),
  };
}

/** Begins an epoch: events from now on may leave. */
export function optIn(
  store: Store,
  actor: string,
  nowMs: number,
): "opted_in" | "already" {
  return store.db.transaction(() => {
    const { openEpoch } = readConsent(store);
    if (openEpoch > 0) return "already";
    const { db } = store;
    const row = db.get<{ epoch: number }>(
      `INSERT INTO consent (epoch, state, from_seq, actor, at)
       SELECT coalesce((SELECT max(epoch) FROM consent), 0) + 1, 'eligible',
         (SELECT seq FROM meta) + 1, ?, ? RETURNING epoch`,
      actor,
      nowMs,
    );
    const epoch = row?.epoch ?? 0;
    // What is released later gets a delivery, so it must not pass for new.
    db.run("UPDATE meta SET open_epoch = ?, claimed_seq = seq", epoch);
    addAudit(store, actor, "optin", { epoch }, nowMs);
    return "opted_in";
  });
}

/** Seals the open epoch: nothing of it leaves any more. */
export function optOut(
  store: Store,
  actor: string,
  nowMs: number,
): "opted_out" | "already" {
  return store.db.transaction(() => {
    const { openEpoch } = readConsent(store);
    if (openEpoch === 0) return "already";
    const { db } = store;
    db.run(
      `UPDATE consent SET state = 'sealed', to_seq = (SELECT seq FROM meta),
         sealed_at = ? WHERE epoch = ?`,
      nowMs,
      openEpoch,
    );
    db.run("UPDATE meta SET open_epoch = 0");
    addAudit(store, actor, "optout", { epoch: openEpoch }, nowMs);
    return "opted_out";
  });
}

/** Events that were captured without consent, or under a sealed one. */
export function countHistory({ db }: Store): number {
  const row = db.get<{ n: number }>(
    `SELECT count(*) AS n FROM events e LEFT JOIN deliveries d USING (seq)
      WHERE e.consent_epoch != (SELECT open_epoch FROM meta)
        AND e.body IS NOT NULL AND (d.seq IS NULL OR d.is_open = 1)`,
  );
  return row?.n ?? 0;
}

/**
 * Lets what was captured before leave too; needs an open epoch. One
 * transaction for so many events, so call it until it returns 0.
 */
export function releaseHistory(
  store: Store,
  actor: string,
  options: { readonly nowMs: number; readonly limit: number },
): number {
  return store.db.transaction(() => {
    const { openEpoch } = readConsent(store);
    if (openEpoch === 0) return 0;
    const { db } = store;
    const rows = db.all<{ seq: number; lane: string; epoch: number }>(
      `SELECT e.seq, e.lane, e.consent_epoch AS epoch
         FROM events e LEFT JOIN deliveries d USING (seq)
        WHERE e.consent_epoch != ? AND e.body IS NOT NULL
          AND (d.seq IS NULL OR d.is_open = 1) ORDER BY e.seq LIMIT ?`,
      openEpoch,
      options.limit,
    );
    for (const { seq, lane } of rows) {
      db.run(
        "UPDATE events SET consent_epoch = ? WHERE seq = ?",
        openEpoch,
        seq,
      );
      db.run(
        `INSERT INTO deliveries (seq, lane, state, epoch)
         VALUES (?1, ?2, 'ready', ?3)
         ON CONFLICT (seq) DO UPDATE SET epoch = ?3`,
        seq,
        lane,
        openEpoch,
      );
    }
    if (rows.length > 0) {
      const local = rows.filter(({ epoch }) => epoch === 0).length;
      db.run("UPDATE meta SET released = released + ?", local);
      const details = { epoch: openEpoch, count: rows.length };
      addAudit(store, actor, "release_history", details, options.nowMs);
    }
    return rows.length;
  });
}
