/**
 * Takes one claimed batch through as many requests as it needs: refreshes the
 * sign-in once, cuts out what the server refuses, and ends with one verdict for
 * each event.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Batch, ClaimedEvent } from "../queue/claim.ts";
import { byteLength } from "../queue/envelope.ts";
import type { ReasonCode, Settlement, Verdict } from "../queue/settle.ts";
import type { PassReport, StopReason } from "./pass_report.ts";
import { judgeReply, refusalOf, type ReplyVerdict } from "./reply_verdict.ts";
import { encodeBatch, sendBatch } from "./send_batch.ts";
import { splitAt } from "./split.ts";
import {
  isProblem,
  isSameTarget,
  type Token,
  type TokenSource,
} from "./token_source.ts";

/** Requests of one pass that may be spent on cutting batches. */
export const BISECT_BUDGET = 64;

/** Statuses that speak about the events, not about the way of sending them. */
const ABOUT_EVENTS: readonly number[] = [400, 409, 422];

/** What the requests of one pass share. */
export interface ExchangeState {
  /** Token of the pass. */
  token: Token;
  /** Whether it was refreshed already. */
  hasRefreshed: boolean;
  /** Cutting requests that are left. */
  budget: number;
  /** Counts requests and bytes. */
  readonly report: PassReport;
  /** Gives tokens. */
  readonly tokens: TokenSource;
  /** What is wrong with an event by our own rules, if anything. */
  readonly findInvalid?: (event: ClaimedEvent) => string | undefined;
  /** Ends requests. */
  readonly signal: AbortSignal | undefined;
}

/** Why nothing more can be sent in this pass. */
export interface Stop {
  /** In a word. */
  readonly reason: StopReason;
  /** For people. */
  readonly detail: string;
  /** Whether the server or the way to it failed. */
  readonly isFailure: boolean;
  /** How long the server wants to be left alone. */
  readonly retryAfterMs?: number;
}

/** What became of a batch. */
export interface Exchanged {
  /** One verdict for each event. */
  readonly settlements: readonly Settlement[];
  /** Why the pass has to end, if it has to. */
  readonly stop: Stop | undefined;
  /** A request that was too large: `{ events, bytes }`. */
  readonly tooLarge:
    | { readonly events: number; readonly bytes: number }
    | undefined;
  /** Largest clocks that the server knows, by node. */
  readonly maxLamport: Readonly<Record<string, number>>;
  /** Last HTTP status. */
  readonly http: number | undefined;
}

type ExchangeHost = Pick<Host, "clock" | "random" | "web">;

interface Work {
  readonly host: ExchangeHost;
  readonly state: ExchangeState;
  readonly batch: Batch;
  readonly verdicts: Map<number, Verdict>;
  readonly maxLamport: Record<string, number>;
  stop: Stop | undefined;
  tooLarge: { readonly events: number; readonly bytes: number } | undefined;
  http: number | undefined;
  requests: number;
  hasSetAside: boolean;
}

/** Delivers a batch; what could not be sent has the verdict `unsent`. */
export async function exchangeBatch(
  host: ExchangeHost,
  state: ExchangeState,
  batch: Batch,
): Promise<Exchanged> {
  const work: Work = {
    host,
    state,
    batch,
    verdicts: new Map(),
    maxLamport: {},
    stop: undefined,
    tooLarge: undefined,
    http: undefined,
    requests: 0,
    hasSetAside: false,
  };
  await deliver(work, batch.events, 0);
  return {
    settlements: batch.events.map((event) => ({
      event,
      verdict: work.verdicts.get(event.seq) ?? { kind: "unsent" },
    })),
    stop: work.stop,
    tooLarge: work.tooLarge,
    maxLamport: work.maxLamport,
    http: work.http,
  };
}

async function deliver(
  work: Work,
  events: readonly ClaimedEvent[],
  depth: number,
): Promise<void> {
  if (events.length === 0 || work.stop !== undefined) return;
  if (work.requests > 0 && work.state.budget-- <= 0) {
    const detail = `${BISECT_BUDGET} requests went into refused batches`;
    work.stop = { reason: "bisect_budget", detail, isFailure: false };
    return;
  }
  const verdict = await sendOnce(work, events);
  if ("http" in verdict) work.http = verdict.http;
  switch (verdict.kind) {
    case "settled":
      for (const { event, verdict: one } of verdict.settlements) {
        work.verdicts.set(event.seq, one);
      }
      Object.assign(work.maxLamport, verdict.maxLamport);
      // Whoever was not named in a refusal is sent again without the others.
      return verdict.rest.length === events.length
        ? await cut(work, events, {
          depth,
          code: "unknown",
          http: verdict.http,
        })
        : await deliver(work, verdict.rest, depth);
    case "refused":
      return await cut(work, events, { depth, ...verdict });
    case "too_large":
      return tooLarge(work, events);
    default:
      work.stop = stopOf(verdict);
  }
}

/** Sends the same bytes a second time if the sign-in had to be refreshed. */
async function sendOnce(
  work: Work,
  events: readonly ClaimedEvent[],
): Promise<Answered | Unsigned> {
  const { host, state, batch } = work;
  const encoded = await encodeBatch(events, state.token.server);
  const key = work.requests === 0
    ? batch.batchId
    : `${batch.batchId}-${work.requests}`;
  while (true) {
    work.requests++;
    state.report.requests++;
    state.report.bytes += encoded.bytes.length;
    const reply = await sendBatch(
      host,
      state.token,
      { ...encoded, key },
      state.signal,
    );
    const verdict = judgeReply(reply, events, host.clock.now());
    if (verdict.kind !== "unauthorized") return verdict;
    const detail = `${state.token.server} does not accept the sign-in`;
    if (state.hasRefreshed) return unsigned("auth_required", detail);
    state.hasRefreshed = true;
    const next = await state.tokens.refresh(state.token.accessToken);
    if (isProblem(next)) return unsigned(next.reason, next.detail);
    // The batch is bound to a person and a place; the next pass asks anew.
    if (!isSameTarget(next, state.token)) {
      const detail = "somebody else is signed in now";
      const stop = { reason: "transient", detail, isFailure: false } as const;
      return { kind: "unsigned", stop };
    }
    state.token = next;
  }
}

type Answered = Exclude<ReplyVerdict, { readonly kind: "unauthorized" }>;

interface Unsigned {
  readonly kind: "unsigned";
  readonly stop: Stop;
}

/** A token that is refused would be refused again: the server gets a pause. */
function unsigned(reason: StopReason, detail: string): Unsigned {
  const isFailure = reason === "auth_required" || reason === "transient";
  return { kind: "unsigned", stop: { reason, detail, isFailure } };
}

function stopOf(
  verdict:
    | Unsigned
    | Extract<Answered, { readonly kind: "aborted" | "later" | "pause" }>,
): Stop {
  switch (verdict.kind) {
    case "aborted":
      return { reason: "interrupted", detail: "", isFailure: false };
    case "later": {
      const { code: reason, detail, retryAfterMs } = verdict;
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      return { reason, detail, isFailure: true, ...wait };
    }
    case "pause": {
      const { reason, detail } = verdict;
      return { reason, detail, isFailure: false };
    }
    case "unsigned":
      return verdict.stop;
  }
}

/** A server that cannot take one event alone will never take it. */
function tooLarge(work: Work, events: readonly ClaimedEvent[]): void {
  const [only] = events;
  if (events.length === 1 && only !== undefined) {
    const reason = "oversized_event";
    work.verdicts.set(only.seq, { kind: "dead", reason });
    return;
  }
  const bytes = events.reduce((sum, { body }) => sum + byteLength(body) + 1, 0);
  work.tooLarge = { events: events.length, bytes };
}

interface Refusal {
  readonly depth: number;
  readonly code: string;
  readonly http: number;
}

/** Finds the events at fault in a request that was refused as a whole. */
async function cut(
  work: Work,
  events: readonly ClaimedEvent[],
  refusal: Refusal,
): Promise<void> {
  const { depth, http } = refusal;
  const isAboutEvents = ABOUT_EVENTS.includes(http);
  if (events.length === 1 || (!isAboutEvents && depth > 0)) {
    return refuseAll(work, events, refusal);
  }
  const sound = isAboutEvents ? setAside(work, events) : events;
  if (sound.length < events.length) return await deliver(work, sound, depth);
  const index = splitAt(events);
  await deliver(work, events.slice(0, index), depth + 1);
  await deliver(work, events.slice(index), depth + 1);
}

function refuseAll(
  work: Work,
  events: readonly ClaimedEvent[],
  { code, http }: Refusal,
): void {
  const known = refusalOf(code);
  const reason: ReasonCode = known.reason === "unknown" && http === 409
    ? "id_conflict"
    : known.reason;
  const kind = reason === "id_conflict" ? "dead" : known.kind;
  const error = `the server answered HTTP ${http}`;
  for (const { seq } of events) work.verdicts.set(seq, { kind, reason, error });
}

/** Our own rules often know the culprit without a single request. */
function setAside(
  work: Work,
  events: readonly ClaimedEvent[],
): readonly ClaimedEvent[] {
  const { findInvalid } = work.state;
  if (findInvalid === undefined || work.hasSetAside) return events;
  work.hasSetAside = true;
  return events.filter((event) => {
    const error = findInvalid(event);
    if (error === undefined) return true;
    const reason = "schema_mismatch";
    work.verdicts.set(event.seq, { kind: "retry", reason, error });
    return false;
  });
}
