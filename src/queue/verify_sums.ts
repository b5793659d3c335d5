/**
 * Adds up what is in the rows of a queue and compares it with its books.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import type { StoredEvent } from "./stored_event.ts";
import type { StoredDelivery } from "./verify_delivery.ts";
import type { CheckId, Findings } from "./verify_findings.ts";

/** The books. */
export interface Meta extends SqlRow {
  readonly "project_uuid": string;
  readonly "node_id": string;
  readonly "build_id": string;
  readonly seq: number;
  readonly lamport: number;
  readonly "clock_epoch": number;
  readonly "open_epoch": number;
  readonly "allows_background": number;
  readonly "claimed_seq": number;
  readonly "live_rows": number;
  readonly "live_bytes": number;
  readonly captured: number;
  readonly coalesced: number;
  readonly delivered: number;
  readonly removed: number;
  readonly released: number;
  readonly "skipped_ticks": number;
  readonly refused: number;
  readonly dropped: number;
  readonly "dropped_pending": number;
  readonly "dropped_since": number;
  readonly "created_at": number;
}

/** Its columns. */
export const META_COLUMNS = `project_uuid, node_id, build_id, seq, lamport,
  clock_epoch, open_epoch, allows_background, claimed_seq, live_rows, live_bytes, captured,
  coalesced, delivered, removed, released, skipped_ticks, refused, dropped,
  dropped_pending, dropped_since, created_at`;

/** What the audit says was taken out. */
export interface AuditSums {
  /** Events. */
  readonly removed: number;
  /** Those of them that were delivered. */
  readonly delivered: number;
  /** Snapshots that they had replaced. */
  readonly coalesced: number;
}

/** What the rows add up to so far. */
export interface Sums {
  events: number;
  liveRows: number;
  liveBytes: number;
  coalesced: number;
  closed: number;
  local: number;
  /** Events behind the mark. */
  fresh: number;
  /** Clock epochs. */
  epochs: number;
  lastSeq: number;
  lastEpoch: number;
  lastLamport: number;
}

/** Nothing so far. */
export function openSums(): Sums {
  return {
    events: 0,
    liveRows: 0,
    liveBytes: 0,
    coalesced: 0,
    closed: 0,
    local: 0,
    fresh: 0,
    epochs: 0,
    lastSeq: 0,
    lastEpoch: 0,
    lastLamport: 0,
  };
}

/** Adds an event; tells what is wrong with it beside those before it. */
export function addToSums(
  sums: Sums,
  row: StoredEvent & StoredDelivery,
  { claimed_seq: mark, skipped_ticks: skipped }: Meta,
): readonly string[] {
  const faults: string[] = [];
  const { seq, lamport, clock_epoch: epoch } = row;
  if (epoch < sums.lastEpoch) faults.push("its clock epoch is an earlier one");
  if (epoch === sums.lastEpoch && lamport <= sums.lastLamport) {
    faults.push("its clock does not grow");
  }
  if (epoch !== sums.lastEpoch) sums.epochs++;
  // Places and ticks grow together; only a stated number of ticks has no place.
  const isAhead = lamport > seq + skipped;
  if (sums.epochs === 1 && (lamport < seq || isAhead)) {
    faults.push("its clock does not fit its place");
  }
  sums.events++;
  if (row.body !== null) {
    sums.liveRows++;
    sums.liveBytes += row.bytes;
  }
  sums.coalesced += row.coalesced_n;
  if (row.is_open === 0) sums.closed++;
  if (row.consent_epoch === 0) sums.local++;
  if (seq > mark) sums.fresh++;
  sums.lastSeq = seq;
  sums.lastEpoch = epoch;
  sums.lastLamport = lamport;
  return faults;
}

/** Compares the rows of a whole queue with its books. */
export function compareSums(
  findings: Findings,
  sums: Sums,
  meta: Meta,
  audit: AuditSums,
): void {
  const same = (id: CheckId, what: string, stated: number, found: number) => {
    if (stated === found) return;
    findings.fault(id, `${what}: ${stated} in the books, ${found} in the rows`);
  };
  if (sums.epochs <= 1) {
    const ticks = sums.events + meta.removed + meta.skipped_ticks;
    same("V-007", "ticks", meta.lamport, ticks);
  }
  if (sums.events > 0 && sums.lastEpoch > meta.clock_epoch) {
    findings.fault("V-007", "the clock epoch is behind that of an event");
  }
  same("V-008", "places", meta.seq, sums.events + meta.removed);
  const behind = Math.max(0, meta.seq - meta.claimed_seq);
  same("V-008", "places behind the mark", behind, sums.fresh);
  if (meta.claimed_seq > meta.seq || meta.claimed_seq < 0) {
    findings.fault("V-008", "the mark is behind the last place");
  }
  same("V-009", "events with a body", meta.live_rows, sums.liveRows);
  same("V-009", "bytes of bodies", meta.live_bytes, sums.liveBytes);
  same("V-010", "captured", meta.captured, sums.events + meta.removed);
  same("V-010", "removed", meta.removed, audit.removed);
  same("V-010", "delivered", meta.delivered, sums.closed + audit.delivered);
  same("V-010", "replaced", meta.coalesced, sums.coalesced + audit.coalesced);
}

/** What is wrong with books by themselves; pure. */
export function judgeMeta(meta: Meta): readonly string[] {
  const faults: string[] = [];
  for (const [name, value] of Object.entries(meta)) {
    if (typeof value === "number" && value < 0) {
      faults.push(`${name} is below 0`);
    }
  }
  if (meta.allows_background > 1) faults.push("allows_background is over 1");
  if (meta.clock_epoch < 1) faults.push("the clock epoch is none");
  if (meta.dropped_pending > meta.dropped) {
    faults.push("more telemetry is to be told about than was dropped");
  }
  if (meta.dropped_since > meta.lamport) {
    faults.push("telemetry was dropped at a time to come");
  }
  return faults;
}
