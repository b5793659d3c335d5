/**
 * What `reeve sync watch` tells while it runs, as text and as JSON lines; only
 * what differs from before is worth a line.
 *
 * @module
 */

import { canonicalJson } from "../queue/canonical_json.ts";
import { residueOf } from "../queue/counts.ts";
import type { LiveState } from "../sync/live_state.ts";
import type { PassReport, StopReason } from "../sync/pass_report.ts";
import { stopText } from "../sync/stop_text.ts";
import { formatDuration } from "./duration.ts";
import { events, timeJson } from "./pass_text.ts";

/** Something worth a line. */
export type WatchNews =
  | {
    readonly kind: "started";
    readonly project: string;
    readonly server: string;
  }
  | {
    readonly kind: "delivered";
    readonly accepted: number;
    readonly duplicate: number;
    readonly pending: number;
    readonly retried: number;
    readonly parked: number;
    readonly dead: number;
    readonly left: number;
  }
  | {
    readonly kind: "connection";
    readonly state: string;
    readonly detail: string;
    readonly nextTryAt: number | undefined;
  }
  | {
    readonly kind: "trouble";
    readonly reason: string;
    readonly detail: string;
    readonly command: string | undefined;
    readonly left: number;
    readonly nextAttemptAt: number | undefined;
  }
  | { readonly kind: "recovered"; readonly left: number }
  | { readonly kind: "stopped"; readonly delivered: number };

/** Reasons for which a pass ends without anything being wrong. */
const QUIET: readonly StopReason[] = [
  "busy",
  "deadline",
  "done",
  "interrupted",
  "lease_lost",
  "limit",
];

/** Finds what is new, and remembers what was told. */
export class WatchTeller {
  #trouble: string | undefined;
  #connection: string | undefined;
  #delivered = 0;

  /** Events that the server has got meanwhile. */
  get delivered(): number {
    return this.#delivered;
  }

  /** What is new after a pass. */
  pass(report: PassReport): readonly WatchNews[] {
    const { accepted, duplicate, pending, retried, parked, dead } = report;
    const left = report.counts === undefined ? 0 : residueOf(report.counts);
    const news: WatchNews[] = [];
    this.#delivered += accepted + duplicate;
    const moved = accepted + duplicate + pending + retried + parked + dead;
    if (moved > 0) {
      const numbers = { accepted, duplicate, pending, retried, parked, dead };
      news.push({ kind: "delivered", ...numbers, left });
    }
    const { stoppedBecause: reason, detail, nextAttemptAt } = report;
    if (QUIET.includes(reason)) {
      if (this.#trouble !== undefined && reason === "done") {
        this.#trouble = undefined;
        news.push({ kind: "recovered", left });
      }
      return news;
    }
    if (this.#trouble === reason) return news;
    this.#trouble = reason;
    const { text, command } = stopText(reason);
    return [...news, {
      kind: "trouble",
      reason,
      detail: detail === "" ? text : `${text} (${detail})`,
      command,
      left,
      nextAttemptAt,
    }];
  }

  /** What is new when the connection has changed. */
  connection(state: LiveState): readonly WatchNews[] {
    const { name, halted, lastError, nextTryAt } = state;
    // A connection on its way is no news: it ends one way or the other.
    if (name === "Connecting" || halted === "stopped") return [];
    if (this.#connection === name) return [];
    this.#connection = name;
    const detail = name === "Connected" ? "" : lastError?.detail ?? "";
    return [{ kind: "connection", state: name, detail, nextTryAt }];
  }

  /** What is new when something was said in words. */
  warning(detail: string): readonly WatchNews[] {
    if (this.#trouble === detail) return [];
    this.#trouble = detail;
    const nothing = { command: undefined, nextAttemptAt: undefined, left: 0 };
    return [{ kind: "trouble", reason: "failed", detail, ...nothing }];
  }
}

/** A piece of news as a line of JSON. */
export function newsJson(news: WatchNews, nowMs: number): string {
  const head = {
    "schema": "sync_watch",
    "schema_version": 1,
    "at": timeJson(nowMs),
  };
  return canonicalJson({ ...head, ...wireOf(news) });
}

function wireOf(news: WatchNews): Record<string, unknown> {
  switch (news.kind) {
    case "started": {
      const { project, ...rest } = news;
      return { ...rest, "project_slug": project };
    }
    case "connection": {
      const { nextTryAt, ...rest } = news;
      return { ...rest, "next_try_at": timeJson(nextTryAt) };
    }
    case "trouble": {
      const { nextAttemptAt, command = null, ...rest } = news;
      return { ...rest, command, "next_attempt_at": timeJson(nextAttemptAt) };
    }
    default:
      return { ...news };
  }
}

/** A piece of news as a line for a person. */
export function newsText(news: WatchNews, nowMs: number): string {
  switch (news.kind) {
    case "started":
      return `Delivering ${news.project} to ${news.server}; ` +
        "Ctrl-C ends it.";
    case "delivered":
      return deliveredText(news);
    case "connection":
      return connectionText(news, nowMs);
    case "trouble": {
      const wait = waitText(news.nextAttemptAt, nowMs);
      const next = news.command === undefined ? "" : ` Next: ${news.command}`;
      return `Trouble: ${news.detail}; ${leftText(news.left)}${wait}.${next}`;
    }
    case "recovered":
      return `Delivery works again; ${leftText(news.left)}.`;
    case "stopped":
      return `Stopped after ${events(news.delivered)}.`;
  }
}

function leftText(left: number): string {
  if (left === 0) return "nothing waits";
  return `${events(left)} ${left === 1 ? "waits" : "wait"}`;
}

function waitText(at: number | undefined, nowMs: number): string {
  if (at === undefined) return "";
  return `, next try in ${formatDuration(Math.max(0, at - nowMs))}`;
}

function deliveredText(
  news: Extract<WatchNews, { readonly kind: "delivered" }>,
): string {
  const parts = [`Delivered ${events(news.accepted)}`];
  if (news.duplicate > 0) {
    parts.push(`the server had ${news.duplicate} already`);
  }
  const { pending, retried, parked, dead } = news;
  for (
    const [count, word] of [
      [pending, "taken but not stored yet"],
      [retried, "refused for now"],
      [parked, "parked"],
      [dead, "given up"],
    ] as const
  ) if (count > 0) parts.push(`${count} ${word}`);
  return `${parts.join(", ")}; ${leftText(news.left)}.`;
}

function connectionText(
  news: Extract<WatchNews, { readonly kind: "connection" }>,
  nowMs: number,
): string {
  const why = news.detail === "" ? "" : `: ${news.detail}`;
  const wait = waitText(news.nextTryAt, nowMs);
  switch (news.state) {
    case "Connected":
      return "Connected: events go out at once.";
    case "Reconnecting":
      return `No connection right now${why}${wait}.`;
    case "OfflineBatchMode":
      return `No lasting connection${why}; events go out in batches${wait}.`;
    default:
      return `Not connected${why}; events go out in batches.`;
  }
}
