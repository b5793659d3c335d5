/**
 * What becomes of plans, as text and as JSON.
 *
 * @module
 */

import type { PlanFile } from "../environment/plan_file.ts";
import type { TreeOutcome } from "./environment_worktree_setup.ts";
import {
  describeResult,
  describeStep,
  projectOf,
  treeJson,
} from "./environment_worktree_text.ts";
import { EXIT } from "./exit_code.ts";

/** What was made for plans, or would be. */
export function planText(
  plans: readonly PlanFile[],
  { notes, repository, results }: TreeOutcome,
  { isDry }: { readonly isDry: boolean },
): string {
  const projects = results.map(({ step }) => projectOf(step));
  return [
    `Plans: ${plans.map(({ name }) => name).join(", ")}`,
    ...notes.map((note) => `${note}.`),
    ...results.map((result) =>
      isDry
        ? describeStep(result.step, repository)
        : describeResult(result, repository)
    ),
    ...isDry ? [`Would start: ${projects.join(", ")}`] : [],
  ].join("\n");
}

/** The same as a document. */
export function planJson(
  plans: readonly PlanFile[],
  { notes, repository, results }: TreeOutcome,
  { isDry, started }: {
    readonly isDry: boolean;
    /** What the start came to; `undefined` where there was none. */
    readonly started:
      | { readonly exit: number; readonly document: unknown }
      | undefined;
  },
): unknown {
  const exit = started?.exit ?? EXIT.ok;
  return {
    "schema": "environment_plan",
    "schema_version": 1,
    "exit_code": exit,
    "ok": exit === EXIT.ok,
    "dry_run": isDry,
    "plans": plans.map(({ feature, file, name }) => ({
      "name": name,
      "file": file,
      "feature": feature,
    })),
    "worktrees": results.map((result) => treeJson(result, repository)),
    "projects": results.map(({ step }) => projectOf(step)),
    "start": started?.document ?? null,
    "notes": notes,
  };
}
