/**
 * Checks that each event stands under the consent it was captured with, or one
 * to which it was released, and that all that is new is ready.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import type { StoredEvent } from "./stored_event.ts";
import type { StoredDelivery } from "./verify_delivery.ts";
import type { Findings } from "./verify_findings.ts";
import type { Meta, Sums } from "./verify_sums.ts";

/** The row of a consent. */
export interface ConsentRow extends SqlRow {
  readonly epoch: number;
  readonly state: string;
  readonly "from_seq": number;
  readonly "to_seq": number | null;
  readonly actor: string;
  readonly at: number;
  readonly "sealed_at": number | null;
}

/** Its columns. */
export const CONSENT_COLUMNS =
  "epoch, state, from_seq, to_seq, actor, at, sealed_at";

/** What is wrong with the consents by themselves; pure. */
export function judgeConsents(
  rows: readonly ConsentRow[],
  meta: Pick<Meta, "seq" | "open_epoch">,
): readonly string[] {
  const faults: string[] = [];
  let end = 0;
  for (const [index, row] of rows.entries()) {
    const isLast = index === rows.length - 1;
    const isOpen = row.state === "eligible";
    const to = row.to_seq ?? meta.seq;
    if (row.epoch !== index + 1) faults.push(`epoch ${index + 1} is missing`);
    if (row.from_seq <= end || to < row.from_seq - 1 || to > meta.seq) {
      faults.push(`epoch ${row.epoch} covers impossible places`);
    }
    if (!isOpen && row.state !== "sealed") {
      faults.push(`epoch ${row.epoch} is in no state`);
    }
    if (isOpen !== (row.to_seq === null && row.sealed_at === null)) {
      faults.push(`epoch ${row.epoch} is both open and sealed`);
    }
    if (isOpen && !isLast) faults.push(`epoch ${row.epoch} is open still`);
    end = to;
  }
  const last = rows.at(-1);
  const open = last?.state === "eligible" ? last.epoch : 0;
  if (meta.open_epoch !== open) {
    faults.push("the books name another open epoch");
  }
  return faults;
}

/** The consent under which a place was captured, or 0. */
export function epochAt(rows: readonly ConsentRow[], seq: number): number {
  const row = rows.findLast((row) => row.from_seq <= seq);
  return row !== undefined && seq <= (row.to_seq ?? Infinity) ? row.epoch : 0;
}

/** What is wrong with the consent of one event, and with where it waits. */
export function judgeConsentOf(
  row: StoredEvent & StoredDelivery,
  rows: readonly ConsentRow[],
  meta: Meta,
): { readonly consent?: string; readonly mark?: string } {
  const { consent_epoch: epoch, seq, d_seq: delivery } = row;
  const captured = epochAt(rows, seq);
  const isReleased = epoch > captured && epoch <= rows.length;
  if (epoch !== captured && !isReleased) {
    return { consent: "it stands under a consent that is not its own" };
  }
  if (isReleased && delivery === null) {
    return { consent: "it was released, but has no delivery" };
  }
  if (seq > meta.claimed_seq && delivery !== null) {
    return { mark: "it is behind the mark, but has a delivery" };
  }
  const isEligible = epoch > 0 && epoch === meta.open_epoch;
  if (seq <= meta.claimed_seq && isEligible && delivery === null) {
    return { mark: "the mark has passed it, but it has no delivery" };
  }
  if (epoch === 0 && delivery !== null) {
    return { consent: "it has a delivery without any consent" };
  }
  return {};
}

/** Compares what stays here with the books. */
export function compareConsent(
  findings: Findings,
  rows: readonly ConsentRow[],
  meta: Meta,
  { local }: Sums,
): void {
  for (const fault of judgeConsents(rows, meta)) findings.fault("V-013", fault);
  const covered = rows.reduce(
    (total, { from_seq: from, to_seq: to }) =>
      total + (to ?? meta.seq) - from + 1,
    0,
  );
  const stated = meta.seq - covered - meta.released;
  if (stated === local) return;
  findings.fault(
    "V-013",
    `kept here: ${stated} in the books, ${local} in the rows`,
  );
}
