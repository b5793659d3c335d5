/**
 * The documents of the commands that make worktrees.
 *
 * @module
 */

import type * as z from "zod/mini";
import type { FeasibleVerdict } from "../../src/environment/worktree_steps.ts";
import { environmentStart } from "./environment_documents.ts";
import { names, ok } from "./environment_fields.ts";
import {
  count,
  document,
  exitCode,
  fields,
  flag,
  list,
  maybe,
  maybeText,
  text,
  word,
} from "./fields.ts";

const dryRun = flag("Whether nothing was done, only said.");
const notes = names("What did not go as wanted, as sentences.");

const worktree = fields("A worktree.", {
  "feature": text("The feature."),
  "iteration": count("Which one of it, from 1."),
  "project": text("Its name among the projects."),
  "branch": maybeText("Its branch; null when none is checked out."),
  "path": text("Its directory."),
  "feature_directory": text("Directory of all worktrees of the feature."),
  "action": word(
    "What was done, or would be.",
    { create: true, recreate: true, reuse: true } satisfies Record<
      FeasibleVerdict["kind"],
      true
    >,
  ),
  "new_branch": flag("Whether its branch is a new one."),
  "source_branch": maybeText(
    "Branch that a new branch begins at; null for another one, or none.",
  ),
  "commit": maybeText("Commit of its branch."),
  "plan": maybeText("Its plan, below the directory of plans."),
  "copies_plan": flag("Whether the plan becomes its MAIN_TASK.md."),
  "changed_files": names("Changed files of one that is put aside."),
  "put_aside": maybe(
    "Null unless it was made anew.",
    fields("The one before it.", {
      "directory": text("Where its files are now."),
      "ref": text("Name of its last commit, or of its changes."),
    }),
  ),
  notes,
});

/** `reeve ensure-worktree`. */
export const environmentWorktree: z.ZodMiniType = document(
  "environment_worktree",
  {
    ok,
    "dry_run": dryRun,
    worktree,
    "existed_before": flag("Whether there was one."),
    "created": flag("Whether one was made."),
    "runtime_started": flag("Always false: nothing is started."),
    notes,
  },
);

/** `reeve plan`. */
export const environmentPlan: z.ZodMiniType = document("environment_plan", {
  "exit_code": exitCode,
  ok,
  "dry_run": dryRun,
  "plans": list(
    "The plans.",
    fields("A plan.", {
      "name": text("Its folder and name."),
      "file": text("Its file below the directory of plans."),
      "feature": text("The feature of its worktrees."),
    }),
  ),
  "worktrees": list("Their worktrees.", worktree),
  "projects": names("Projects that are started, or would be."),
  "start": maybe("Null for a dry run.", environmentStart),
  notes,
});
