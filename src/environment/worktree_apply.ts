/**
 * Carries out what was decided about worktrees.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import {
  createWorktree,
  type MakeHost,
  type PutAside,
  recreateWorktree,
  type TreeWork,
} from "./worktree_make.ts";
import { copyTask, hideFromGit } from "./worktree_mark.ts";
import type { TreeStep } from "./worktree_steps.ts";

/** What came of a step. */
export interface TreeResult {
  /** The step. */
  readonly step: TreeStep;
  /** Where the old one is, for one that was made anew. */
  readonly aside: PutAside | undefined;
  /** What did not go as wanted, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Carries steps out, one after the other.
 *
 * @throws {KnownError} for one that fails; what was made before it stays, and
 * the error names it.
 */
export async function makeTrees(
  host: MakeHost,
  work: TreeWork,
  steps: readonly TreeStep[],
): Promise<readonly TreeResult[]> {
  const results: TreeResult[] = [];
  for (const step of steps) {
    try {
      results.push(await carryOut(host, work, step));
    } catch (error) {
      throw withMade(error, results);
    }
  }
  return results;
}

async function carryOut(
  host: MakeHost,
  work: TreeWork,
  step: TreeStep,
): Promise<TreeResult> {
  const { dirty, facts, key, task, verdict } = step;
  const wanted = { ...key, plan: task?.plan };
  const isDirty = dirty.length > 0;
  const aside = verdict.kind === "recreate"
    ? await recreateWorktree(host, work, wanted, facts, isDirty)
    : undefined;
  const notes = verdict.kind === "create"
    ? await createWorktree(host, work, wanted, facts)
    : aside?.notes ?? [];
  if (task !== undefined && step.copiesTask) {
    const { links } = work.place.loaded.settings.worktrees;
    await hideFromGit(host, work.repository, links);
    await copyTask(host, facts.path, task.text);
  }
  return { step, aside, notes };
}

function withMade(error: unknown, results: readonly TreeResult[]): unknown {
  const made = results.filter(({ step }) => step.verdict.kind !== "reuse")
    .map(({ step }) => step.facts.path);
  if (!(error instanceof KnownError) || made.length === 0) return error;
  const { code, hint, message } = error;
  return new KnownError(code, `${message}; made before: ${made.join(", ")}`, {
    cause: error,
    ...hint === undefined ? {} : { hint },
  });
}
