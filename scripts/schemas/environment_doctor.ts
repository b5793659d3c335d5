/**
 * The documents of `reeve doctor`.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  CHECK_AREAS,
  type CheckArea,
  type CheckStatus,
  type GateName,
} from "../../src/doctor/environment_check.ts";
import type { InstallFacts } from "../../src/doctor/environment_report.ts";
import type {
  OrphanClass,
  OrphanReason,
} from "../../src/environment/orphan_class.ts";
import type { StuckEntry } from "../../src/environment/reclaim.ts";
import type {
  RepairItem,
  RepairPart,
} from "../../src/environment/run_repair_environment.ts";
import { generatedAt, names, ok } from "./environment_fields.ts";
import {
  anyObject,
  count,
  document,
  fields,
  flag,
  list,
  maybe,
  maybeText,
  pid,
  port,
  said,
  shaped,
  text,
  word,
} from "./fields.ts";

const AREAS = Object.fromEntries(
  CHECK_AREAS.map((name) => [name, true]),
) as Readonly<Record<CheckArea, true>>;

const STATUSES: Readonly<Record<CheckStatus, true>> = {
  fail: true,
  info: true,
  pass: true,
  warn: true,
};

const area = word("What it is about.", AREAS);
const gate = word("Whether it is passed.", { fail: true, pass: true });

const GATES = {
  "runtime_truth": gate,
  lifecycle: gate,
  ports: gate,
  orphans: gate,
  jobs: gate,
} satisfies Record<GateName, z.ZodMiniType>;

const check = fields("One check.", {
  "id": shaped("Stable id; that of a unit ends with its name.", /^[a-z]+\./),
  area,
  "status": word(
    "How it ended; only `fail` ends the command with 1.",
    STATUSES,
  ),
  "summary": text("What was found."),
  "evidence": anyObject("What that rests on; its keys depend on the check."),
  "remediation": maybe(
    "The next step; null where there is none.",
    fields("What to do.", {
      "command": maybeText("A command of ours, where one does it."),
      "description": text("The same in a sentence."),
    }),
  ),
});

const install = fields("How this program came here.", {
  "version": text("Version of Reeve."),
  "executable": text("The program that runs it."),
  "args": names("The words after it."),
  "method": word(
    "What it is.",
    { bundle: true, program: true, source: true } satisfies Record<
      InstallFacts["method"],
      true
    >,
  ),
  "deno": maybeText("Version of Deno; null when it is part of the program."),
  "os": text("Operating system."),
  "on_path": maybeText("Where `reeve` is along PATH; null when it is not."),
});

/** `reeve doctor`. */
export const environmentDoctor: z.ZodMiniType = document("environment_doctor", {
  "generated_at": generatedAt,
  ok,
  "strict": flag("Whether warnings count as failures."),
  "repository": maybeText("Root of the repository; null outside of one."),
  "scope": maybeText("Its scope; null outside of one."),
  "state_root": text("The state root."),
  "gates": fields("What must hold before one may rely on it.", GATES),
  "counts": fields("Checks by how they ended.", {
    "fail": count("Failures."),
    "warn": count("Warnings."),
    "info": count("Words that need no step."),
    "pass": count("Passed."),
  }),
  "checks": list("Every check, by area.", check),
  "left_out": list(
    "What nobody looked at.",
    fields("Some areas.", {
      "areas": list("The areas.", area),
      "reason": text("Why."),
    }),
  ),
  "install": maybe("Null unless --install was given.", install),
});

const CLASSES: Readonly<Record<OrphanClass, true>> = {
  "never_touch": true,
  "operator_required": true,
  "safe_auto": true,
};

const REASONS: Readonly<Record<OrphanReason, true>> = {
  active: true,
  "inside_repository": true,
  "not_ours": true,
  "orphan_intent": true,
  "other_family": true,
  "other_scope": true,
  "outside_session": true,
  "recorded_unmarked": true,
  "scope_gone": true,
  self: true,
  "stale_same_scope": true,
  starting: true,
  suspicious: true,
  "third_party": true,
  "unknown_token": true,
  unreadable: true,
};

const who = {
  "pid": pid("The process."),
  "ports": list("Ports of ours that it listens on.", port("A port.")),
};
const unit = maybeText("The unit that it has to do with, if that is known.");
const cleanupClass = word("What may be done with it.", CLASSES);
const reason = word("Why, in a word.", REASONS);
const detail = text("The same in a sentence.");

/** `reeve doctor --repair` and `--reclaim`. */
export const environmentCare: z.ZodMiniType = document("environment_care", {
  ok,
  "dry_run": flag("Whether nothing was done."),
  "repair": maybe(
    "Null unless --repair was given.",
    list(
      "What was mended, and what was not.",
      fields("One thing.", {
        "part": word(
          "What it is about.",
          {
            index: true,
            intents: true,
            ports: true,
            runs: true,
          } satisfies Record<RepairPart, true>,
        ),
        "outcome": word(
          "What became of it.",
          {
            done: true,
            failed: true,
            left: true,
            planned: true,
          } satisfies Record<RepairItem["outcome"], true>,
        ),
        "message": text("What happened or would, in a sentence."),
      }),
    ),
  ),
  "reclaim": maybe(
    "Null unless --reclaim was given.",
    fields("What was done about leftovers.", {
      "planned": list(
        "What would be ended; only of a dry run.",
        fields("A process.", {
          ...who,
          unit,
          "cleanup_class": cleanupClass,
          reason,
          detail,
        }),
      ),
      "swept": list(
        "Ended.",
        fields("A process.", {
          ...who,
          unit,
          "cleanup_path": said(
            "The step that ended it; null when it ended by itself.",
            z.nullable(z.enum(["kill", "terminate"])),
          ),
          "reason": text("Class and reason."),
        }),
      ),
      "skipped": list(
        "Left alone.",
        fields("A process.", {
          ...who,
          unit,
          "cleanup_class": cleanupClass,
          "skip_reason": reason,
          detail,
        }),
      ),
      "failed": list(
        "Could not be ended.",
        fields("A process.", {
          ...who,
          "failure_reason": word(
            "Why.",
            { denied: true, survived: true, unverified: true } satisfies Record<
              StuckEntry["failure_reason"],
              true
            >,
          ),
          detail,
        }),
      ),
      "journal_problem": maybeText(
        "Why signals could not be written down; null when they were.",
      ),
    }),
  ),
});
