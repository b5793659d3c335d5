/**
 * The pieces that documents about environments share.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Severity } from "../../src/environment/evidence.ts";
import type { ShownStatus } from "../../src/cli/environment_unit.ts";
import type { Mode } from "../../src/environment/model.ts";
import type { StateNote } from "../../src/environment/run_fixes.ts";
import {
  counts,
  fields,
  flag,
  instant,
  list,
  maybe,
  maybeText,
  pid,
  port,
  text,
  word,
} from "./fields.ts";

const STATUSES: Readonly<Record<ShownStatus, true>> = {
  degraded: true,
  failed: true,
  finished: true,
  "not_started": true,
  running: true,
  stale: true,
  starting: true,
  stopped: true,
  "termination_failed": true,
  unreachable: true,
  unverified: true,
};

const MODES: Readonly<Record<Mode, true>> = { main: true, trees: true };

const KINDS = { dependency: true, service: true } as const;

/** Which checkouts. */
export const mode: z.ZodMiniType<Mode> = word(
  "Main checkout or worktrees.",
  MODES,
);
/** Whether it went well. */
export const ok: z.ZodMiniType<boolean> = flag(
  "Whether the command ended with 0.",
);
/** A list of texts. */
export function names(says: string): z.ZodMiniType<string[]> {
  return list(says, z.string());
}
/** What a unit is doing. */
export const status: z.ZodMiniType<ShownStatus> = word(
  "What it is doing, as it was found just now.",
  STATUSES,
);
/** Service or dependency. */
export const kind: z.ZodMiniType<"dependency" | "service"> = word(
  "What it is.",
  KINDS,
);
/** Whose it is. */
export const project: z.ZodMiniType<string> = text("The project that owns it.");
/** Which unit. */
export const id: z.ZodMiniType<string> = text(
  "Slug of a service, or id of a dependency.",
);
/** Which run. */
export const runId: z.ZodMiniType<string> = text("Id of the run.");
/** When. */
export const generatedAt: z.ZodMiniType<string> = instant(
  "When it was looked at.",
);
/** Where its log is. */
export const logPath: z.ZodMiniType<string | null> = maybeText(
  "Its log; null for one that has none.",
);

/** A service or dependency. */
export const unit: z.ZodMiniType = fields(
  "A service or a dependency, as it was found.",
  {
    kind,
    project,
    id,
    "name": text("Its name for people."),
    "critical": flag("Whether the environment is broken without it."),
    status,
    "severity": word(
      "How bad that is.",
      {
        critical: true,
        degraded: true,
        fine: true,
        pending: true,
      } satisfies Record<Severity, true>,
    ),
    "pid": maybe(
      "Null when nothing of it is known to run.",
      pid("Its process."),
    ),
    "port": maybe(
      "Null for one that listens to nothing.",
      port("Where it listens, or should."),
    ),
    "ports": counts("Ports of a dependency by resource."),
    "url": maybeText("Address for people; null when it leads nowhere now."),
    "health_url": maybeText(
      "Address for checks; null when it leads nowhere now.",
    ),
    "log_path": logPath,
    "reason": maybeText("Why it is not well; null when it is."),
    "evidence": list(
      "Why its status is what it is, the weightiest first.",
      fields("What was seen.", {
        "fact": text("In a word."),
        "text": text("In a sentence."),
      }),
    ),
    "foreign_owner": maybe(
      "Null unless somebody else has its port.",
      fields("Whoever has its port.", {
        "pid": maybe("Null when it cannot be seen.", pid("Its process.")),
        "program": maybeText("Its program, where that is known."),
      }),
    ),
  },
);

/** Several of them. */
export const units: z.ZodMiniType = list(
  "Its services and dependencies.",
  unit,
);

const projects = list(
  "Its projects.",
  fields("A project.", {
    "name": text("Its name."),
    "root": text("Its directory."),
  }),
);

/** A run. */
export const run: z.ZodMiniType = fields("A run, as it was found.", {
  "run_id": runId,
  mode,
  "created_at": instant("When it was begun."),
  "failure": maybeText("Why its last start failed, if it did."),
  projects,
  units,
});

const NOTES: Readonly<Record<StateNote["kind"], true>> = {
  failed: true,
  lost: true,
  outdated: true,
  repaired: true,
};

/** What was wrong with records. */
export const stateNotes: z.ZodMiniType = list(
  "What reading the records found wrong; with `lost` or `outdated` more may " +
    "be up than what is shown.",
  fields("One note.", {
    "kind": word("What came of it.", NOTES),
    "path": text("What it is about."),
    "message": text("What happened."),
  }),
);
