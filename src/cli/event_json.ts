/**
 * An event of the queue on the wire, the same in every document.
 *
 * @module
 */

import type { EventRow } from "../queue/list_events.ts";
import { timeJson } from "./pass_text.ts";

/** An event without its body. */
export function eventJson(row: EventRow): Record<string, unknown> {
  return {
    "seq": row.seq,
    "event_id": row.event_id,
    "type": row.type,
    "class": row.class,
    "lane": row.lane,
    "state": row.state,
    "reason": row.reason_code,
    "attempts": row.attempts,
    "last_http": row.last_http,
    "server_text": row.error,
    "lamport": row.lamport,
    "occurred_at": row.occurred_at,
    "captured_at": timeJson(row.captured_at),
    "last_attempt_at": timeJson(row.last_at),
    "bytes": row.bytes,
    "sha256": row.sha256,
    "has_body": row.is_live === 1,
  };
}
