/**
 * The documents of `reeve daemon`.
 *
 * @module
 */

import * as z from "zod/mini";
import type { JournalEntry, JournalStep } from "../../src/daemon/journal.ts";
import {
  cleanupPath,
  identityRecord,
  maybePid,
  maybePort,
  sweepResult,
} from "./daemon_records.ts";
import {
  anyObject,
  count,
  document,
  fields,
  head,
  instant,
  list,
  maybe,
  maybeText,
  pid,
  port,
  said,
  text,
  word,
} from "./fields.ts";

const IS_STARTED = true;

const STEPS: Readonly<Record<JournalStep, true>> = {
  "http_shutdown": true,
  "terminate": true,
  "kill": true,
};

/** A line of the journal file. */
export const journalEntry: z.ZodMiniType<JournalEntry> = fields(
  "A signal or a request to shut down.",
  {
    "schema_version": said("Version of this shape.", z.literal(1)),
    "id": text("Joins the line before a step with the one after it."),
    "at": instant("When."),
    "phase": word("Before the step, or after it.", {
      requested: true,
      done: true,
    }),
    "step": word("Which step.", STEPS),
    "asked_by": fields("Who asked.", {
      "command": text("The command."),
      "pid": pid("Its process."),
    }),
    "target": fields("The process that it was aimed at.", {
      "pid": pid("Number of the process."),
      "port": port("Port on 127.0.0.1."),
      "start_stamp": text("Its start, as the platform tells it."),
      "product": text("`reeve` or `spec-kitty`."),
      "daemon_family": text("`sync` or `dashboard`."),
      "singleton_scope_id": maybeText("State root that its marker names."),
    }),
    "reason": text("Why it was allowed, in a sentence."),
    "outcome": maybeText("What became of it; null before the step."),
    "duration_ms": said(
      "How long it took, in milliseconds; null before the step.",
      z.nullable(z.number().check(z.gte(0))),
    ),
  },
);

/** `reeve daemon journal`. */
export const daemonJournal: z.ZodMiniType = document("signal_journal", {
  "path": text("The journal file."),
  "damaged_lines": count("Lines that were left out as nobody can read them."),
  "entries": list("The last steps, the newest last.", journalEntry),
});

/** `reeve daemon logs`. */
export const daemonLogs: z.ZodMiniType = document("daemon_logs", {
  "path": text("The log file."),
  "lines": list(
    "The last lines, the newest last.",
    anyObject(
      "A line as the daemon wrote it, such as `@timestamp`, `level`, " +
        "`logger`, `message` and `pid`; a line that is no JSON has " +
        "`message` alone.",
    ),
  ),
});

/** `reeve daemon replay`. */
export const daemonReplay: z.ZodMiniType = document("daemon_replay", {
  "recorded_at": text("When the facts were recorded, ISO 8601."),
  "recorded_by": text("Version that recorded them."),
  "records": list("Every listener, judged by this version.", identityRecord),
});

/** `reeve daemon restart`. */
export const daemonRestart: z.ZodMiniType = document("daemon_restart", {
  "status": word("What was there before.", {
    restarted: true,
    "stale_owner_cleaned": true,
    started: true,
  }),
  "previous_pid": maybePid,
  "new_pid": pid("Process of the daemon that runs now."),
  "port": port("Its port on 127.0.0.1."),
  "package_version": text("Its version."),
  "cleaned": sweepResult,
});

/** `reeve daemon start`. */
export const daemonStart: z.ZodMiniType = z.union([
  z.strictObject({
    ...head("daemon_start"),
    "started": said("A daemon runs.", z.literal(IS_STARTED)),
    "action": word("How it came to run.", {
      adopted: true,
      replaced: true,
      reused: true,
      started: true,
    }),
    "skipped_reason": said("Nothing was skipped.", z.null()),
    "pid": pid("Process of the daemon."),
    "port": port("Its port on 127.0.0.1."),
    "package_version": text("Its version."),
    "notes": list(
      "Why a newer one is used, or what a replaced one left.",
      text("In words."),
    ),
    "cleaned": sweepResult,
  }),
  z.strictObject({
    ...head("daemon_start"),
    "started": said("No daemon was started.", z.literal(!IS_STARTED)),
    "action": said("With --intent only.", z.literal("skipped")),
    "skipped_reason": text("Why."),
    "pid": said("There is none.", z.null()),
    "port": said("There is none.", z.null()),
  }),
]);

/** `reeve daemon status`. */
export const daemonStatus: z.ZodMiniType = document("daemon_status", {
  "singleton_scope_id": text("Canonical state root that it belongs to."),
  "log": text("Its log file."),
  "active": said("Whether it runs and has proved itself.", z.boolean()),
  "pid": maybePid,
  "port": maybePort,
  "package_version": maybeText("Its version; null while it is not active."),
  "started_at": maybeText("Its start, ISO 8601; null while it is not active."),
  "problem": maybeText("Why it is not active; null while it is."),
});

/** `reeve daemon stop`. */
export const daemonStop: z.ZodMiniType = document("daemon_stop", {
  "status": word("What came of it.", {
    cleared: true,
    "not_running": true,
    stopped: true,
  }),
  "pid": maybePid,
  "port": maybePort,
  "cleanup_path": cleanupPath,
  "reason": maybeText("Why the state file was cleared, if it was."),
});

/** `reeve auth doctor --explain`. */
export const daemonExplanation: z.ZodMiniType = document("daemon_explanation", {
  "record": identityRecord,
  "argv": list("Arguments of its process.", text("One argument.")),
  "flips": list(
    "Which single fact would change the verdict.",
    fields("One change and the verdict after it.", {
      "fact": text("The changed fact."),
      "change": text("The change, in words."),
      "cleanup_class": text("The class after it."),
      "skip_reason": maybeText("The reason after it."),
    }),
  ),
});

/** `reeve auth doctor --record`. */
export const daemonRecord: z.ZodMiniType = document("daemon_record", {
  "path": text("The file that was written."),
  "candidates": count("Listeners in it."),
});

const maybeMoment = (says: string) => maybe("Null when unknown.", text(says));

/** The refresh lock in the report of the doctor. */
export const refreshLockReport: z.ZodMiniType = fields("The refresh lock.", {
  "held": said("Whether a holder is recorded.", z.boolean()),
  "holder_pid": maybePid,
  "started_at": maybeMoment("Since when, ISO 8601."),
  "age_s": said("Its age in seconds.", z.nullable(z.number())),
  "stuck": said("Whether it is older than the threshold.", z.boolean()),
  "stuck_threshold_s": said("The threshold in seconds.", z.number()),
  "holder_host": maybeMoment("Host of the holder."),
});
