/**
 * What is done about a wanted worktree. Nothing here takes work away: what is
 * there is used as it is, or refused with what it is. Pure.
 *
 * @module
 */

import type { WorktreeFacts } from "./worktree_facts.ts";

/** What a line says about a worktree that exists. */
export type ExistingRule = "recreate" | "refuse" | "reuse";

/** What is done. */
export type WorktreeVerdict =
  /** It is there and stays as it is. */
  | { readonly kind: "reuse"; readonly branch: string | undefined }
  /** It is made, on its branch if there is one, else on a new one. */
  | {
    readonly kind: "create";
    readonly isNewBranch: boolean;
    /** Whether Git remembers one at that path whose directory is gone. */
    readonly isForgotten: boolean;
  }
  /** It is put aside and made anew on its branch. */
  | { readonly kind: "recreate" }
  /** It cannot be made. */
  | {
    readonly kind: "refuse";
    /** Whether it is there and the line does not say what to do about it. */
    readonly isThere: boolean;
    readonly message: string;
    readonly hint: string;
  };

const SHOWN_NAMES = 5;
/** What Git writes into the lock of a worktree that it is making. */
export const MAKING = "initializing";

/** Decides about one worktree. */
export function judgeWorktree(
  facts: WorktreeFacts,
  existing: ExistingRule,
): WorktreeVerdict {
  const { branch, branchAt, known, occupant, path, tip } = facts;
  switch (occupant.kind) {
    case "worktree":
      return judgeExisting(facts, occupant.branch, existing);
    case "file":
      return refuse(`${path} is a file`, "Move it away, then try again.");
    case "link":
      return refuse(
        `${path} leads to ${occupant.to}`,
        "Move the link away; worktrees are made below one directory.",
      );
    case "stray":
      return refuse(
        `${path} is ${
          occupant.isCheckout ? "a checkout, but no" : "a directory that is no"
        } worktree of this repository; it holds ${namesText(occupant.names)}`,
        "Move it away, or choose another iteration. Nothing was changed.",
      );
  }
  if (branchAt !== undefined) {
    return refuse(...takenElsewhere(branch, branchAt));
  }
  const isForgotten = known !== undefined;
  if (known?.lock !== undefined) {
    return refuse(
      `Git keeps ${path} locked, and its directory is not there` +
        (known.lock === "" ? "" : `: ${known.lock}`),
      `Bring it back, or unlock it: git worktree unlock ${path}`,
    );
  }
  return { kind: "create", isNewBranch: tip === undefined, isForgotten };
}

function judgeExisting(
  { branch: wanted, branchAt, known, path }: WorktreeFacts,
  branch: string | undefined,
  existing: ExistingRule,
): WorktreeVerdict {
  if (known?.lock === MAKING) {
    return refuse(
      `${path} is being made by another git, or one was interrupted`,
      `If none is at work: git worktree unlock ${path}, then look at: ` +
        `git -C ${path} status`,
    );
  }
  switch (existing) {
    case "reuse":
      return { kind: "reuse", branch };
    case "recreate":
      return branchAt === undefined
        ? { kind: "recreate" }
        : refuse(...takenElsewhere(wanted, branchAt));
    case "refuse":
      return {
        ...refuse(
          `There is a worktree at ${path} already`,
          "To use it: --reuse-existing-worktree. To put it aside and make a " +
            "new one: --recreate-existing-worktree",
        ),
        isThere: true,
      };
  }
}

function takenElsewhere(
  branch: string,
  at: string,
): readonly [message: string, hint: string] {
  return [
    `The branch ${branch} is checked out in ${at}`,
    "Use that worktree, or check out another branch in it.",
  ];
}

function refuse(
  message: string,
  hint: string,
): Extract<WorktreeVerdict, { readonly kind: "refuse" }> {
  return { kind: "refuse", isThere: false, message, hint };
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).join(", ");
  const more = names.length - SHOWN_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** What a worktree that shall be put aside still holds. */
export interface WorktreeWork {
  /** Files that are changed or that Git does not know. */
  readonly dirty: readonly string[];
  /** What is under way in it, such as `a merge`. */
  readonly unfinished: readonly string[];
  /** How many commits are on no other branch, tag or remote. */
  readonly unpushed: number;
  /** Names of what may run of it. */
  readonly running: readonly string[];
  /** Why Git keeps it locked; `undefined` for one that is not. */
  readonly lock: string | undefined;
}

/** Why a worktree must not be put aside; empty when it may be. */
export function whyKeep(
  work: WorktreeWork,
  { isForced }: { readonly isForced: boolean },
): readonly string[] {
  const always = [
    ...work.running.length === 0
      ? []
      : [`${work.running.join(", ")} may run in it`],
    ...work.unfinished.map((what) => `it is in the middle of ${what}`),
    ...work.lock === undefined ? [] : ["Git keeps it locked"],
  ];
  if (isForced) return always;
  return [
    ...always,
    ...work.dirty.length === 0
      ? []
      : [`it has changes in ${namesText(work.dirty)}`],
    ...work.unpushed === 0
      ? []
      : [`${work.unpushed} of its commits are nowhere else`],
  ];
}
