/**
 * What people and passes did to a queue beyond capturing and delivering.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";
import type { Store } from "./store.ts";

/** One entry. */
export interface AuditRow {
  readonly [column: string]: string | number;
  readonly "a_id": number;
  readonly actor: string;
  readonly action: string;
  readonly details: string;
  readonly at: number;
}

/** Adds an entry. */
export function addAudit(
  { db }: Store,
  actor: string,
  action: string,
  details: JsonObject,
  nowMs: number,
): void {
  db.run(
    "INSERT INTO audit (actor, action, details, at) VALUES (?, ?, ?, ?)",
    actor,
    action,
    JSON.stringify(details),
    nowMs,
  );
}

/** The latest entries, newest first. */
export function readAudit({ db }: Store, limit: number): readonly AuditRow[] {
  return db.all<AuditRow>(
    "SELECT * FROM audit ORDER BY a_id DESC LIMIT ?",
    limit,
  );
}
