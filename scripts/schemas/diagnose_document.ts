/**
 * The document of `reeve sync diagnose`.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  count,
  counts,
  exitCode,
  fields,
  flag,
  head,
  list,
  maybe,
  maybeInstant,
  projectId,
  said,
  text,
  ulid,
} from "./fields.ts";
import { ENTRY, LISTED, request } from "./queue_records.ts";

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
  "project_id": projectId,
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

const event = fields("The event.", {
  ...LISTED,
  "first_attempt_at": maybeInstant("When it was sent first."),
  "consent_epoch": count("Consent that it was captured under; 0 without one."),
  "batch_id": maybe("Null before that.", ulid("Its last request.")),
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
    event,
    "requests": list("Requests that it may have been part of.", request),
  }),
  z.strictObject({ ...verdict, "quarantine": fields("The entry.", ENTRY) }),
]);
