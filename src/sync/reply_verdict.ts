/**
 * What the answer to a batch means. Machine codes first, then the HTTP status,
 * never the text that a server writes for people.
 *
 * @module
 */

import type { WebReply } from "../host/web.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import type { ReasonCode, Settlement, Verdict } from "../queue/settle.ts";
import type { PauseReason } from "../queue/target.ts";
import { parseRetryAfter } from "./circuit.ts";

/** Why a server has to be asked later. */
export type LaterCode =
  | "gateway"
  | "not_json"
  | "server_error"
  | "throttled"
  | "timeout"
  | "transport";

/** What a whole answer means. */
export type ReplyVerdict =
  | {
    /** Each event has its result, except those in `rest`. */
    readonly kind: "settled";
    readonly settlements: readonly Settlement[];
    /** Events that a refused request did not name; they are to be cut out. */
    readonly rest: readonly ClaimedEvent[];
    readonly maxLamport: Readonly<Record<string, number>>;
    readonly http: number;
  }
  | { readonly kind: "refused"; readonly http: number; readonly code: string }
  | { readonly kind: "unauthorized" }
  | { readonly kind: "too_large" }
  | { readonly kind: "aborted" }
  | {
    readonly kind: "later";
    readonly code: LaterCode;
    readonly detail: string;
    readonly http?: number;
    readonly retryAfterMs?: number;
  }
  | {
    readonly kind: "pause";
    readonly reason: PauseReason;
    readonly detail: string;
    readonly http: number;
  };

type Reply = Extract<WebReply, { readonly kind: "reply" }>;

/** Judges the answer to a batch. */
export function judgeReply(
  reply: WebReply,
  events: readonly ClaimedEvent[],
  nowMs: number,
): ReplyVerdict {
  switch (reply.kind) {
    case "aborted":
      return { kind: "aborted" };
    case "timeout":
      return { kind: "later", code: "timeout", detail: "no answer in time" };
    case "unreachable":
      return { kind: "later", code: "transport", detail: reply.reason };
    case "too_large":
      return {
        kind: "later",
        code: "not_json",
        detail: "the answer is too large",
      };
    case "reply":
      return judgeStatus(reply, events, nowMs);
  }
}

function judgeStatus(
  reply: Reply,
  events: readonly ClaimedEvent[],
  nowMs: number,
): ReplyVerdict {
  const { status } = reply;
  const body = parseObject(reply.body);
  const code = errorCodeOf(body);
  const detail = errorTextOf(body) ?? `HTTP ${status}`;
  const retryAfterMs = parseRetryAfter(reply.header("retry-after"), nowMs);
  const later = (code: LaterCode): ReplyVerdict => ({
    kind: "later",
    code,
    detail,
    http: status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  const pause = (reason: PauseReason): ReplyVerdict => ({
    kind: "pause",
    reason,
    detail,
    http: status,
  });
  if (status >= 200 && status < 300) {
    // Whoever answers in place of the server may speak JSON too.
    const isOurs = status === 202 || Array.isArray(body?.["results"]);
    if (body === undefined || !isOurs) return later("not_json");
    return settle(body, events, status, status === 202 ? "pending" : "none");
  }
  if (status >= 300 && status < 400) return pause("redirected");
  switch (status) {
    case 401:
      return { kind: "unauthorized" };
    case 403:
      return pause(pauseReasonOf(code));
    case 404:
      return pause("endpoint_missing");
    case 408:
      return later("timeout");
    case 412:
    case 426:
      return pause("protocol");
    case 413:
      return { kind: "too_large" };
    case 429:
      return later("throttled");
    case 502:
    case 503:
    case 504:
      return later(retryAfterMs === undefined ? "gateway" : "throttled");
  }
  if (status >= 500) return later("server_error");
  if (body !== undefined && Array.isArray(body["results"])) {
    return settle(body, events, status, "rest");
  }
  return { kind: "refused", http: status, code: code ?? "unknown" };
}

function pauseReasonOf(code: string | undefined): PauseReason {
  return code === "workspace_missing" || code === "not_admitted"
    ? code
    : "forbidden";
}

type JsonMap = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): JsonMap | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function errorCodeOf(body: JsonMap | undefined): string | undefined {
  const error = body?.["error"];
  const code = isMap(error) ? error["code"] : error;
  return typeof code === "string" ? code : undefined;
}

function errorTextOf(body: JsonMap | undefined): string | undefined {
  const error = body?.["error"];
  const text = isMap(error) ? error["message"] : undefined;
  return typeof text === "string" ? text.slice(0, 500) : undefined;
}

function settle(
  body: JsonMap,
  events: readonly ClaimedEvent[],
  http: number,
  unnamed: "pending" | "rest" | "none",
): ReplyVerdict {
  const results = collectResults(body["results"]);
  const settlements: Settlement[] = [];
  const rest: ClaimedEvent[] = [];
  for (const event of events) {
    const verdict = results.get(event.eventId);
    if (verdict !== undefined) settlements.push({ event, verdict });
    else if (unnamed === "rest") rest.push(event);
    else {
      const kind = unnamed === "pending" ? "pending" : "ambiguous";
      settlements.push({ event, verdict: { kind } });
    }
  }
  const maxLamport = clocksOf(body["max_lamport"]);
  return { kind: "settled", settlements, rest, maxLamport, http };
}

function clocksOf(value: unknown): Readonly<Record<string, number>> {
  if (!isMap(value)) return {};
  const clocks = Object.entries(value).filter((entry): entry is [
    string,
    number,
  ] => Number.isSafeInteger(entry[1]));
  return Object.fromEntries(clocks);
}

/** Verdicts by id; an id that comes twice with different words is open. */
function collectResults(results: unknown): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  if (!Array.isArray(results)) return verdicts;
  for (const result of results) {
    if (!isMap(result) || typeof result["event_id"] !== "string") continue;
    const id = result["event_id"];
    const verdict = verdictOf(result);
    const before = verdicts.get(id);
    const isConflict = before !== undefined && before.kind !== verdict.kind;
    verdicts.set(
      id,
      isConflict
        ? { kind: "ambiguous", error: "conflicting results" }
        : verdict,
    );
  }
  return verdicts;
}

/** What one result means. */
export function verdictOf(result: JsonMap): Verdict {
  const error = typeof result["error"] === "string"
    ? { error: result["error"] }
    : {};
  switch (result["status"]) {
    case "success":
    case "accepted":
    case "warning":
      return { kind: "delivered" };
    case "duplicate":
      return { kind: "duplicate" };
    case "queued":
    case "pending":
      return { kind: "pending" };
    case "rejected":
      return { ...refusalOf(result["code"]), ...error };
    default:
      return { kind: "ambiguous", ...error };
  }
}

/** What a machine code means for an event that was rejected. */
export function refusalOf(code: unknown): {
  readonly kind: "retry" | "parked" | "dead";
  readonly reason: ReasonCode;
} {
  switch (code) {
    case "schema_mismatch":
    case "historical_state":
      return { kind: "retry", reason: code };
    case "refused":
    case "oversized_event":
    case "id_conflict":
      return { kind: "dead", reason: code };
    case "not_admitted":
    case "forbidden":
    case "workspace_missing":
      return { kind: "parked", reason: code };
    default:
      return { kind: "retry", reason: "unknown" };
  }
}
