/**
 * Reads what can be read in the file of a damaged queue: pages of rows while
 * that goes, then row by row around the damage.
 *
 * @module
 */

import type { Database, SqlRow } from "../host/databases.ts";
import { hashText } from "./envelope.ts";
import {
  EVENT_COLUMNS,
  readEnvelope,
  type StoredEvent,
} from "./stored_event.ts";
import type { Envelope } from "./event.ts";

/** How far an event got before the damage. */
export type Progress = "delivered" | "unsent" | "uncertain";

/** One event that could be read. */
export interface FoundEvent {
  /** Its row. */
  readonly row: StoredEvent;
  /** Its envelope, or `undefined` when the body is gone or damaged. */
  readonly envelope: Envelope | undefined;
  /** How far it got. */
  readonly progress: Progress;
  /** Whether its project had consented to its leaving. */
  readonly isEligible: boolean;
}

/** What the whole file could tell of itself. */
export interface DamagedBooks {
  /** Last place, as far as it is known. */
  readonly lastSeq: number | undefined;
  /** Consent that was open. */
  readonly openEpoch: number | undefined;
  /** Place up to which events were claimed. */
  readonly claimedSeq: number | undefined;
  /** Events that were removed before the damage. */
  readonly removed: number;
}

const PAGE_ROWS = 100;
/** Where nothing tells how many there are, so many misses are the end. */
const MOST_MISSES = 10_000;

/** Reads what the file tells of itself. */
export function readBooks(db: Database): DamagedBooks {
  const number = (sql: string) => {
    const row = tryRead(() => db.get<{ n: number | null }>(sql));
    return row?.n ?? undefined;
  };
  const stated = number("SELECT seq AS n FROM meta");
  const found = number("SELECT max(seq) AS n FROM events");
  const isKnown = stated !== undefined || found !== undefined;
  return {
    lastSeq: isKnown ? Math.max(stated ?? 0, found ?? 0) : undefined,
    openEpoch: number("SELECT open_epoch AS n FROM meta"),
    claimedSeq: number("SELECT claimed_seq AS n FROM meta"),
    removed: number("SELECT removed AS n FROM meta") ?? 0,
  };
}

/** In a damaged file, a read fails in any way; what fails is not there. */
function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Reads every event that can be read, some at a time, in their order. */
export function* readFound(
  db: Database,
  books: DamagedBooks,
): Generator<readonly FoundEvent[]> {
  const { lastSeq = Infinity } = books;
  let after = 0;
  let misses = 0;
  while (after < lastSeq && misses < MOST_MISSES) {
    const page = tryRead(() => readPage(db, after));
    if (page?.length === 0) return;
    const rows = page ?? readSingly(db, after);
    misses = rows.length === 0 ? misses + PAGE_ROWS : 0;
    yield rows.map((row) => toFound(db, books, row));
    after = page === undefined ? after + PAGE_ROWS : rows.at(-1)?.seq ?? after;
  }
}

function readPage(db: Database, after: number): readonly StoredEvent[] {
  return db.all<StoredEvent>(
    `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.seq > ? ORDER BY e.seq
      LIMIT ?`,
    after,
    PAGE_ROWS,
  );
}

function readSingly(db: Database, after: number): readonly StoredEvent[] {
  const rows: StoredEvent[] = [];
  for (let seq = after + 1; seq <= after + PAGE_ROWS; seq++) {
    const row = tryRead(() =>
      db.get<StoredEvent>(
        `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.seq = ?`,
        seq,
      )
    );
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function toFound(
  db: Database,
  books: DamagedBooks,
  row: StoredEvent,
): FoundEvent {
  const { body } = row;
  const envelope = body !== null && hashText(body) === row.sha256
    ? readEnvelope(body)
    : undefined;
  const epoch = row.consent_epoch;
  return {
    row,
    envelope,
    progress: body === null ? "delivered" : progressOf(db, books, row),
    isEligible: epoch > 0 && epoch === books.openEpoch,
  };
}

interface DeliveryRow extends SqlRow {
  readonly "is_open": number;
  readonly "batch_id": string | null;
}

function progressOf(
  db: Database,
  { claimedSeq }: DamagedBooks,
  { seq, consent_epoch: epoch }: StoredEvent,
): Progress {
  const rows = tryRead(() =>
    db.all<DeliveryRow>(
      "SELECT is_open, batch_id FROM deliveries WHERE seq = ?",
      seq,
    )
  );
  if (rows === undefined) return "uncertain";
  const [row] = rows;
  if (row?.is_open === 0) return "delivered";
  if (row !== undefined) return row.batch_id === null ? "unsent" : "uncertain";
  if (epoch === 0) return "unsent";
  return claimedSeq !== undefined && seq > claimedSeq ? "unsent" : "uncertain";
}
