/**
 * Dead letters as text and as JSON.
 *
 * @module
 */

import type { BatchRow, DeadRow } from "../queue/dead.ts";
import { formatDuration } from "./duration.ts";
import { timeJson } from "./pass_text.ts";
import { formatTable } from "./table.ts";

/** A dead letter on the wire. */
export function deadJson(row: DeadRow): Record<string, unknown> {
  return {
    "seq": row.seq,
    "event_id": row.event_id,
    "type": row.type,
    "class": row.class,
    "lane": row.lane,
    "state": row.state,
    "reason": row.reason_code,
    "last_http": row.last_http,
    "server_text": row.error,
    "attempts": row.attempts,
    "first_attempt_at": timeJson(row.first_at),
    "last_attempt_at": timeJson(row.last_at),
    "captured_at": timeJson(row.captured_at),
    "bytes": row.bytes,
    "sha256": row.sha256,
    "holds_lane": row.holds === 1,
    "is_sealed": row.is_sealed === 1,
  };
}

/** A request on the wire. */
export function batchJson(row: BatchRow): Record<string, unknown> {
  return {
    "batch_id": row.batch_id,
    "sent_at": timeJson(row.sent_at),
    "ended_at": timeJson(row.ended_at),
    "outcome": row.outcome,
    "http": row.http,
    "count": row.count,
    "url": row.url,
  };
}

/** Dead letters in a table. */
export function formatDead(
  rows: readonly DeadRow[],
  { nowMs, width }: { readonly nowMs: number; readonly width: number },
): string {
  return formatTable(
    [
      { title: "ID" },
      { title: "TYPE", isFlexible: true },
      { title: "REASON", isFlexible: true },
      { title: "HTTP", align: "right" },
      { title: "TRIES", align: "right" },
      { title: "REFUSED" },
    ],
    rows.map((row) => [
      row.event_id,
      row.type,
      row.reason_code ?? "unknown",
      String(row.last_http ?? "-"),
      String(row.attempts),
      agoText(row.last_at, nowMs),
    ]),
    width,
  );
}

/** How long ago something was, or a dash. */
export function agoText(at: number | null, nowMs: number): string {
  return at === null ? "-" : `${formatDuration(Math.max(0, nowMs - at))} ago`;
}

/** Counts by reason, the most frequent first: `3 refused, 1 id conflict`. */
export function reasonsText(byReason: ReadonlyMap<string, number>): string {
  return [...byReason].map(([reason, count]) =>
    `${count} ${reason.replaceAll("_", " ")}`
  ).join(", ");
}
