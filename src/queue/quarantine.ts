/**
 * Events that can never be sent as they are, kept for a person to look at.
 *
 * @module
 */

import type { Draft } from "./envelope.ts";
import type { EventArgs, QuarantineReason } from "./event.ts";
import type { Store } from "./store.ts";

/** Most entries; beyond it a new one is refused. */
export const QUARANTINE_LIMIT = 10_000;
/** Most characters of an entry's text; the rest tells only its length. */
const TEXT_LIMIT = 256 * 1024;

/** One entry. */
export interface QuarantineRow {
  readonly [column: string]: string | number | null;
  /** Its number. */
  readonly "q_id": number;
  /** Id of the event, if it had one. */
  readonly "event_id": string | null;
  /** Type as the caller named it. */
  readonly type: string;
  /** Why, in a word. */
  readonly reason: string;
  /** Field at fault. */
  readonly field: string;
  /** What is wrong with it. */
  readonly rule: string;
  /** What the caller gave, as JSON text where that was possible. */
  readonly body: string;
  /** When, in epoch milliseconds. */
  readonly at: number;
}

/** Why something is put apart. */
export interface QuarantineFacts {
  readonly eventId: string | null;
  readonly type: string;
  readonly reason: QuarantineReason | "damaged_line";
  readonly field: string;
  readonly rule: string;
  readonly nowMs: number;
}

/** Adds an entry; call it inside a transaction. */
export function addToQuarantine(
  { db }: Store,
  facts: QuarantineFacts,
  body: string,
): "added" | "full" {
  const count = db.get<{ n: number }>("SELECT count(*) AS n FROM quarantine");
  if ((count?.n ?? 0) >= QUARANTINE_LIMIT) return "full";
  db.run(
    `INSERT INTO quarantine (event_id, type, reason, field, rule, body, at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    facts.eventId,
    facts.type.slice(0, 200),
    facts.reason,
    facts.field.slice(0, 500),
    facts.rule.slice(0, 500),
    shorten(body),
    facts.nowMs,
  );
  return "added";
}

function shorten(text: string): string {
  return text.length <= TEXT_LIMIT
    ? text
    : JSON.stringify({ "too_long": text.length });
}

/** JSON text of what a caller gave, whatever it was. */
export function describeArgs(args: EventArgs): string {
  try {
    return shorten(JSON.stringify(args) ?? "null");
  } catch {
    return shorten(JSON.stringify({ "not_json": String(args) }));
  }
}

/** Puts apart a draft whose id has other content already. */
export function quarantineDraft(
  store: Store,
  draft: Draft,
  nowMs: number,
): "added" | "full" {
  const facts: QuarantineFacts = {
    eventId: draft.eventId,
    type: draft.type,
    reason: "id_conflict",
    field: "event_id",
    rule: "is stored with other content",
    nowMs,
  };
  const args = {
    aggregateId: draft.aggregateId,
    payload: JSON.parse(draft.payload),
    causationId: draft.causationId,
    timestamp: draft.timestamp,
  };
  const body = JSON.stringify(args);
  // The same conflict may come again, as after a crash during an import.
  const known = store.db.get(
    `SELECT q_id FROM quarantine WHERE event_id = ? AND reason = 'id_conflict'
       AND body = ?`,
    draft.eventId,
    body,
  );
  return known === undefined ? addToQuarantine(store, facts, body) : "added";
}

/** Puts apart a line that is no event; the same one only once. */
export function quarantineText(
  store: Store,
  line: { readonly id: string; readonly text: string; readonly nowMs: number },
): void {
  const known = store.db.get(
    "SELECT q_id FROM quarantine WHERE event_id = ? AND reason = 'damaged_line'",
    line.id,
  );
  if (known !== undefined) return;
  addToQuarantine(store, {
    eventId: line.id,
    type: "unknown",
    reason: "damaged_line",
    field: "line",
    rule: "is torn or damaged",
    nowMs: line.nowMs,
  }, line.text);
}
