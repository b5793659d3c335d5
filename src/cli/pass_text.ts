/**
 * A pass of delivery and the state of a queue as text and as JSON.
 *
 * @module
 */

import { type QueueCounts, residueOf, totalOf } from "../queue/counts.ts";
import type { PassReport } from "../sync/pass_report.ts";
import { isServerMissing, stopText } from "../sync/stop_text.ts";
import { formatDuration } from "./duration.ts";
import { EXIT } from "./exit_code.ts";

/** `1 event`, `2 events`. */
export function events(count: number): string {
  return `${count.toLocaleString("en-US")} event${count === 1 ? "" : "s"}`;
}

/** How a pass ends a command: 0 only if nothing eligible is left. */
export function exitOfPass(report: PassReport, isStrict: boolean): number {
  const { stoppedBecause: reason, counts } = report;
  if (reason === "interrupted") return EXIT.interrupted;
  const residue = counts === undefined ? 0 : residueOf(counts);
  const parked = counts === undefined ? 0 : totalOf(counts.parked);
  const isLeft = residue > 0 || report.dead > 0 || (isStrict && parked > 0);
  if (reason === "auth_required" || reason === "auth_unreadable") {
    return residue > 0 ? EXIT.signIn : EXIT.ok;
  }
  if (isServerMissing(reason) && residue > 0) return EXIT.notReady;
  return isLeft ? EXIT.actionable : EXIT.ok;
}

/** The counts of a queue on the wire. */
export function countsJson(counts: QueueCounts): Record<string, unknown> {
  return {
    "captured": counts.captured,
    "delivered": counts.delivered,
    "ready": counts.ready,
    "inflight": counts.inflight,
    "retry": counts.retry,
    "pending_remote": counts.pendingRemote,
    "parked": counts.parked,
    "dead": counts.dead,
    "skipped": counts.skipped,
    "sealed": counts.sealed,
    "quarantined": counts.quarantined,
    "refused": counts.refused,
    "dropped": counts.dropped,
    "coalesced": counts.coalesced,
    "live_rows": counts.liveRows,
    "live_bytes": counts.liveBytes,
    "overflow_bytes": counts.overflowBytes,
    "lamport": counts.lamport,
    "residue": residueOf(counts),
  };
}

/** A pass on the wire. */
export function passJson(report: PassReport): Record<string, unknown> {
  return {
    "claimed": report.claimed,
    "accepted": report.accepted,
    "duplicate": report.duplicate,
    "pending": report.pending,
    "retried": report.retried,
    "parked": report.parked,
    "dead": report.dead,
    "imported": report.imported,
    "requests": report.requests,
    "bytes": report.bytes,
    "ms": report.ms,
    "stopped_because": report.stoppedBecause,
    "detail": report.detail,
    "next_attempt_at": timeJson(report.nextAttemptAt),
  };
}

/** An instant on the wire. */
export function timeJson(at: number | null | undefined): string | null {
  return at === undefined || at === null ? null : new Date(at).toISOString();
}

/** A pass in a few lines. */
export function passText(report: PassReport, nowMs: number): string {
  const { counts } = report;
  const lines = [sentLine(report)];
  const reason = stopText(report.stoppedBecause);
  if (report.stoppedBecause !== "done") {
    const detail = report.detail === "" ? "" : ` (${report.detail})`;
    lines.push(`Stopped: ${reason.text}${detail}.`);
  }
  if (counts !== undefined) lines.push(...leftLines(counts, nowMs));
  if (report.nextAttemptAt !== undefined) {
    const wait = Math.max(0, report.nextAttemptAt - nowMs);
    lines.push(`The server is asked again in ${formatDuration(wait)}.`);
  }
  const isLeft = counts !== undefined && residueOf(counts) > 0;
  if (isLeft && reason.command !== undefined) {
    lines.push(`Next: ${reason.command}`);
  }
  return lines.join("\n");
}

function sentLine(report: PassReport): string {
  const parts = [`Delivered ${events(report.accepted)}`];
  if (report.duplicate > 0) {
    parts.push(`the server had ${report.duplicate} already`);
  }
  if (report.imported > 0) {
    parts.push(`${report.imported} came from the overflow file`);
  }
  return `${parts.join(", ")} in ${formatDuration(report.ms)}.`;
}

/** What is left in a queue and why, a line each. */
export function leftLines(
  counts: QueueCounts,
  nowMs: number,
): readonly string[] {
  const lines: string[] = [];
  const residue = residueOf(counts);
  if (residue > 0) {
    const oldest = counts.oldestReadyAt;
    const age = oldest === undefined
      ? ""
      : `, the oldest for ${formatDuration(Math.max(0, nowMs - oldest))}`;
    lines.push(`${events(residue)} wait${residue === 1 ? "s" : ""}${age}.`);
  }
  if (counts.retry > 0) {
    const at = counts.nextRetryAt;
    const next = at === undefined || at <= nowMs
      ? ""
      : `, next in ${formatDuration(at - nowMs)}`;
    lines.push(`${events(counts.retry)} of them were refused${next}.`);
  }
  lines.push(...reasonLines("parked", counts.parked));
  lines.push(...reasonLines("dead", counts.dead));
  if (totalOf(counts.dead) > 0) lines.push("See: reeve sync dead list");
  return lines;
}

function reasonLines(
  what: string,
  byReason: Readonly<Record<string, number>>,
): readonly string[] {
  return Object.entries(byReason).map(([reason, count]) =>
    `${events(count)} ${what}: ${reason.replaceAll("_", " ")}.`
  );
}
