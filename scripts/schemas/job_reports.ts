/**
 * The documents of `reeve queue doctor` and `migrate`.
 *
 * @module
 */

import * as z from "zod/mini";
import type {
  JobsCheck,
  JobsCheckName,
  JobsFinding,
} from "../../src/doctor/jobs_finding.ts";
import type { MigrateReport } from "../../src/jobs/migrate.ts";
import {
  count,
  document,
  exitCode,
  fields,
  flag,
  instant,
  list,
  maybe,
  maybeText,
  said,
  text,
  word,
} from "./fields.ts";
import { backend, id, place, queue, tenant } from "./job_documents.ts";

const OUTCOMES: Readonly<Record<MigrateReport["outcome"], true>> = {
  already: true,
  busy: true,
  differs: true,
  moved: true,
  stopped: true,
  "waiting_stopped": true,
};

/** `reeve queue migrate`. */
export const queueMigrate: z.ZodMiniType = document("queue_migrate", {
  "exit_code": exitCode,
  "outcome": word(
    "What came of it: `busy` and `waiting_stopped` changed nothing; after " +
      "`stopped` and `differs` both sides are closed.",
    OUTCOMES,
  ),
  tenant,
  "from": backend,
  "from_place": place,
  "to": backend,
  "to_place": place,
  "active": count("Jobs that ran when it was given up."),
  "job_count": count("Jobs that are at the target."),
  "added": count("Those of them that were moved now."),
  "removed": count("Old copies that were removed from the target."),
  "different": list(
    "Jobs that are not the same on both sides.",
    fields("A job.", { queue, id }),
  ),
  "sha256": maybeText("Of all jobs, as both sides have them; else null."),
});

const CHECKS: Readonly<Record<JobsCheckName, true>> = {
  backend: true,
  dead: true,
  room: true,
  settings: true,
  work: true,
};
const CHECK_STATES: Readonly<Record<JobsCheck["state"], true>> = {
  error: true,
  info: true,
  ok: true,
  skipped: true,
  unknown: true,
  warn: true,
};
const SEVERITIES: Readonly<Record<JobsFinding["severity"], true>> = {
  error: true,
  info: true,
  warn: true,
};

const check = word("What is checked.", CHECKS);

const readyCheck = fields("A question to a backend.", {
  "check": text("What was asked."),
  "level": word("`fail` keeps jobs from running.", {
    fail: true,
    ok: true,
    warn: true,
  }),
  "detail": text("The answer."),
  "code": z.exactOptional(text("Why, with `fail`.")),
  "hint": z.exactOptional(text("What to do, unless it is `ok`.")),
});

/** `reeve queue doctor`. */
export const queueDoctor: z.ZodMiniType = document("queue_doctor", {
  "ok": flag("Whether nothing is wrong and everything could be checked."),
  "exit_code": exitCode,
  "generated_at": instant("When it was made."),
  "state_root": text("Directory of the state."),
  "backend": maybe("Null with faulty settings.", backend),
  "tenants": list(
    "Those that were looked at.",
    fields("A tenant.", {
      tenant,
      place,
      "ready": flag("Whether jobs could run."),
      "latency_ms": said("How long asking took, in milliseconds.", z.number()),
      "checks": list("Every question.", readyCheck),
    }),
  ),
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
      "tenant": maybeText("Whose jobs it is about; null for all."),
      "severity": word("How bad; `error` changes the exit code.", SEVERITIES),
      "summary": text("What was found."),
      "remediation": fields("What to do.", {
        "command": maybeText("A command of ours, or a line for a shell."),
        "description": text("What it does, or what to do by hand."),
      }),
    }),
  ),
});
