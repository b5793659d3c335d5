/**
 * What goes over the wire between a client and a server of events, and what
 * other programs leave in files: docs/protocol.md as schemas.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Envelope } from "../../src/queue/event.ts";
import {
  anyObject,
  count,
  counts,
  eventId,
  fields,
  list,
  maybe,
  maybeText,
  offsetInstant,
  projectId,
  said,
  sha256,
  shaped,
  text,
  ulid,
  uuid,
} from "./fields.ts";

const name = (says: string) =>
  said(says, z.string().check(z.minLength(1), z.maxLength(200)));
const clock = (says: string) => said(says, z.int().check(z.gte(1)));

const ENVELOPE = {
  "event_id": eventId,
  "event_type": shaped("Its type.", /^[A-Z][A-Za-z0-9]{0,63}$/),
  "schema_version": said("Version of the envelope.", z.literal("3.0.0")),
  "aggregate_type": name("Kind of thing that it is about."),
  "aggregate_id": name("Which one."),
  "payload": anyObject(
    "What happened; at most 65,536 bytes of canonical JSON.",
  ),
  "node_id": shaped(
    "This installation, for this project.",
    /^[0-9a-f]{32}$/,
  ),
  "lamport_clock": clock(
    "Its clock, without gaps within a node, project and epoch.",
  ),
  "clock_epoch": clock("Epoch of that clock."),
  "causation_id": maybe("Null without one.", ulid("What caused it.")),
  "correlation_id": ulid("The same for a whole chain of events."),
  "timestamp": offsetInstant("When it happened."),
  "project_uuid": projectId,
  "project_slug": maybeText("Name of the project for people."),
  "build_id": uuid("Derived from project and node."),
  "git_branch": maybeText("Branch, where the person allows it."),
  "head_commit_sha": maybeText("Commit, where the person allows it."),
  "repo_slug": maybeText("Repository, where the person allows it."),
  "team_slug": said("The workspace travels in a header.", z.null()),
} satisfies Record<keyof Envelope, z.ZodMiniType>;

/** One event as it is stored and sent. */
export const envelope: z.ZodMiniType = fields("An event.", ENVELOPE);

/** Body of a request with events. */
export const batchRequest: z.ZodMiniType = z.strictObject({
  "events": list("Events of one project.", envelope),
});

const rejectionCode = text(
  "Why it was rejected: `schema_mismatch`, `historical_state`, `refused`, " +
    "`oversized_event`, `id_conflict`, `not_admitted`, `forbidden`, " +
    "`workspace_missing`. Any other word counts as `schema_mismatch`.",
);

const result = fields("What became of one event.", {
  "event_id": eventId,
  "status": said(
    "`success`, `accepted` and `warning`: stored now; `duplicate`: stored " +
      "before; `queued` and `pending`: will be stored.",
    z.enum([
      "success",
      "accepted",
      "warning",
      "duplicate",
      "queued",
      "pending",
      "rejected",
    ]),
  ),
  "code": z.exactOptional(rejectionCode),
  "error": z.exactOptional(text("The same for people.")),
});

/** Body of an answer to events. */
export const batchReply: z.ZodMiniType = z.strictObject({
  "results": list("One for each event, in any order.", result),
  "max_lamport": z.exactOptional(
    counts("The largest clock that is stored, for each node of the batch."),
  ),
});

/** Body of an answer that refuses a whole request. */
export const protocolError: z.ZodMiniType = z.strictObject({
  "error": fields("What went wrong.", {
    "code": text("In a word; clients act on it."),
    "message": text("For people; clients do not act on it."),
  }),
});

/** Body of an answer to `GET /api/v1/sync/health/`. */
export const syncHealth: z.ZodMiniType = z.strictObject({
  "status": said("It is ready.", z.literal("ok")),
  "protocol": said("Version of the protocol.", z.literal("3.0")),
  "max_events_per_batch": clock("Most events of a request."),
  "max_decompressed_bytes_per_batch": clock("Most bytes of a request."),
  "retry_after_min_seconds": count("Least `Retry-After` in seconds."),
  "retry_after_max_seconds": count("Most `Retry-After` in seconds."),
});

/** Body of `POST /api/v1/events/lookup/`. */
export const lookupRequest: z.ZodMiniType = z.strictObject({
  "project_uuid": projectId,
  "event_ids": said(
    "At most 1,000 ids.",
    z.array(eventId).check(z.maxLength(1000)),
  ),
});

/** Body of an answer to it. */
export const lookupReply: z.ZodMiniType = z.strictObject({
  "found": list(
    "Those that are stored.",
    fields("A stored event.", {
      "event_id": eventId,
      "sha256": sha256("Of its canonical JSON"),
    }),
  ),
});

/** Body of an answer to `GET /api/v1/projects/<project_uuid>/watermark/`. */
export const watermarkReply: z.ZodMiniType = z.strictObject({
  "nodes": said(
    "How far each node of the project has come.",
    z.record(
      z.string(),
      fields("One node.", {
        "max_lamport": count("The largest clock that is stored."),
        "event_count": count("Events that are stored."),
      }),
    ),
  ),
});
