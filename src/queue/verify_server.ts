/**
 * Proves the queue against its server: what we call delivered is there, with
 * the same hash.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import type { Store } from "./store.ts";
import {
  type Check,
  type Findings,
  MOST_EXAMPLES,
  openFindings,
  SERVER_CHECKS,
} from "./verify_findings.ts";

/** Asks the server for the hashes of those of some ids that it has. */
export type Lookup = (
  eventIds: readonly string[],
) => Promise<ReadonlyMap<string, string>>;

/** What the server knows of one installation. */
export interface Watermark {
  /** Largest clock, over all epochs. */
  readonly maxLamport: number;
  /** Events. */
  readonly eventCount: number;
}

/** How to compare. */
export interface CompareOptions {
  /** What the server knows of this installation, or `undefined` of nothing. */
  readonly watermark: Watermark | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Told after each answer how many events were asked about. */
  readonly onProgress?: (done: number) => void;
}

/** What comparing gave. */
export interface ServerReport {
  /** Every check. */
  readonly checks: readonly Check[];
  /** Ids of events that the server has although we have yet to send them. */
  readonly willBeDuplicates: readonly string[];
}

/** Ids that one question may have. */
const LOOKUP_IDS = 1000;
/** A server need not keep ids for longer. */
const SERVER_KEEPS_MS = 90 * 24 * 60 * 60 * 1000;

interface Row extends SqlRow {
  readonly seq: number;
  readonly "event_id": string;
  readonly sha256: string;
  /** 1 when the server has said that it has it. */
  readonly "is_delivered": number;
  readonly "last_at": number | null;
}

interface Comparison {
  readonly findings: Findings;
  readonly duplicates: string[];
  /** Events delivered before this time went to another server. */
  readonly boundAt: number;
  readonly nowMs: number;
  delivered: number;
  elsewhere: number;
  forgotten: number;
}

/** Compares every event of a queue with its server. */
export async function compareWithServer(
  lookup: Lookup,
  store: Store,
  options: CompareOptions,
): Promise<ServerReport> {
  const findings = openFindings(SERVER_CHECKS);
  const comparison: Comparison = {
    findings,
    duplicates: [],
    boundAt: boundAt(store),
    nowMs: options.nowMs,
    delivered: 0,
    elsewhere: 0,
    forgotten: 0,
  };
  let after = 0;
  while (true) {
    const rows = readRows(store, after);
    const found = rows.length === 0
      ? new Map()
      : await lookup(rows.map((row) => row.event_id));
    for (const row of rows) compareRow(comparison, row, found);
    options.onProgress?.(rows.length);
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < LOOKUP_IDS) break;
  }
  noteCounts(comparison);
  compareClock(findings, store, comparison, options.watermark);
  return {
    checks: findings.toChecks(),
    willBeDuplicates: comparison.duplicates,
  };
}

/** When the present server became the target. */
function boundAt({ db }: Store): number {
  return db.get<{ at: number | null }>(
    "SELECT max(at) AS at FROM audit WHERE action = 'bind_target'",
  )?.at ?? 0;
}

function readRows({ db }: Store, after: number): readonly Row[] {
  return db.all<Row>(
    `SELECT e.seq, e.event_id, e.sha256, d.last_at,
       coalesce(d.is_open = 0, 0) AS is_delivered
       FROM events e LEFT JOIN deliveries d ON d.seq = e.seq
      WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
    after,
    LOOKUP_IDS,
  );
}

function compareRow(
  comparison: Comparison,
  row: Row,
  found: ReadonlyMap<string, string>,
): void {
  const { findings, duplicates } = comparison;
  const hash = found.get(row.event_id);
  if (row.is_delivered === 1) return compareDelivered(comparison, row, hash);
  if (hash === undefined) return;
  if (hash === row.sha256) duplicates.push(row.event_id);
  else {
    findings.fault("V-102", `event ${row.seq}: the server has other content`);
  }
}

function compareDelivered(
  comparison: Comparison,
  row: Row,
  hash: string | undefined,
): void {
  const { findings, nowMs } = comparison;
  const deliveredAt = row.last_at ?? 0;
  if (hash === row.sha256) comparison.delivered++;
  else if (deliveredAt < comparison.boundAt) comparison.elsewhere++;
  else if (hash !== undefined) {
    findings.fault("V-101", `event ${row.seq}: the server has other content`);
  } else if (nowMs - deliveredAt > SERVER_KEEPS_MS) comparison.forgotten++;
  else findings.fault("V-101", `event ${row.seq}: the server does not have it`);
}

function noteCounts(
  { findings, delivered, elsewhere, forgotten, duplicates }: Comparison,
): void {
  const parts = [`${delivered} are there`];
  if (elsewhere > 0) parts.push(`${elsewhere} went to a server before`);
  if (forgotten > 0) parts.push(`${forgotten} are older than 90 days`);
  findings.note("V-101", parts.join("; "));
  findings.note(
    "V-102",
    `${duplicates.length} will be duplicates`,
    duplicates.slice(0, MOST_EXAMPLES),
  );
}

interface Clocks extends SqlRow {
  readonly lamport: number;
  readonly epoch: number;
  /** Largest clock of what the present server should have. */
  readonly acked: number;
}

function compareClock(
  findings: Findings,
  { db }: Store,
  { delivered, boundAt }: Comparison,
  watermark: Watermark | undefined,
): void {
  const clocks = db.get<Clocks>(
    `SELECT lamport, clock_epoch AS epoch, (SELECT coalesce(max(e.lamport), 0)
         FROM deliveries d JOIN events e ON e.seq = d.seq
        WHERE d.is_open = 0 AND d.last_at >= ?) AS acked FROM meta`,
    boundAt,
  );
  if (clocks === undefined) return findings.unknown("V-103", "no books");
  const { maxLamport = 0, eventCount = 0 } = watermark ?? {};
  if (maxLamport < clocks.acked) {
    findings.fault(
      "V-103",
      `it knows clock ${maxLamport}, but has taken ${clocks.acked}`,
    );
  }
  if (eventCount < delivered) {
    findings.fault("V-103", `it counts ${eventCount}, but has ${delivered}`);
  }
  // After a loss the clock began anew, so the former one may be ahead.
  if (maxLamport > clocks.lamport && clocks.epoch === 1) {
    findings.fault(
      "V-103",
      `it knows clock ${maxLamport}; the queue is at ${clocks.lamport} only`,
    );
  }
  findings.note("V-103", `clock ${maxLamport}, ${eventCount} events`);
}
