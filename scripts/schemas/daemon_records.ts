/**
 * What documents about daemons have in common.
 *
 * @module
 */

import * as z from "zod/mini";
import type {
  CleanupClass,
  IdentitySource,
  SkipReason,
} from "../../src/daemon/classify.ts";
import type { EvidenceRole } from "../../src/daemon/evidence.ts";
import type { DaemonIdentityRecord } from "../../src/daemon/identity_record.ts";
import type {
  CleanupPath,
  FailureReason,
} from "../../src/daemon/stop_target.ts";
import type { SweepResult } from "../../src/daemon/sweep.ts";
import {
  fields,
  flag,
  list,
  maybe,
  maybeInstant,
  maybeText,
  pid,
  port,
  said,
  text,
  word,
} from "./fields.ts";

const CLASSES: Readonly<Record<CleanupClass, true>> = {
  "safe_auto": true,
  "operator_required": true,
  "never_touch": true,
};

const SKIPS: Readonly<Record<SkipReason, true>> = {
  "cross_root": true,
  "dashboard_family": true,
  "is_recorded_singleton": true,
  "missing_pid": true,
  "not_spec_kitty": true,
  "out_of_range": true,
  "pid_port_mismatch": true,
  "pre_marker": true,
  "starting": true,
  "third_party": true,
  "unresponsive": true,
};

const IDENTITY_SOURCES: Readonly<Record<IdentitySource, true>> = {
  "cmdline_marker": true,
  "health_self_report": true,
  "none": true,
};

const ROLES: Readonly<Record<EvidenceRole, true>> = {
  authority: true,
  evidence: true,
  exclusion: true,
  gate: true,
  report: true,
};

const PATHS: Readonly<Record<CleanupPath, true>> = {
  "http_shutdown": true,
  "terminate": true,
  "kill": true,
};

const FAILURES: Readonly<Record<FailureReason, true>> = {
  "access_denied_on_kill": true,
  "access_denied_on_terminate": true,
  "access_denied_opening_process": true,
  "interrupted": true,
  "process_gone_but_port_still_listening": true,
  "still_alive_after_kill": true,
  "unknown_failure": true,
};

/** Process and port, where they are known. */
export const maybePid: z.ZodMiniType<number | null> = maybe(
  "Null when it is not known.",
  pid("Number of the process."),
);

/** A port, where it is known. */
export const maybePort: z.ZodMiniType<number | null> = maybe(
  "Null when it is not known.",
  port("Port on 127.0.0.1."),
);

/** A version of the control protocol, where it is known. */
export const maybeProtocol: z.ZodMiniType<number | null> = said(
  "Version of the control protocol, if it stated one.",
  z.nullable(z.number()),
);

/** What may be done with a listener. */
export const cleanupClass: z.ZodMiniType<CleanupClass> = word(
  "What may be done with it.",
  CLASSES,
);

/** Why nothing is done by itself. */
export const skipReason: z.ZodMiniType<SkipReason | null> = maybe(
  "Null exactly when the class is `safe_auto`.",
  word("Why not by itself.", SKIPS),
);

/** The step that ended a daemon. */
export const cleanupPath: z.ZodMiniType<CleanupPath | null> = maybe(
  "Null when it ended by itself.",
  word("The step that ended it.", PATHS),
);

const evidence = fields("One fact.", {
  "fact": text("What was looked at."),
  "value": said(
    "What was found.",
    z.nullable(z.union([z.string(), z.number(), z.boolean()])),
  ),
  "source": text("Where it was read."),
  "read_at": text("When it was read, ISO 8601 UTC."),
  "since": maybeText("Since when it is so, ISO 8601 UTC, where it is known."),
  "role": word("What it is good for.", ROLES),
  "supports": said(
    "Whether it speaks for cleaning, against it, or neither.",
    z.nullable(z.boolean()),
  ),
});

/** What to do. */
export const remediation: z.ZodMiniType<DaemonIdentityRecord["remediation"]> =
  fields("What to do.", {
    "command": maybeText("Command to type, where there is one."),
    "description": text("What it does, or what to do by hand."),
  });

/** A listener and the verdict on it. */
export const identityRecord: z.ZodMiniType<DaemonIdentityRecord> = fields(
  "A listener and the verdict on it.",
  {
    "daemon_family": text("`sync` or `dashboard`."),
    "pid": maybePid,
    "port": port("Port on 127.0.0.1."),
    "protocol_version": maybeProtocol,
    "package_version": maybeText("Version that its health answer states."),
    "singleton_scope_id": maybeText("State root that its marker names."),
    "daemon_root": maybeText("The same, under its older name."),
    "queue_db_path": maybeText("Queue file that it reports."),
    "auth_scope": maybeText("Sign-in that it reports, as a hash."),
    "server_url": maybeText("Server that it reports."),
    "owner_present": flag("Whether an owner record for it is on disk."),
    "identity_source": word("Which fact identified it.", IDENTITY_SOURCES),
    "executable_summary": maybeText("Its executable."),
    "spawn_shape_ok": flag("Whether its arguments are those of a daemon."),
    "self_report_matches_listener": flag(
      "Whether it reports the process and port that we see.",
    ),
    "is_recorded_singleton": flag("Whether the state file names it."),
    "cleanup_class": cleanupClass,
    "skip_reason": skipReason,
    "product": maybeText("`reeve` or `spec-kitty`, if its shape is known."),
    "evidence": list("The facts behind the verdict.", evidence),
    remediation,
    "started_at": maybeInstant("Start of its process."),
    "row": text("Row of the decision table."),
    "explanation": text("The verdict in a sentence."),
  },
);

/** What a sweep did. */
export const sweepResult: z.ZodMiniType<SweepResult> = fields(
  "What cleaning did.",
  {
    "swept": list(
      "Ended.",
      fields("A daemon that was ended.", {
        "pid": pid("Number of the process."),
        "port": port("Port on 127.0.0.1."),
        "product": text("`reeve` or `spec-kitty`."),
        "package_version": maybeText("Version it had stated."),
        "protocol_version": maybeProtocol,
        "cleanup_path": cleanupPath,
        "reason": text("Its class, or `stale-version`."),
      }),
    ),
    "skipped": list(
      "Left alone.",
      fields("A daemon that was left alone.", {
        "pid": maybePid,
        "port": port("Port on 127.0.0.1."),
        "cleanup_class": cleanupClass,
        "skip_reason": skipReason,
        "detail": text("The same in a sentence."),
        "command": maybeText("What would stop it all the same, if anything."),
      }),
    ),
    "failed": list(
      "Could not be ended.",
      fields("A daemon that could not be ended.", {
        "pid": pid("Number of the process."),
        "port": port("Port on 127.0.0.1."),
        "failure_reason": word("Why.", FAILURES),
        "detail": text("The same in a sentence."),
      }),
    ),
  },
);
