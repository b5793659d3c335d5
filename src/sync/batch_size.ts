/**
 * How much goes into one request: what we allow, what the server says, and
 * what it has taught us.
 *
 * @module
 */

/** Sizes of one request. */
export interface BatchSize {
  /** Most events. */
  readonly maxEvents: number;
  /** Most bytes of the body before compression. */
  readonly maxBytes: number;
}

/** What is known of a server's limits. */
export interface SizeFacts {
  readonly "server_max_events": number | null;
  readonly "server_max_bytes": number | null;
  readonly "hint_events": number | null;
  readonly "hint_bytes": number | null;
}

/** Share of a server's byte limit that is used: its count may differ. */
const SAFETY = 0.9;
/** Clean batches after which a learned limit is doubled. */
export const GROW_AFTER = 3;

/** What the server and the settings allow. */
export function allowedSize(facts: SizeFacts, own: BatchSize): BatchSize {
  const { server_max_events: events, server_max_bytes: bytes } = facts;
  return {
    maxEvents: Math.max(1, Math.min(own.maxEvents, events ?? Infinity)),
    maxBytes: Math.floor(Math.min(own.maxBytes, SAFETY * (bytes ?? Infinity))),
  };
}

/** What the next request may hold. */
export function chooseSize(facts: SizeFacts, own: BatchSize): BatchSize {
  const allowed = allowedSize(facts, own);
  return {
    maxEvents: Math.min(allowed.maxEvents, facts.hint_events ?? Infinity),
    maxBytes: Math.min(allowed.maxBytes, facts.hint_bytes ?? Infinity),
  };
}

/** Learned limits. */
export interface SizeHints {
  readonly "hint_events": number | null;
  readonly "hint_bytes": number | null;
  readonly "clean_batches": number;
}

/** Limits after a request was too large: half of what it held. */
export function shrink(events: number, bytes: number): SizeHints {
  return {
    "hint_events": Math.max(1, Math.floor(events / 2)),
    "hint_bytes": Math.max(1, Math.floor(bytes / 2)),
    "clean_batches": 0,
  };
}

/** Limits after a request went well. */
export function grow(
  facts: SizeFacts & { readonly "clean_batches": number },
  own: BatchSize,
): SizeHints {
  const { hint_events: events, hint_bytes: bytes } = facts;
  const none = { "hint_events": null, "hint_bytes": null, "clean_batches": 0 };
  if (events === null || bytes === null) return none;
  const clean = facts.clean_batches + 1;
  if (clean < GROW_AFTER) {
    return {
      "hint_events": events,
      "hint_bytes": bytes,
      "clean_batches": clean,
    };
  }
  const allowed = allowedSize(facts, own);
  const next = { events: events * 2, bytes: bytes * 2 };
  const isBack = next.events >= allowed.maxEvents &&
    next.bytes >= allowed.maxBytes;
  return isBack ? none : {
    "hint_events": next.events,
    "hint_bytes": next.bytes,
    "clean_batches": 0,
  };
}
