/**
 * Checks one delivery: its state, what the state means for its columns, and
 * that it belongs to its event.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import { MAX_ATTEMPTS } from "./retry.ts";
import type { ReasonCode } from "./settle.ts";

/** The row of a delivery, beside its event's; all `null` when it has none. */
export interface StoredDelivery extends SqlRow {
  readonly "d_seq": number | null;
  readonly "d_lane": string | null;
  readonly state: string | null;
  readonly "is_open": number | null;
  readonly "has_body": number | null;
  readonly holds: number | null;
  readonly epoch: number | null;
  readonly attempts: number | null;
  readonly "next_attempt_at": number | null;
  readonly "reason_code": string | null;
  readonly "last_http": number | null;
  readonly error: string | null;
  readonly "first_at": number | null;
  readonly "last_at": number | null;
  readonly "batch_id": string | null;
}

/** Its columns, from `deliveries d`. */
export const DELIVERY_COLUMNS = `d.seq AS d_seq, d.lane AS d_lane, d.state,
  d.is_open, d.has_body, d.holds, d.epoch, d.attempts, d.next_attempt_at,
  d.reason_code, d.last_http, d.error, d.first_at, d.last_at, d.batch_id`;

/** What of an event its delivery must agree with. */
export interface EventHint {
  readonly lane: string;
  readonly "consent_epoch": number;
  readonly "order_role": string;
  readonly body: string | null;
}

interface Shape {
  readonly isOpen: 0 | 1;
  readonly holds: 0 | 1 | "if_create";
  readonly needs: readonly (keyof StoredDelivery & string)[];
}

const SHAPES: Readonly<Record<string, Shape>> = {
  ready: { isOpen: 1, holds: 0, needs: [] },
  inflight: { isOpen: 1, holds: 1, needs: ["batch_id", "first_at", "last_at"] },
  retry: { isOpen: 1, holds: 1, needs: ["next_attempt_at", "reason_code"] },
  "pending_remote": {
    isOpen: 1,
    holds: 1,
    needs: ["next_attempt_at", "reason_code"],
  },
  parked: { isOpen: 1, holds: 1, needs: ["next_attempt_at", "reason_code"] },
  dead: { isOpen: 1, holds: "if_create", needs: ["reason_code", "last_at"] },
  skipped: { isOpen: 1, holds: 0, needs: ["reason_code"] },
  delivered: { isOpen: 0, holds: 0, needs: ["batch_id", "last_at"] },
  duplicate: { isOpen: 0, holds: 0, needs: ["batch_id", "last_at"] },
};

/** Every reason that was ever given. */
const REASONS: Readonly<Record<ReasonCode, true>> = {
  ambiguous: true,
  forbidden: true,
  "historical_state": true,
  "id_conflict": true,
  "not_admitted": true,
  "oversized_event": true,
  pending: true,
  refused: true,
  "schema_mismatch": true,
  unknown: true,
  "workspace_missing": true,
};

/** What is wrong with a delivery by itself and beside its event; pure. */
export function judgeDelivery(
  row: StoredDelivery & EventHint,
): readonly string[] {
  if (row.d_seq === null) return [];
  const shape = SHAPES[row.state ?? ""];
  if (shape === undefined) return ["its state is none"];
  return [...judgeShape(row, shape), ...judgeEventOf(row), ...judgeRange(row)];
}

function judgeShape(
  row: StoredDelivery & EventHint,
  { isOpen, holds, needs }: Shape,
): readonly string[] {
  const faults: string[] = [];
  const held = holds === "if_create"
    ? Number(row.order_role === "create")
    : holds;
  if (row.is_open !== isOpen) faults.push(`${row.state} is open wrongly`);
  if (row.holds !== held) faults.push(`${row.state} holds its lane wrongly`);
  for (const column of needs) {
    if (row[column] === null) faults.push(`${row.state} has no ${column}`);
  }
  return faults;
}

function judgeEventOf(row: StoredDelivery & EventHint): readonly string[] {
  const faults: string[] = [];
  if (row.d_lane !== row.lane) faults.push("its lane is not its event's");
  if (row.epoch !== row.consent_epoch) {
    faults.push("its consent is not its event's");
  }
  if (row.has_body !== Number(row.body !== null)) {
    faults.push("it is wrong about its body");
  }
  return faults;
}

function judgeRange(row: StoredDelivery): readonly string[] {
  const faults: string[] = [];
  const { attempts, reason_code: reason, last_http: http } = row;
  if (attempts === null || attempts < 0 || attempts > MAX_ATTEMPTS) {
    faults.push("its attempts are out of range");
  }
  if (reason !== null && !Object.hasOwn(REASONS, reason)) {
    faults.push("its reason is none");
  }
  if (http !== null && (http < 100 || http > 599)) {
    faults.push("its HTTP status is none");
  }
  if ((row.first_at === null) !== (row.batch_id === null)) {
    faults.push("it was tried without a request");
  }
  return faults;
}
