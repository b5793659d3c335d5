/**
 * From the worktrees that a line wants to what is done about each. Whoever only
 * asks gets the same steps as whoever acts.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { joinPath } from "../host/path.ts";
import {
  lookAtWorktree,
  type TreeRepository,
  type WorktreeFacts,
  type WorktreeHost,
} from "./worktree_facts.ts";
import { lookAtWork } from "./worktree_make.ts";
import { iterationsIn, TASK_FILE, type WorktreeKey } from "./worktree_name.ts";
import {
  type ExistingRule,
  judgeWorktree,
  whyKeep,
  type WorktreeVerdict,
} from "./worktree_verdict.ts";

/** A plan, as worktrees get it. */
export interface Task {
  /** Its path below the directory of plans. */
  readonly plan: string;
  /** Its text. */
  readonly text: string;
}

/** Worktrees that a line wants. */
export type TreeWish =
  /** This one. */
  | (WorktreeKey & { readonly kind: "one"; readonly existing: ExistingRule })
  /** So many new ones. */
  | {
    readonly kind: "more";
    readonly feature: string;
    readonly count: number;
  }
  /** Those that there are, else a first one. */
  | { readonly kind: "any"; readonly feature: string; readonly task: Task }
  /** These, which must be there. */
  | {
    readonly kind: "existing";
    readonly feature: string;
    readonly iterations: readonly number[];
    readonly task: Task | undefined;
  };

/** A verdict that can be carried out. */
export type FeasibleVerdict = Exclude<
  WorktreeVerdict,
  { readonly kind: "refuse" }
>;

/** What is done about one worktree. */
export interface TreeStep {
  /** Which one. */
  readonly key: WorktreeKey;
  /** What there is. */
  readonly facts: WorktreeFacts;
  /** What is done. */
  readonly verdict: FeasibleVerdict;
  /** Changed files of one that is put aside. */
  readonly dirty: readonly string[];
  /** The plan that it is for. */
  readonly task: Task | undefined;
  /** Whether the plan is copied into it. */
  readonly copiesTask: boolean;
}

/** What deciding needs besides the world. */
export interface StepScope {
  /** The repository. */
  readonly repository: TreeRepository;
  /** Whether `--force` was given. */
  readonly isForced: boolean;
  /** Names of what may run in a directory. */
  readonly runningIn: (path: string) => Promise<readonly string[]>;
}

/** A higher one is nobody's lowest free one. */
const LAST_ITERATION = 999;

/**
 * Decides about every wish, in their order.
 *
 * @throws {KnownError} `unusable` for the first that cannot be carried out.
 */
export async function planTrees(
  host: WorktreeHost,
  scope: StepScope,
  wishes: readonly TreeWish[],
): Promise<readonly TreeStep[]> {
  const steps = new Map<string, TreeStep>();
  const add = (step: TreeStep) => {
    if (!steps.has(step.facts.path)) steps.set(step.facts.path, step);
  };
  for (const wish of wishes) {
    switch (wish.kind) {
      case "one":
        add(await stepFor(host, scope, wish, wish.existing, undefined));
        break;
      case "more":
        for (let made = 0; made < wish.count; made++) {
          add(await freeStep(host, scope, wish.feature, steps, undefined));
        }
        break;
      case "any": {
        const found = await foundSteps(host, scope, wish);
        found.forEach(add);
        if (found.length > 0) break;
        add(await freeStep(host, scope, wish.feature, steps, wish.task));
        break;
      }
      case "existing":
        for (const iteration of wish.iterations) {
          const key = { feature: wish.feature, iteration };
          add(await requireStep(host, scope, key, wish.task));
        }
    }
  }
  return [...steps.values()];
}

async function stepFor(
  host: WorktreeHost,
  scope: StepScope,
  { feature, iteration }: WorktreeKey,
  existing: ExistingRule,
  task: Task | undefined,
): Promise<TreeStep> {
  const key = { feature, iteration };
  const facts = await lookAtWorktree(host, scope.repository, key);
  const verdict = judgeWorktree(facts, existing);
  if (verdict.kind === "refuse") throw refused(verdict);
  const dirty = verdict.kind === "recreate"
    ? await requireIdle(host, scope, facts)
    : [];
  const isThere = verdict.kind === "reuse" &&
    await host.files.stat(joinPath(facts.path, TASK_FILE)) !== undefined;
  const copiesTask = task !== undefined && !isThere;
  return { key, facts, verdict, dirty, task, copiesTask };
}

function refused(
  { hint, message }: Extract<WorktreeVerdict, { readonly kind: "refuse" }>,
): KnownError {
  return new KnownError("unusable", message, { hint });
}

/** What is changed in a worktree that may be put aside. */
async function requireIdle(
  host: WorktreeHost,
  { isForced, runningIn }: StepScope,
  facts: WorktreeFacts,
): Promise<readonly string[]> {
  const { path } = facts;
  const running = await runningIn(path);
  const work = { ...await lookAtWork(host, facts), running };
  const reasons = whyKeep(work, { isForced });
  if (reasons.length === 0) return work.dirty;
  const isStuck = whyKeep(work, { isForced: true }).length > 0;
  throw new KnownError(
    "unusable",
    `${path} is not made anew: ${reasons.join("; ")}`,
    {
      hint: running.length > 0
        ? "End it first: reeve stop --trees"
        : isStuck
        ? "Finish that first."
        : "Commit and push, or add --force: its files and commits are kept.",
    },
  );
}

async function foundSteps(
  host: WorktreeHost,
  scope: StepScope,
  { feature, task }: Extract<TreeWish, { readonly kind: "any" }>,
): Promise<readonly TreeStep[]> {
  const { repository } = scope;
  const names = await host.files.list(joinPath(repository.trees, feature));
  const steps: TreeStep[] = [];
  for (const iteration of iterationsIn(names)) {
    const key = { feature, iteration };
    const { occupant } = await lookAtWorktree(host, repository, key);
    if (occupant.kind !== "worktree") continue;
    steps.push(await stepFor(host, scope, key, "reuse", task));
  }
  return steps;
}

async function requireStep(
  host: WorktreeHost,
  scope: StepScope,
  key: WorktreeKey,
  task: Task | undefined,
): Promise<TreeStep> {
  const step = await stepFor(host, scope, key, "reuse", task);
  if (step.verdict.kind === "reuse") return step;
  const { feature, iteration } = key;
  throw new KnownError(
    "not_found",
    `There is no worktree ${iteration} of ${feature}`,
    { hint: `Make it: reeve ensure-worktree ${feature} ${iteration}` },
  );
}

/** The lowest iteration at which nothing is. */
async function freeStep(
  host: WorktreeHost,
  scope: StepScope,
  feature: string,
  taken: ReadonlyMap<string, TreeStep>,
  task: Task | undefined,
): Promise<TreeStep> {
  for (let iteration = 1; iteration <= LAST_ITERATION; iteration++) {
    const key = { feature, iteration };
    const facts = await lookAtWorktree(host, scope.repository, key);
    if (taken.has(facts.path)) continue;
    const verdict = judgeWorktree(facts, "refuse");
    if (verdict.kind !== "create") continue;
    const copiesTask = task !== undefined;
    return { key, facts, verdict, dirty: [], task, copiesTask };
  }
  throw new KnownError(
    "unusable",
    `${feature} has ${LAST_ITERATION} worktrees already`,
    { hint: "Choose another name." },
  );
}
