/**
 * The documents about delivery: what was sent, how things stand, what is
 * wrong.
 *
 * @module
 */

import * as z from "zod/mini";
import type { SignIn } from "../../src/cli/sync_state.ts";
import type { CheckName } from "../../src/doctor/sync_finding.ts";
import type { CheckState } from "../../src/doctor/sync_findings.ts";
import type { StopReason } from "../../src/sync/pass_report.ts";
import {
  bytes,
  count,
  document,
  exitCode,
  fields,
  flag,
  head,
  instant,
  list,
  maybe,
  maybeInstant,
  maybeText,
  pid,
  projectId,
  said,
  type Shape,
  text,
  word,
} from "./fields.ts";
import { COUNTS, PROJECT } from "./queue_records.ts";

const STOPS: Readonly<Record<StopReason, true>> = {
  "auth_required": true,
  "auth_unreadable": true,
  "bisect_budget": true,
  "busy": true,
  "deadline": true,
  "done": true,
  "endpoint_missing": true,
  "forbidden": true,
  "gateway": true,
  "interrupted": true,
  "lease_lost": true,
  "limit": true,
  "no_consent": true,
  "no_server": true,
  "not_admitted": true,
  "not_json": true,
  "offline_wait": true,
  "protocol": true,
  "redirected": true,
  "server_error": true,
  "throttled": true,
  "timeout": true,
  "transient": true,
  "transport": true,
  "workspace_missing": true,
};

const pass = fields("What delivery did.", {
  "claimed": count("Events that were sent or about to be."),
  "accepted": count("Events that the server stored now."),
  "duplicate": count("Events that it had already."),
  "pending": count("Events that it will store later."),
  "retried": count("Events that it refused and that are tried again."),
  "parked": count("Events that wait for a change."),
  "dead": count("Events that are given up."),
  "imported": count("Events that came in from the overflow file."),
  "requests": count("Requests with events."),
  "bytes": bytes("What was sent"),
  "ms": said("How long it took, in milliseconds.", z.number()),
  "stopped_because": word("Why it ended.", STOPS),
  "detail": text("More about that for people; may be empty."),
  "next_attempt_at": maybeInstant("When to come back, if that is known."),
});

/** `reeve sync now`. */
export const syncNow: z.ZodMiniType = document("sync_now", {
  "ok": flag("Whether nothing is left that should have left."),
  "exit_code": exitCode,
  "project_id": projectId,
  "pass": maybe("Null with --dry-run.", pass),
  "queue": maybe(
    "The queue afterwards; null when another process delivers.",
    fields("The queue in numbers.", COUNTS),
  ),
});

const SIGN_IN: Readonly<Record<SignIn, true>> = {
  active: true,
  env: true,
  expired: true,
  none: true,
  refreshable: true,
  unreadable: true,
};

const target = fields("Where events go.", {
  "server": maybeText("Base URL of the server, if one is set."),
  "origin": text("Where the setting comes from."),
  "workspace": maybeText("Slug of the workspace, once it is known."),
  "account": maybeText("Account that events go to, once it is known."),
  "paused": maybeText("Why nothing is sent until a person acts, if so."),
  "circuit": word(
    "Whether the server is being spared: `open` is not asked, `half` is " +
      "asked once.",
    { closed: true, half: true, open: true },
  ),
  "last_error": maybeText("What went wrong last, in a word."),
  "next_attempt_at": maybeInstant(
    "When it is asked again, while it is spared.",
  ),
  "last_pass_at": maybeInstant("When delivery ran last."),
  "last_success_at": maybeInstant("When the server took something last."),
  "acked_lamport": count("The largest clock that the server has told of."),
});

const queue = fields("The queue.", {
  ...COUNTS,
  "consent": flag("Whether events may leave."),
  "consent_since": maybeInstant("Since when they may."),
  "kept_local": count("Events of before the consent, which stay here."),
  "fill": said(
    "How full the queue is, where 1 is full.",
    z.number().check(z.gte(0)),
  ),
  "oldest_ready_at": maybeInstant(
    "When the oldest that will leave was captured.",
  ),
  "next_retry_at": maybeInstant("When the next refused event is tried again."),
  "delivering_pid": maybe(
    "Null while nobody delivers.",
    pid("Process that delivers right now."),
  ),
});

/** `reeve sync status`. */
export const syncStatus: z.ZodMiniType = document("sync_status", {
  "ok": flag("Whether nothing needs a person."),
  "exit_code": exitCode,
  ...PROJECT,
  "mode": word("The setting `sync.mode`.", {
    local: true,
    teamspace: true,
    external: true,
    off: true,
  }),
  "signed_in": word("The sign-in, in a word.", SIGN_IN),
  target,
  "queue": maybe("Null when it is not there or cannot be read.", queue),
  "problem": maybeText("Why it cannot be read, if so."),
  "unassigned_bytes": bytes("Events from before this was a project"),
});

const CHECKS: Readonly<Record<CheckName, true>> = {
  clock: true,
  daemon: true,
  delivery: true,
  disk: true,
  files: true,
  integrity: true,
  project: true,
  queue: true,
  server: true,
  session: true,
  settings: true,
  "sign_in": true,
};

const CHECK_STATES: Readonly<Record<CheckState, true>> = {
  error: true,
  info: true,
  ok: true,
  skipped: true,
  unknown: true,
  warn: true,
};

const check = word("What is checked.", CHECKS);

/** `reeve sync doctor`. */
export const syncDoctor: z.ZodMiniType = document("sync_doctor", {
  "ok": flag("Whether nothing is wrong and all that matters could be checked."),
  "exit_code": exitCode,
  "generated_at": instant("When it was made."),
  "state_root": text("Directory of the state."),
  ...PROJECT,
  "server": maybeText(
    "Base URL of the server that events go to, if one is set.",
  ),
  "server_origin": text("Where that setting comes from."),
  "checks": list(
    "Every check.",
    fields("A check.", {
      "name": check,
      "state": word("The worst of what was found.", CHECK_STATES),
      "reason": maybeText("Why it is unknown or was skipped."),
    }),
  ),
  "findings": list(
    "What is wrong and what to do, in the order of the ids.",
    fields("A finding.", {
      "id": text("Stable id."),
      check,
      "severity": word("How bad; `error` changes the exit code.", {
        error: true,
        info: true,
        warn: true,
      }),
      "summary": text("What was found."),
      "remediation": fields("What to do.", {
        "command": maybeText("A command of ours, or a line for a shell."),
        "description": text("What it does, or what to do by hand."),
      }),
    }),
  ),
  "fixed": list("What --fix did.", text("In a sentence.")),
});

/** `reeve sync optin`. */
export const syncOptin: z.ZodMiniType = document("sync_optin", {
  "project_id": projectId,
  "changed": flag("Whether it had not opted in before."),
  "released": count("Events of before that may leave now too."),
  "kept_local": count("Events of before that stay here."),
});

/** `reeve sync optout`. */
export const syncOptout: z.ZodMiniType = document("sync_optout", {
  "project_id": projectId,
  "changed": flag("Whether it had opted in before."),
  "kept_local": count("Events that had not left and stay here."),
});

function line(kind: string, says: string, shape: Shape): z.ZodMiniType {
  return z.strictObject({
    ...head("sync_watch"),
    "at": instant("When the line was written."),
    "kind": said(says, z.literal(kind)),
    ...shape,
  });
}

const left = count("Events that can leave and have not.");

/** A line of `reeve sync watch`. */
export const syncWatch: z.ZodMiniType = z.union([
  line("started", "Delivery begins.", {
    "project_slug": text("Name of the project for people."),
    "server": text("Base URL of the server."),
  }),
  line("delivered", "Something was sent.", {
    "accepted": count("Events that the server stored now."),
    "duplicate": count("Events that it had already."),
    "pending": count("Events that it will store later."),
    "retried": count("Events that it refused and that are tried again."),
    "parked": count("Events that wait for a change."),
    "dead": count("Events that are given up."),
    left,
  }),
  line("connection", "The lasting connection has changed.", {
    "state": word("How it is.", {
      Connected: true,
      Connecting: true,
      Offline: true,
      OfflineBatchMode: true,
      Reconnecting: true,
    }),
    "detail": text("Why, for people; may be empty."),
    "next_try_at": maybeInstant("When it is tried again, if it is."),
  }),
  line("trouble", "Something is in the way.", {
    "reason": text("Why delivery stopped, in a word, or `failed`."),
    "detail": text("The same for people."),
    "command": maybeText("What helps, if a command does."),
    left,
    "next_attempt_at": maybeInstant("When the server is asked again."),
  }),
  line("recovered", "Delivery works again.", { left }),
  line("stopped", "Delivery has ended.", {
    "delivered": count("Events that the server got meanwhile."),
  }),
]);
