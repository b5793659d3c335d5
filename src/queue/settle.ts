/**
 * Writing down what the server said, and bringing back what was left over.
 *
 * @module
 */

import type { Batch, ClaimedEvent } from "./claim.ts";
import { type Lease, proveLease } from "./lease.ts";
import {
  AMBIGUOUS_WAIT_MS,
  LONGEST_WAIT_MS,
  nextAttemptAt,
  PARKED_WAIT_MS,
  PENDING_WAIT_MS,
} from "./retry.ts";
import type { Store } from "./store.ts";

/** Why an event is not delivered, in a word; see `docs/guide/sync.md`. */
export type ReasonCode =
  | "ambiguous"
  | "forbidden"
  | "historical_state"
  | "id_conflict"
  | "not_admitted"
  | "oversized_event"
  | "pending"
  | "refused"
  | "schema_mismatch"
  | "unknown"
  | "workspace_missing";

/** What the server's word means for one event. */
export type Verdict =
  | { readonly kind: "delivered" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "pending" }
  | { readonly kind: "ambiguous"; readonly error?: string }
  | {
    readonly kind: "retry" | "parked" | "dead";
    readonly reason: ReasonCode;
    readonly error?: string;
  }
  | { readonly kind: "unsent" };

/** One event and what becomes of it. */
export interface Settlement {
  /** The event. */
  readonly event: ClaimedEvent;
  /** What the server's word means. */
  readonly verdict: Verdict;
}

/** How a whole request ended, for the history of batches. */
export interface BatchEnd {
  /** In a word. */
  readonly outcome: string;
  /** HTTP status, if there was one. */
  readonly http?: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Largest clock of ours that the server knows. */
  readonly ackedLamport?: number;
}

/** How many events ended in which state. */
export type Tally = Readonly<Record<string, number>>;

/** Most characters kept of what a server said. */
const ERROR_LIMIT = 2048;

/** Settles events of a batch in one transaction and returns the states. */
export function settleBatch(
  store: Store,
  lease: Pick<Lease, "token">,
  batch: Pick<Batch, "batchId">,
  settlements: readonly Settlement[],
  end: BatchEnd,
): Tally {
  return store.db.transaction(() => {
    proveLease(store, lease, end.nowMs);
    const tally: Record<string, number> = {};
    const count = (state: string, n: number) => {
      if (n > 0) tally[state] = (tally[state] ?? 0) + n;
    };
    for (const { next, seqs } of alike(settlements, end.nowMs)) {
      const settled = settleAlike(store, batch, { next, seqs }, end);
      count(next.state, settled);
      // What is not in flight is not ours to settle, and must not be counted.
      count("uncorrelated", seqs.length - settled);
    }
    const delivered = (tally["delivered"] ?? 0) + (tally["duplicate"] ?? 0);
    if (delivered > 0) {
      store.db.run("UPDATE meta SET delivered = delivered + ?", delivered);
    }
    store.db.run(
      "UPDATE batches SET outcome = ?, http = ?, ended_at = ? WHERE batch_id = ?",
      end.outcome,
      end.http ?? null,
      end.nowMs,
      batch.batchId,
    );
    mergeClock(store, end.ackedLamport ?? 0);
    return tally;
  });
}

/** The server may know more of us than a queue that was made anew. */
function mergeClock({ db }: Store, acked: number): void {
  if (acked <= 0) return;
  db.run(
    "UPDATE target SET acked_lamport = max(acked_lamport, ?)",
    acked,
  );
}

interface NewState {
  readonly state: string;
  readonly isOpen: 0 | 1;
  readonly holds: 0 | 1;
  readonly attempts: number;
  readonly nextAt: number | null;
  readonly reason: string | null;
  readonly error: string | null;
}

/** The row of an event after a verdict; pure. */
export function stateAfter(
  { event, verdict }: Settlement,
  nowMs: number,
): NewState {
  const { attempts } = event;
  const base = {
    attempts,
    nextAt: null,
    reason: null,
    error: "error" in verdict
      ? verdict.error?.slice(0, ERROR_LIMIT) ?? null
      : null,
  };
  switch (verdict.kind) {
    case "delivered":
    case "duplicate":
      return { ...base, state: verdict.kind, isOpen: 0, holds: 0 };
    case "unsent":
      return { ...base, state: "ready", isOpen: 1, holds: 0 };
    case "pending":
      return {
        ...base,
        state: "pending_remote",
        isOpen: 1,
        holds: 1,
        nextAt: nowMs + PENDING_WAIT_MS,
        reason: "pending",
      };
    case "ambiguous":
      return {
        ...base,
        state: "retry",
        isOpen: 1,
        holds: 1,
        nextAt: nowMs + AMBIGUOUS_WAIT_MS,
        reason: "ambiguous",
      };
    case "parked":
      return {
        ...base,
        state: "parked",
        isOpen: 1,
        holds: 1,
        nextAt: nowMs + PARKED_WAIT_MS,
        reason: verdict.reason,
      };
    case "retry":
    case "dead":
      return stateAfterRefusal(event, verdict, base, nowMs);
  }
}

function stateAfterRefusal(
  event: ClaimedEvent,
  verdict: Extract<Verdict, { readonly kind: "retry" | "parked" | "dead" }>,
  base: Pick<NewState, "error">,
  nowMs: number,
): NewState {
  const attempts = event.attempts + 1;
  const next = verdict.kind === "dead"
    ? "dead"
    : nextAttemptAt(attempts, nowMs);
  const { reason } = verdict;
  if (next !== "dead") {
    const nextAt = next;
    const state = "retry";
    return { ...base, state, isOpen: 1, holds: 1, attempts, nextAt, reason };
  }
  // Without its creation, nothing of an aggregate may be shown to the server.
  const holds = event.orderRole === "create" ? 1 : 0;
  const nextAt = null;
  return { ...base, state: "dead", isOpen: 1, holds, attempts, nextAt, reason };
}

/** Events that one statement settles. */
interface Alike {
  readonly next: NewState;
  readonly seqs: readonly number[];
}

/** Neighbours that become the same; mostly that is the whole batch. */
function alike(
  settlements: readonly Settlement[],
  nowMs: number,
): readonly Alike[] {
  const groups: { next: NewState; key: string; seqs: number[] }[] = [];
  for (const settlement of settlements) {
    const next = stateAfter(settlement, nowMs);
    const key = JSON.stringify(next);
    const last = groups.at(-1);
    const { seq } = settlement.event;
    if (last?.key === key) last.seqs.push(seq);
    else groups.push({ next, key, seqs: [seq] });
  }
  return groups;
}

function settleAlike(
  { db }: Store,
  { batchId }: Pick<Batch, "batchId">,
  { next, seqs }: Alike,
  { nowMs, http }: BatchEnd,
): number {
  return db.run(
    `UPDATE deliveries SET state = ?, is_open = ?, holds = ?, attempts = ?,
       next_attempt_at = ?, reason_code = ?, error = ?, last_http = ?,
       last_at = ? WHERE seq IN (SELECT value FROM json_each(?))
       AND state = 'inflight' AND batch_id = ?`,
    next.state,
    next.isOpen,
    next.holds,
    next.attempts,
    next.nextAt,
    next.reason,
    next.error,
    http ?? null,
    nowMs,
    JSON.stringify(seqs),
    batchId,
  );
}

/**
 * Makes ready again what a lost holder had in flight and what is due. Parked
 * events count as due when a person asks.
 *
 * @returns how many were in flight: their fate is settled by sending them
 * again, as the server knows each id.
 */
export function requeueDue(
  store: Store,
  lease: Pick<Lease, "token">,
  options: { readonly nowMs: number; readonly isAsked: boolean },
): number {
  return store.db.transaction(() => {
    const { nowMs, isAsked } = options;
    proveLease(store, lease, nowMs);
    store.db.run(
      "UPDATE batches SET outcome = 'ambiguous', ended_at = ? WHERE outcome IS NULL",
      nowMs,
    );
    const inflight = store.db.run(
      `UPDATE deliveries SET state = 'ready', holds = 0
        WHERE is_open = 1 AND state = 'inflight'`,
    );
    store.db.run(
      `UPDATE deliveries SET state = 'ready', holds = 0, reason_code = NULL
        WHERE is_open = 1 AND (
          (state IN ('retry', 'pending_remote', 'parked')
            AND next_attempt_at NOT BETWEEN ?1 + 1 AND ?1 + ?3)
          OR (state = 'parked' AND ?2 = 1))`,
      nowMs,
      isAsked ? 1 : 0,
      // Nobody has to wait longer: then the clock was wrong.
      LONGEST_WAIT_MS,
    );
    return inflight;
  });
}

/** Keeps the history of batches short. */
export function trimBatches({ db }: Store): void {
  db.run(
    `DELETE FROM batches WHERE outcome IS NOT NULL AND sent_at <
       (SELECT min(sent_at) FROM (SELECT sent_at FROM batches
         ORDER BY sent_at DESC LIMIT 1000))`,
  );
}
