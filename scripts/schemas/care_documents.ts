/**
 * The documents about single events: lists, dead letters, the quarantine,
 * archives, cleaning.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  bytes,
  count,
  counts,
  document,
  eventId,
  fields,
  flag,
  list,
  maybe,
  maybeText,
  projectId,
  said,
  text,
  word,
} from "./fields.ts";
import { envelope } from "./messages.ts";
import { DEAD, ENTRY, LISTED, queueCheck, request } from "./queue_records.ts";

/** `reeve sync events`. */
export const syncEvents: z.ZodMiniType = document("sync_events", {
  "project_id": projectId,
  "next_after": said(
    "What --after takes for more; null when there is no more.",
    z.nullable(z.int().check(z.gte(0))),
  ),
  "events": list(
    "In the order of their places.",
    fields("An event.", LISTED),
  ),
});

/** `reeve sync dead list`. */
export const deadList: z.ZodMiniType = document("sync_dead_list", {
  "project_id": projectId,
  "total": count("How many there are, also beyond --limit."),
  "by_reason": counts("How many of them for which reason."),
  "events": list("The first of them.", fields("A dead letter.", DEAD)),
});

/** `reeve sync dead show`. */
export const deadShow: z.ZodMiniType = document("sync_dead_letter", {
  "project_id": projectId,
  ...DEAD,
  "event": maybe("Null when its text is damaged.", envelope),
  "requests": list("Requests that it may have been part of.", request),
});

/** `reeve sync dead replay`. */
export const deadReplay: z.ZodMiniType = document("sync_dead_replay", {
  "project_id": projectId,
  "replayed": count("Events that will be sent again."),
});

/** `reeve sync dead skip`. */
export const deadSkip: z.ZodMiniType = document("sync_dead_skip", {
  "project_id": projectId,
  "skipped": count("Events that were given up."),
});

const applied = flag("Whether it was done; otherwise it would be.");

/** `reeve sync dead purge`. */
export const deadPurge: z.ZodMiniType = document("sync_dead_purge", {
  "project_id": projectId,
  applied,
  "event_count": count("Events that were thrown away, or would be."),
  "bytes": bytes("Their bodies"),
  "not_archived": count("Events that stay until they are in an archive."),
  "archive": maybeText("Manifest of the archive that was written, if one was."),
});

const entry = fields("An entry.", ENTRY);

/** `reeve sync quarantine list`. */
export const quarantineList: z.ZodMiniType = document("sync_quarantine_list", {
  "project_id": projectId,
  "total": count("How many there are, also beyond --limit."),
  "bytes": bytes("What was given, of all of them"),
  "entries": list("The first of them.", entry),
});

/** `reeve sync quarantine show`. */
export const quarantineShow: z.ZodMiniType = document("sync_quarantine_entry", {
  "project_id": projectId,
  ...ENTRY,
  "given": said("What the caller gave; null when it is no JSON.", z.unknown()),
  "text": maybeText("The same as text when it is no JSON."),
});

/** `reeve sync quarantine repair`. */
export const quarantineRepair: z.ZodMiniType = document(
  "sync_quarantine_repair",
  {
    "project_id": projectId,
    "left": count("Entries of these that are still not valid."),
    "entries": list(
      "Those that were tried.",
      fields("An entry.", {
        "id": count("Its number."),
        "outcome": word("What came of it.", {
          captured: true,
          invalid: true,
          "not_an_event": true,
          "not_stored": true,
          valid: true,
        }),
        "event_id": maybe("Null unless it was captured.", eventId),
        "detail": text("The same in words."),
      }),
    ),
  },
);

/** `reeve sync quarantine purge`. */
export const quarantinePurge: z.ZodMiniType = document(
  "sync_quarantine_purge",
  {
    "project_id": projectId,
    applied,
    "entry_count": count("Entries that were thrown away, or would be."),
    "bytes": bytes("What was given, of all of them"),
  },
);

/** `reeve sync verify`. */
export const syncVerify: z.ZodMiniType = document("sync_verify", {
  "project_id": projectId,
  "ok": flag("Whether every check holds."),
  "event_count": count("Events that were looked at."),
  "comparison": word("Whether the server was asked.", {
    compared: true,
    silent: true,
    skipped: true,
  }),
  "comparison_detail": maybeText("Why it was not; null when it was."),
  "checks": list("Every check.", queueCheck),
});

/** `reeve sync gc`. */
export const syncGc: z.ZodMiniType = document("sync_gc", {
  "project_id": projectId,
  applied,
  "bodies": count("Delivered events whose bodies are removed."),
  "body_bytes": bytes("Those bodies"),
  "event_count": count("Delivered events that are removed altogether."),
  "free_bytes": bytes("What is free in the file; 0 once it was given back"),
  "freed_bytes": bytes("By how much the file has become smaller"),
});

/** `reeve sync archive`. */
export const syncArchive: z.ZodMiniType = document("sync_archive", {
  "project_id": projectId,
  "manifest": maybeText("Path of the manifest; null when no event was chosen."),
  "event_count": count("Events that were archived."),
  "bytes": bytes("The parts of the archive"),
  "removed": count("Events that were removed from the queue."),
});

/** `reeve sync archive --check`. */
export const syncArchiveCheck: z.ZodMiniType = document("sync_archive_check", {
  "manifest": text("Path of the manifest."),
  "ok": flag("Whether the archive holds what it says."),
  "event_count": count("Events in it; 0 when it is broken."),
  "faults": list("What is wrong.", text("In words.")),
});

/** `reeve sync purge`. */
export const syncPurge: z.ZodMiniType = document("sync_purge", {
  "project_id": projectId,
  "project_slug": text("Name of the project for people."),
  applied,
  "event_count": count("Events that were not delivered."),
  "event_bytes": bytes("What they take"),
  "by_state": counts("How many of them are in which state."),
  "possibly_sent": count("Those of them that the server may have."),
  "overflow_count": count("Events of the overflow file."),
  "overflow_bytes": bytes("What they take"),
  "quarantine_count": count("Entries of the quarantine."),
  "quarantine_bytes": bytes("What they take"),
  "damaged_queues_left": list("Queues that stay.", text("Name of the file.")),
});

const salvaged = fields("What was found in it.", {
  "saved": count("Events that were saved."),
  "delivered": count("Events that the server has."),
  "known": count("Events that the present queue has already."),
  "uncertain": count("Events left out, as the server may have them."),
  "local": count("Events left out, as they may not leave."),
  "no_room": count("Events left out, as the overflow file is full."),
  "damaged": count("Events with a damaged body, or of another project."),
  "unreadable": said(
    "Places at which nothing could be read; null when that is not known.",
    z.nullable(z.int().check(z.gte(0))),
  ),
});

/** `reeve sync salvage`. */
export const syncSalvage: z.ZodMiniType = document("sync_salvage", {
  "project_id": projectId,
  "ok": flag("Whether every file could be read."),
  "files": list(
    "Queues that were put aside as damaged.",
    fields("A file.", {
      "file": text("Its path."),
      "problem": maybeText("Why it could not be read, if so."),
      "report": maybe("Null when it could not be read.", salvaged),
    }),
  ),
});
