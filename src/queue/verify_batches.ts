/**
 * Checks the history of requests: each can be, and each delivered event whose
 * request is still in it was answered there.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import type { Store } from "./store.ts";
import type { StoredDelivery } from "./verify_delivery.ts";
import type { Findings } from "./verify_findings.ts";
import type { Meta } from "./verify_sums.ts";

/** The row of a request. */
export interface StoredBatch extends SqlRow {
  readonly "batch_id": string;
  readonly "lease_token": number;
  readonly "seq_from": number;
  readonly "seq_to": number;
  readonly count: number;
  readonly bytes: number;
  readonly url: string;
  readonly "sent_at": number;
  readonly outcome: string | null;
  readonly http: number | null;
  readonly "ended_at": number | null;
}

/** Events that name a request. */
interface Use {
  count: number;
  first: number;
  last: number;
}

/** Requests by id, with the events that name each of them. */
export interface BatchBook {
  /** The requests. */
  readonly batches: ReadonlyMap<string, StoredBatch>;
  /** Events by request. */
  readonly uses: Map<string, Use>;
  /** When requests were sent. */
  readonly times: ReadonlySet<number>;
  /** Whether the history is whole: it is cut when it grows long. */
  readonly isWhole: boolean;
}

/** The history is cut to so many. */
const HISTORY_ROWS = 1000;

/** Reads the requests. */
export function readBatches({ db }: Store): BatchBook {
  const rows = db.all<StoredBatch>(
    `SELECT batch_id, lease_token, seq_from, seq_to, count, bytes, url, sent_at,
       outcome, http, ended_at FROM batches`,
  );
  return {
    batches: new Map(rows.map((row) => [row.batch_id, row])),
    uses: new Map(),
    times: new Set(rows.map((row) => row.sent_at)),
    isWhole: rows.length < HISTORY_ROWS,
  };
}

/** What is wrong with a delivery beside its request. */
export function judgeBatchOf(
  row: StoredDelivery,
  book: BatchBook,
): readonly string[] {
  const { batch_id: id, d_seq: seq, first_at: firstAt } = row;
  if (id === null || seq === null) return [];
  const batch = book.batches.get(id);
  if (batch === undefined) {
    return book.isWhole ? ["its request is not in the history"] : [];
  }
  noteUse(book, id, seq);
  const faults: string[] = [];
  if (seq < batch.seq_from || seq > batch.seq_to) {
    faults.push("its request is about other places");
  }
  if (book.isWhole && firstAt !== null && !book.times.has(firstAt)) {
    faults.push("no request was sent when it was tried first");
  }
  if (row.last_at !== batch.sent_at && row.last_at !== batch.ended_at) {
    faults.push("its request was at another time");
  }
  return [...faults, ...judgeAnswer(row, batch)];
}

/** Events come in the order of their places. */
function noteUse({ uses }: BatchBook, id: string, seq: number): void {
  const use = uses.get(id) ?? { count: 0, first: seq, last: seq };
  use.count++;
  use.last = seq;
  uses.set(id, use);
}

const ANSWERED = ["dead", "parked", "pending_remote", "retry", "skipped"];

function judgeAnswer(
  { state, is_open: isOpen, last_http: http }: StoredDelivery,
  batch: StoredBatch,
): readonly string[] {
  const isAnswered = isOpen === 0 || ANSWERED.includes(state ?? "");
  if (!isAnswered) return [];
  if (batch.outcome === null) return [`${state}, but its request has no end`];
  if (batch.outcome === "ambiguous") {
    return [`${state}, but its request has no answer`];
  }
  return http === batch.http ? [] : ["its request was answered otherwise"];
}

/** What target, lease and audit tell of requests. */
export interface TargetFacts {
  /** Largest token of a lease. */
  readonly token: number;
  /** Addresses to which the target was ever bound. */
  readonly urls: ReadonlySet<string>;
}

/** Checks the requests by themselves, after every delivery was looked at. */
export function checkBatches(
  findings: Findings,
  { batches, uses }: BatchBook,
  { seq }: Meta,
  { token, urls }: TargetFacts,
): void {
  for (const [id, batch] of batches) {
    for (const text of judgeBatch(batch, { lastSeq: seq, token })) {
      findings.fault("V-014", `request ${id}: ${text}`);
    }
    if (!fits(batch, uses.get(id))) {
      findings.fault("V-014", `request ${id}: other events name it`);
    }
    if (urls.size > 0 && !urls.has(batch.url)) {
      findings.fault("V-014", `request ${id}: it went to nobody who was bound`);
    }
  }
}

/** Events may have left a request for a later one, but not come to it. */
function fits(batch: StoredBatch, use: Use | undefined): boolean {
  if (use === undefined || use.count < batch.count) return true;
  return use.count === batch.count && use.first === batch.seq_from &&
    use.last === batch.seq_to;
}

/** What is wrong with a request by itself; pure. */
export function judgeBatch(
  batch: StoredBatch,
  { lastSeq, token }: { readonly lastSeq: number; readonly token: number },
): readonly string[] {
  const { seq_from: from, seq_to: to, count, outcome, http } = batch;
  const faults: string[] = [];
  if (from < 1 || to < from || to > lastSeq) faults.push("impossible places");
  if (count < 1 || count > to - from + 1 || batch.bytes < count) {
    faults.push("an impossible number of events or bytes");
  }
  if ((outcome === null) !== (batch.ended_at === null)) {
    faults.push("it has ended, and has not");
  }
  if (http !== null && (http < 100 || http > 599)) {
    faults.push("no HTTP status");
  }
  if (outcome !== null && !/^[a-z][a-z0-9_]*$/.test(outcome)) {
    faults.push("an outcome that is none");
  }
  if (batch.lease_token < 1 || batch.lease_token > token) {
    faults.push("sent by nobody who could");
  }
  if (!URL.canParse(batch.url)) faults.push("an address that is none");
  return faults;
}
