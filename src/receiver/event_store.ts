/**
 * Events in SQLite: each id once in a workspace, one transaction a batch.
 *
 * @module
 */

import type { Database, SqlRow, SqlValue } from "../host/databases.ts";
import { type BatchJudgement, judgeBatch } from "./batch.ts";
import type { EnvelopeVerdict, ReceivedEvent } from "./envelope.ts";
import { hashText } from "./hash_text.ts";

const TABLES = `
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  event_id TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS events_by_id ON events (workspace, event_id);
CREATE TABLE IF NOT EXISTS nodes (
  workspace TEXT NOT NULL,
  project_uuid TEXT NOT NULL,
  node_id TEXT NOT NULL,
  max_lamport INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  PRIMARY KEY (workspace, project_uuid, node_id)
) STRICT, WITHOUT ROWID;
`;

const FIND = `SELECT event_id, project_uuid, body FROM events
WHERE workspace = ? AND event_id IN (SELECT value FROM json_each(?))`;

const INSERT = `INSERT INTO events
(workspace, received_at, event_id, project_uuid, body) VALUES`;

/** Rows of one statement: more of them at once are no faster. */
const ROWS_AT_ONCE = 10;

const COUNT = `INSERT INTO nodes
(workspace, project_uuid, node_id, max_lamport, event_count)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  max_lamport = max(max_lamport, excluded.max_lamport),
  event_count = event_count + excluded.event_count`;

const NODES = `SELECT node_id, max_lamport, event_count FROM nodes
WHERE workspace = ? AND project_uuid = ?`;

/** What is known of one node of a project. */
export interface NodeMark {
  /** Largest clock that is stored, over all epochs. */
  readonly "max_lamport": number;
  /** How many events are stored. */
  readonly "event_count": number;
}

/** One stored event, by its hash. */
export interface StoredHash {
  /** Which event. */
  readonly "event_id": string;
  /** Hash of its canonical JSON. */
  readonly sha256: string;
}

/** Where a batch belongs and when it came. */
export interface StoreOptions {
  /** Workspace, by its slug. */
  readonly workspace: string;
  /** Now, in epoch milliseconds. */
  readonly receivedAt: number;
}

type EventRow = SqlRow & {
  readonly "event_id": string;
  readonly "project_uuid": string;
  readonly body: string;
};
type NodeRow = SqlRow & NodeMark & { readonly "node_id": string };

/** Makes the tables of the events, and every commit durable. */
export function prepareEventTables(db: Database): void {
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  db.exec(TABLES);
}

/** Stores what is new of a batch; when it returns, that is durable. */
export function storeBatch(
  db: Database,
  verdicts: readonly EnvelopeVerdict[],
  options: StoreOptions,
): BatchJudgement {
  const ids = verdicts.flatMap((verdict) =>
    verdict.kind === "valid" ? [verdict.event.eventId] : []
  );
  return db.transaction(() => {
    const rows = findRows(db, options.workspace, ids);
    const bodies = new Map(rows.map((row) => [row.event_id, row.body]));
    const judgement = judgeBatch(verdicts, bodies);
    for (let at = 0; at < judgement.fresh.length; at += ROWS_AT_ONCE) {
      insertRows(db, judgement.fresh.slice(at, at + ROWS_AT_ONCE), options);
    }
    countNodes(db, options.workspace, judgement.fresh);
    return judgement;
  });
}

function insertRows(
  db: Database,
  events: readonly ReceivedEvent[],
  options: StoreOptions,
): void {
  const values: SqlValue[] = [options.workspace, options.receivedAt];
  const rows = events.map(({ eventId, projectUuid, body }, at) => {
    values.push(eventId, projectUuid, body);
    const first = 3 * at + 3;
    return `(?1, ?2, ?${first}, ?${first + 1}, ?${first + 2})`;
  });
  db.run(`${INSERT} ${rows.join(", ")}`, ...values);
}

function findRows(
  db: Database,
  workspace: string,
  ids: readonly string[],
): readonly EventRow[] {
  return db.all<EventRow>(FIND, workspace, JSON.stringify(ids));
}

function countNodes(
  db: Database,
  workspace: string,
  fresh: readonly ReceivedEvent[],
): void {
  const nodes = Map.groupBy(fresh, ({ nodeId }) => nodeId);
  for (const [nodeId, events] of nodes) {
    const max = events.reduce(
      (max, event) => Math.max(max, event.lamportClock),
      0,
    );
    const project = events[0]?.projectUuid ?? "";
    db.run(COUNT, workspace, project, nodeId, max, events.length);
  }
}

/** Finds which events of a project are stored. */
export function findStored(
  db: Database,
  workspace: string,
  wanted: { readonly projectUuid: string; readonly ids: readonly string[] },
): readonly StoredHash[] {
  return findRows(db, workspace, wanted.ids)
    .filter((row) => row.project_uuid === wanted.projectUuid)
    .map(({ event_id: id, body }) => ({
      "event_id": id,
      sha256: hashText(body),
    }));
}

/** Reads how far each node of a project has come. */
export function readWatermark(
  db: Database,
  workspace: string,
  projectUuid: string,
): Readonly<Record<string, NodeMark>> {
  const rows = db.all<NodeRow>(NODES, workspace, projectUuid);
  return Object.fromEntries(rows.map((row) => [row.node_id, {
    "max_lamport": row.max_lamport,
    "event_count": row.event_count,
  }]));
}

/** Reads the largest clock of the nodes of a project. */
export function readMaxLamport(
  db: Database,
  workspace: string,
  projectUuid: string,
): Readonly<Record<string, number>> {
  const nodes = Object.entries(readWatermark(db, workspace, projectUuid));
  return Object.fromEntries(
    nodes.map(([node, mark]) => [node, mark.max_lamport]),
  );
}

/** Counts the stored events of every workspace. */
export function countEvents(db: Database): number {
  const row = db.get<{ total: number }>("SELECT count(*) AS total FROM events");
  return row?.total ?? 0;
}

/** The canonical JSON of every stored event, in the order of their arrival. */
export function readBodies(db: Database): readonly string[] {
  return db.all<{ body: string }>("SELECT body FROM events ORDER BY seq")
    .map(({ body }) => body);
}

/** The number of the newest event; it only grows. */
export function readCursor(db: Database): number {
  const row = db.get<{ last: number | null }>(
    "SELECT max(seq) AS last FROM events",
  );
  return row?.last ?? 0;
}
