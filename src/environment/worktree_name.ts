/**
 * How worktrees of features are called. Pure.
 *
 * @module
 */

import { joinPath } from "../host/path.ts";

/** A worktree of a feature. */
export interface WorktreeKey {
  /** The feature: letters, digits, `-` and `_`. */
  readonly feature: string;
  /** Which one of it, from 1. */
  readonly iteration: number;
}

/** Its branch, which is its name too: `checkout-1`. */
export function branchName({ feature, iteration }: WorktreeKey): string {
  return `${feature}-${iteration}`;
}

/** Its directory below that of all worktrees. */
export function worktreePath(
  trees: string,
  { feature, iteration }: WorktreeKey,
): string {
  return joinPath(trees, feature, String(iteration));
}

/** Directory for what we write into a worktree. */
export const WORKTREE_STATE = ".reeve-state";

/** Says where a worktree comes from, below {@linkcode WORKTREE_STATE}. */
export const WORKTREE_MARK = "worktree.json";

/** The copy of a plan in the worktree that was made for it. */
export const TASK_FILE = "MAIN_TASK.md";

/** The iterations among names of directories, in their order. */
export function iterationsIn(names: readonly string[]): readonly number[] {
  return names.filter((name) => /^[1-9]\d{0,8}$/.test(name)).map(Number)
    .toSorted((a, b) => a - b);
}
