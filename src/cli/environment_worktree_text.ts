/**
 * What becomes of worktrees, as text and as JSON.
 *
 * @module
 */

import { joinPath } from "../host/path.ts";
import type { TreeRepository } from "../environment/worktree_facts.ts";
import type { TreeResult } from "../environment/worktree_apply.ts";
import type { TreeStep } from "../environment/worktree_steps.ts";
import type { JsonObject } from "../state/json_value.ts";

const SHORT_HASH = 10;

const DONE: Readonly<Record<TreeStep["verdict"]["kind"], string>> = {
  create: "Made",
  recreate: "Put aside and made anew",
  reuse: "Kept as it is",
};

const PLANNED: Readonly<Record<TreeStep["verdict"]["kind"], string>> = {
  create: "Would make",
  recreate: "Would put aside and make anew",
  reuse: "Would keep as it is",
};

/** The name that a worktree has among the projects. */
export function projectOf({ facts, key, verdict }: TreeStep): string {
  if (verdict.kind !== "reuse") return facts.branch;
  return verdict.branch ?? `${key.feature}-${key.iteration}`;
}

/** What was done about a worktree, as lines. */
export function describeResult(
  { aside, notes, step }: TreeResult,
  repository: TreeRepository,
): string {
  return [
    `${DONE[step.verdict.kind]}: ${linesOf(step, repository).join("\n")}`,
    ...aside === undefined ? [] : [
      `  old files  ${aside.directory}`,
      `  old work   git log ${aside.ref}`,
    ],
    ...notes.map((note) => `  ${note}`),
  ].join("\n");
}

/** What would be done about a worktree, as lines. */
export function describeStep(
  step: TreeStep,
  repository: TreeRepository,
): string {
  const lines = linesOf(step, repository);
  return `${PLANNED[step.verdict.kind]}: ${lines.join("\n")}`;
}

function linesOf(
  step: TreeStep,
  repository: TreeRepository,
): readonly string[] {
  const { facts, task, copiesTask, dirty } = step;
  return [
    projectOf(step),
    `  directory  ${facts.path}`,
    `  branch     ${branchText(step, repository)}`,
    ...dirty.length === 0
      ? []
      : [`  changes    of ${dirty.length} files stay with the old one`],
    ...task === undefined ? [] : [
      `  plan       ${task.plan}${
        copiesTask ? ", as MAIN_TASK.md" : "; its MAIN_TASK.md stays"
      }`,
    ],
  ];
}

function branchText(
  { facts, verdict }: TreeStep,
  { start }: TreeRepository,
): string {
  if (verdict.kind === "reuse") {
    const { branch } = verdict;
    if (branch === undefined) return "none is checked out";
    return branch === facts.branch ? branch : `${branch}, not ${facts.branch}`;
  }
  if (facts.tip !== undefined) {
    return `${facts.branch}, as it is (${short(facts.tip)})`;
  }
  const from = start.branch ?? "what is checked out";
  return `${facts.branch}, new from ${from} (${short(start.commit)})`;
}

function short(commit: string): string {
  return commit.slice(0, SHORT_HASH);
}

/** A worktree as JSON. */
export function treeJson(
  { aside, notes, step }: TreeResult,
  { start, trees }: TreeRepository,
): JsonObject {
  const { copiesTask, dirty, facts, key, task, verdict } = step;
  const isNewBranch = verdict.kind !== "reuse" && facts.tip === undefined;
  return {
    "feature": key.feature,
    "iteration": key.iteration,
    "project": projectOf(step),
    "branch": verdict.kind === "reuse" ? verdict.branch ?? null : facts.branch,
    "path": facts.path,
    "feature_directory": joinPath(trees, key.feature),
    "action": verdict.kind,
    "new_branch": isNewBranch,
    "source_branch": isNewBranch ? start.branch ?? null : null,
    "commit": isNewBranch ? start.commit : facts.tip ?? null,
    "plan": task?.plan ?? null,
    "copies_plan": copiesTask,
    "changed_files": dirty,
    "put_aside": aside === undefined
      ? null
      : { "directory": aside.directory, "ref": aside.ref },
    "notes": notes,
  };
}
