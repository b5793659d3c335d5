/**
 * Proves a queue: every hash, every clock, every number in its books. Reads
 * one moment of it while others go on, a few rows at a time.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import { EVENT_COLUMNS, type StoredEvent } from "./stored_event.ts";
import type { QueueHost, Store } from "./store.ts";
import {
  type BatchBook,
  checkBatches,
  judgeBatchOf,
  readBatches,
} from "./verify_batches.ts";
import {
  compareConsent,
  CONSENT_COLUMNS,
  type ConsentRow,
  judgeConsentOf,
} from "./verify_consent.ts";
import {
  DELIVERY_COLUMNS,
  judgeDelivery,
  type StoredDelivery,
} from "./verify_delivery.ts";
import { judgeEvent } from "./verify_event.ts";
import {
  checkIntegrity,
  checkOverflow,
  checkOwner,
  checkSchema,
} from "./verify_file.ts";
import {
  type Check,
  type CheckId,
  type Findings,
  openFindings,
  QUEUE_CHECKS,
} from "./verify_findings.ts";
import {
  addToSums,
  compareSums,
  judgeMeta,
  type Meta,
  META_COLUMNS,
  openSums,
  type Sums,
} from "./verify_sums.ts";
import { checkAudit, checkQuarantine } from "./verify_tables.ts";
import { checkTarget } from "./verify_target.ts";

/** What verifying needs of the world. */
export type VerifyHost = Pick<QueueHost, "blocking"> & {
  readonly clock: Pick<Clock, "sleep">;
};

/** How to verify. */
export interface VerifyOptions {
  /** Told how many events there are to look at. */
  readonly onStart?: (total: number) => void;
  /** Told now and then how many more were looked at. */
  readonly onDone?: (count: number) => void;
}

/** What verifying gave. */
export interface VerifyReport {
  /** Every check. */
  readonly checks: readonly Check[];
  /** Events that were looked at. */
  readonly events: number;
}

/** Rows that are in memory at once. */
const PAGE_ROWS = 500;

type Row = StoredEvent & StoredDelivery;

interface Walk {
  readonly store: Store;
  readonly findings: Findings;
  readonly meta: Meta;
  readonly sums: Sums;
  readonly consents: readonly ConsentRow[];
  readonly book: BatchBook;
}

/**
 * Verifies a queue. Use a connection that does nothing else meanwhile: it is
 * kept in one reading transaction.
 */
export async function verify(
  host: VerifyHost,
  store: Store,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const findings = openFindings(QUEUE_CHECKS);
  store.db.exec("BEGIN");
  try {
    const events = await verifyMoment(host, store, findings, options);
    return { checks: findings.toChecks(), events };
  } finally {
    store.db.exec("ROLLBACK");
  }
}

async function verifyMoment(
  host: VerifyHost,
  store: Store,
  findings: Findings,
  options: VerifyOptions,
): Promise<number> {
  const attempt = <T>(id: CheckId, read: () => T): T | undefined =>
    attemptIn(findings, id, read);
  attempt("V-001", () => checkIntegrity(findings, store));
  attempt("V-002", () => checkSchema(findings, store));
  attempt("V-015", () => checkOverflow(findings, host, store));
  attempt("V-016", () => checkQuarantine(findings, store));
  const audit = attempt("V-016", () => checkAudit(findings, store));
  const bound = attempt("V-017", () => checkTarget(findings, store));
  const walk = attempt("V-010", () => openWalk(store, findings));
  if (walk === undefined) return giveUp(findings, "its books cannot be read");
  const { sums, meta } = walk;
  if (await walkEvents(host, walk, options) === "unreadable") {
    return giveUp(findings, "its events cannot be read");
  }
  if (bound !== undefined) checkBatches(findings, walk.book, meta, bound);
  compareConsent(findings, walk.consents, meta, sums);
  if (audit === undefined) findings.unknown("V-010", "the audit is damaged");
  else compareSums(findings, sums, meta, audit);
  return sums.events;
}

/** What cannot be read is found to be broken; the other checks go on. */
function attemptIn<T>(
  findings: Findings,
  id: CheckId,
  read: () => T,
): T | undefined {
  try {
    return read();
  } catch (error) {
    // Damage shows as any of our, SQLite's or the language's errors.
    if (!(error instanceof Error)) throw error;
    findings.fault(id, `it cannot be read: ${error.message}`);
    return undefined;
  }
}

function giveUp(findings: Findings, why: string): number {
  const rest: readonly CheckId[] = [
    "V-003",
    "V-004",
    "V-005",
    "V-006",
    "V-007",
    "V-008",
    "V-009",
    "V-010",
    "V-011",
    "V-012",
    "V-013",
    "V-014",
  ];
  for (const id of rest) findings.unknown(id, why);
  return 0;
}

function openWalk(store: Store, findings: Findings): Walk {
  const { db } = store;
  const meta = db.get<Meta>(`SELECT ${META_COLUMNS} FROM meta WHERE id = 1`);
  if (meta === undefined) throw new Error("there are no books");
  checkOwner(findings, store, meta);
  for (const text of judgeMeta(meta)) findings.fault("V-010", text);
  const consents = db.all<ConsentRow>(
    `SELECT ${CONSENT_COLUMNS} FROM consent ORDER BY epoch`,
  );
  const book = readBatches(store);
  return { store, findings, meta, sums: openSums(), consents, book };
}

/** Looks at every event, as far as they can be read. */
async function walkEvents(
  { clock }: VerifyHost,
  walk: Walk,
  { onStart, onDone }: VerifyOptions,
): Promise<"whole" | "unreadable"> {
  const { findings, meta } = walk;
  onStart?.(Math.max(0, meta.seq - meta.removed));
  while (true) {
    const rows = attemptIn(findings, "V-001", () => readRows(walk));
    if (rows === undefined) return "unreadable";
    for (const row of rows) judgeRow(walk, row);
    onDone?.(rows.length);
    if (rows.length < PAGE_ROWS) return "whole";
    // Whoever shows progress or listens for Ctrl-C gets a turn.
    await clock.sleep(0);
  }
}

function readRows({ store, sums }: Walk): readonly Row[] {
  return store.db.all<Row>(
    `SELECT ${EVENT_COLUMNS}, ${DELIVERY_COLUMNS}
       FROM events e LEFT JOIN deliveries d ON d.seq = e.seq
      WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
    sums.lastSeq,
    PAGE_ROWS,
  );
}

function judgeRow(walk: Walk, row: Row): void {
  const { findings, meta, store, consents, book } = walk;
  const fault = (id: CheckId, text: string) =>
    findings.fault(id, `event ${row.seq}: ${text}`);
  for (const { id, text } of judgeEvent(row, store.projectId)) fault(id, text);
  for (const text of judgeDelivery(row)) fault("V-011", text);
  const { consent, mark } = judgeConsentOf(row, consents, meta);
  if (consent !== undefined) fault("V-013", consent);
  if (mark !== undefined) fault("V-012", mark);
  for (const text of judgeBatchOf(row, book)) fault("V-014", text);
  for (const text of addToSums(walk.sums, row, meta)) fault("V-007", text);
}
