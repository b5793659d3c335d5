/**
 * What documents about the events of a project have in common.
 *
 * @module
 */

import * as z from "zod/mini";
import type { EventState } from "../../src/queue/list_events.ts";
import type { EventClass } from "../../src/queue/registry.ts";
import type { ReasonCode } from "../../src/queue/settle.ts";
import type { Check, CheckVerdict } from "../../src/queue/verify_findings.ts";
import {
  bytes,
  count,
  counts,
  eventId,
  fields,
  flag,
  instant,
  list,
  maybe,
  maybeInstant,
  maybeText,
  offsetInstant,
  projectId,
  said,
  sha256,
  type Shape,
  text,
  ulid,
  word,
} from "./fields.ts";

const STATES: Readonly<Record<EventState, true>> = {
  "local": true,
  "sealed": true,
  "ready": true,
  "inflight": true,
  "retry": true,
  "pending_remote": true,
  "parked": true,
  "dead": true,
  "skipped": true,
  "delivered": true,
  "duplicate": true,
};

/** State of an event. */
export const eventState: z.ZodMiniType<EventState> = word(
  "Where it is: `local` was captured without a consent, `sealed` under one " +
    "that has ended.",
  STATES,
);

const CLASSES: Readonly<Record<EventClass, true>> = {
  fact: true,
  snapshot: true,
  telemetry: true,
};

/** Class of an event. */
export const eventClass: z.ZodMiniType<EventClass> = word(
  "Its class: only a newer `snapshot` replaces one, and only `telemetry` " +
    "gives way in a full queue.",
  CLASSES,
);

const REASONS: Readonly<Record<ReasonCode, true>> = {
  ambiguous: true,
  forbidden: true,
  "historical_state": true,
  "id_conflict": true,
  "not_admitted": true,
  "oversized_event": true,
  pending: true,
  refused: true,
  "schema_mismatch": true,
  unknown: true,
  "workspace_missing": true,
};

/** Why an event is where it is. */
export const reason: z.ZodMiniType<ReasonCode | null> = maybe(
  "Null while the server has said nothing against it.",
  word("Why, in a word of the server or of ours.", REASONS),
);

/** HTTP status of an answer. */
export const http: z.ZodMiniType<number | null> = said(
  "HTTP status of the last answer; null before the first.",
  z.nullable(z.int()),
);

/** Keys of an event in a list. */
const EVENT: Shape = {
  "seq": count("Its place in the queue."),
  "event_id": eventId,
  "type": text("Its type."),
  "class": eventClass,
  "lane": text("Events of one lane leave in their order."),
  "state": eventState,
  reason,
  "attempts": count("How often the server has refused it."),
  "last_http": http,
  "server_text": maybeText("What the server said last, if anything."),
  "captured_at": instant("When it was captured."),
  "last_attempt_at": maybeInstant("When it was sent last; null before that."),
  "bytes": bytes("Its envelope"),
  "sha256": sha256("Of its envelope"),
};

/** Keys of an event as a list of events has them. */
export const LISTED: Shape = {
  ...EVENT,
  "lamport": count("Its clock."),
  "occurred_at": offsetInstant("When it happened."),
  "has_body": flag("Whether its body is still here."),
};

/** Keys of a dead letter. */
export const DEAD: Shape = {
  ...EVENT,
  "state": word("Given up by us, or by a person.", {
    dead: true,
    skipped: true,
  }),
  "first_attempt_at": maybeInstant("When it was sent first."),
  "holds_lane": said("Whether later events of its lane wait.", z.boolean()),
  "is_sealed": said("Whether its consent has ended.", z.boolean()),
};

/** A request with events. */
export const request: z.ZodMiniType = fields("A request with events.", {
  "batch_id": ulid("Its id, sent as `Idempotency-Key`."),
  "sent_at": instant("When it was sent."),
  "ended_at": maybeInstant("When it was over; null while it is not."),
  "outcome": maybeText("What came of it; null while nobody knows."),
  "http": http,
  "count": count("Events in it."),
  "url": text("Where it went."),
});

/** Keys of an entry of the quarantine. */
export const ENTRY: Shape = {
  "id": count("Its number."),
  "event_id": maybe("Null when it had none.", eventId),
  "type": text("Type as the caller named it."),
  "reason": text("Why it was put apart, in a word."),
  "field": text("Field at fault."),
  "rule": text("What is wrong with it."),
  "at": instant("When it was put apart."),
};

/** Keys of a queue in numbers. */
export const COUNTS: Shape = {
  "captured": count("Events that were ever captured here."),
  "delivered": count("Events that the server has."),
  "ready": count("Events that will be sent."),
  "inflight": count("Events whose request has not ended."),
  "retry": count("Events that were refused and are tried again."),
  "pending_remote": count("Events that the server will store later."),
  "parked": counts("Events that wait for a change, by reason."),
  "dead": counts("Events that are given up until a person acts, by reason."),
  "skipped": count("Dead events that a person has given up."),
  "sealed": count("Tried events of a consent that has ended."),
  "quarantined": count("Entries of the quarantine."),
  "refused": count("Events that found no room, ever."),
  "dropped": count("Telemetry that gave way in a full queue, ever."),
  "coalesced": count("Snapshots that newer ones have replaced, ever."),
  "live_rows": count("Events with a body."),
  "live_bytes": bytes("Their bodies"),
  "overflow_bytes": bytes("The overflow file"),
  "lamport": count("Value of the clock."),
  "residue": count("Events that can leave and have not: the sum of those."),
};

/** The project around a command. */
export const PROJECT: Shape = {
  "project_id": maybe("Null before it has one.", projectId),
  "project_slug": maybeText("Its name for people; null where there is none."),
  "project_root": maybeText("Its directory; null where there is none."),
};

const VERDICTS: Readonly<Record<CheckVerdict, true>> = {
  ok: true,
  broken: true,
  unknown: true,
};

/** One check of a queue. */
export const queueCheck: z.ZodMiniType = fields(
  "A check.",
  {
    "id": text("Its id, which is never used for another one."),
    "title": text("What it proves."),
    "verdict": word("`unknown` could not be carried out.", VERDICTS),
    "details": text("How many faults, or what was looked at."),
    "examples": list("Some of the faults.", text("In words.")),
  } satisfies Record<keyof Check, z.ZodMiniType>,
);
