/**
 * The document of `reeve sync diagnose`. What it says of one event is what the
 * tables of the queue say, in their names and units.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  bytes,
  count,
  counts,
  eventId,
  exitCode,
  fields,
  flag,
  head,
  list,
  maybe,
  maybeText,
  offsetInstant,
  projectId,
  said,
  sha256,
  text,
  ulid,
} from "./fields.ts";
import { eventClass, eventState, http, reason } from "./queue_records.ts";

const group = fields("Events with the same thing wrong.", {
  "type": text("Their type."),
  "field": text("Field at fault; `[]` stands for any item of a list."),
  "rule": text("What is wrong with it."),
  "count": count("How many."),
  "examples": list("The first few.", text("Id of an event or number of one.")),
});

const diagnoseHead = {
  ...head("sync_diagnose"),
  "ok": flag("Whether everything is valid."),
  "exit_code": exitCode,
  "project": projectId,
};

const verdict = {
  ...diagnoseHead,
  "is_checked": flag("Whether its type is known, so that it can be checked."),
  "problem": maybe(
    "Null when nothing is.",
    fields("What is wrong.", {
      "field": text("Field at fault."),
      "rule": text("What is wrong with it."),
    }),
  ),
  "body": said(
    "What is stored: JSON, or a text that is none; null when it is gone.",
    z.unknown(),
  ),
};

const epochMs = (says: string) =>
  said(`${says}, in epoch milliseconds.`, z.int().check(z.gte(0)));
const maybeEpochMs = (says: string) =>
  said(
    `${says}, in epoch milliseconds; null when it was not.`,
    z.nullable(z.int().check(z.gte(0))),
  );

const eventRow = fields("The event as the queue holds it.", {
  "seq": count("Its place in the queue."),
  "event_id": eventId,
  "type": text("Its type."),
  "class": eventClass,
  "lane": text("Events of one lane leave in their order."),
  "state": eventState,
  "reason_code": reason,
  "attempts": count("How often the server has refused it."),
  "last_http": http,
  "error": maybeText("What the server said last, if anything."),
  "bytes": bytes("Its envelope"),
  "sha256": sha256("Of its envelope"),
  "lamport": count("Its clock."),
  "occurred_at": offsetInstant("When it happened."),
  "captured_at": epochMs("When it was captured"),
  "first_at": maybeEpochMs("When it was sent first"),
  "last_at": maybeEpochMs("When it was sent last"),
  "consent_epoch": count("Consent that it was captured under; 0 without one."),
  "batch_id": maybe("Null before that.", ulid("Its last request.")),
  "is_live": said("1 while its body is here, else 0.", z.literal([0, 1])),
});

const batchRow = fields("A request with events.", {
  "batch_id": ulid("Its id, sent as `Idempotency-Key`."),
  "sent_at": epochMs("When it was sent"),
  "ended_at": maybeEpochMs("When it was over"),
  "outcome": maybeText("What came of it; null while nobody knows."),
  "http": http,
  "count": count("Events in it."),
  "url": text("Where it went."),
});

const entryRow = fields("The entry as the quarantine holds it.", {
  "q_id": count("Its number."),
  "event_id": maybe("Null when it had none.", eventId),
  "type": text("Type as the caller named it."),
  "reason": text("Why it was put apart, in a word."),
  "field": text("Field at fault."),
  "rule": text("What is wrong with it."),
  "at": epochMs("When it was put apart"),
});

/** `reeve sync diagnose`. */
export const syncDiagnose: z.ZodMiniType = z.union([
  z.strictObject({
    ...diagnoseHead,
    "checked": count("Events that were checked."),
    "invalid": count("Those of them that are not valid."),
    "problems": list("What is wrong, the most frequent first.", group),
    "unknown_types": counts("Events that cannot be checked, by type."),
    "quarantined": count("Entries of the quarantine."),
    "quarantine": list("What is wrong with those.", group),
  }),
  z.strictObject({
    ...verdict,
    "event": eventRow,
    "batches": list("Requests that it may have been part of.", batchRow),
  }),
  z.strictObject({ ...verdict, "quarantine": entryRow }),
]);
