/**
 * Makes the worktrees that a line wants, or tells what it would do.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Project } from "../environment/model.ts";
import { takeLease } from "../environment/lifecycle_lease.ts";
import { observeRecorded, observeRuns } from "../environment/observe.ts";
import { readLedger } from "../environment/port_file.ts";
import { forgetProjects } from "../environment/port_ledger.ts";
import { listProjects } from "../environment/projects.ts";
import type { Route } from "../environment/route_types.ts";
import { wholeNumber } from "../environment/route_words.ts";
import { mayRun } from "../environment/start_scope.ts";
import {
  openTreeRepository,
  type TreeRepository,
} from "../environment/worktree_facts.ts";
import { readWorktreeIntent } from "../environment/worktree_intent.ts";
import { settleWorktree } from "../environment/worktree_settle.ts";
import { makeTrees, type TreeResult } from "../environment/worktree_apply.ts";
import {
  planTrees,
  type StepScope,
  type TreeStep,
  type TreeWish,
} from "../environment/worktree_steps.ts";
import type { EnvironmentSession } from "./environment_session.ts";
import { lossError } from "../environment/lost_records.ts";
import { describeResult } from "./environment_worktree_text.ts";

/** What became of the worktrees of a line. */
export interface TreeOutcome {
  /** The repository, before anything was made. */
  readonly repository: TreeRepository;
  /** Each worktree, and what came of it; for a dry run what would be done. */
  readonly results: readonly TreeResult[];
  /** What else there is to say, as sentences. */
  readonly notes: readonly string[];
}

/** Says what would be done about worktrees. Changes nothing. */
export async function previewTrees(
  session: EnvironmentSession,
  wishes: readonly TreeWish[],
): Promise<TreeOutcome> {
  const { host, place } = session;
  const repository = await openTreeRepository(host, place);
  const [steps, intent] = await Promise.all([
    planTrees(host, scopeOf(session, repository), wishes),
    readWorktreeIntent(host, place.paths),
  ]);
  const notes = intent === undefined ? [] : [
    `An earlier command was interrupted while it made ${intent.path}: ` +
    "it would be finished first",
  ];
  return { repository, results: steps.map(untouched), notes };
}

function untouched(step: TreeStep): TreeResult {
  return { step, aside: undefined, notes: [] };
}

/**
 * Makes worktrees, and finishes first what an interrupted command has begun.
 *
 * @throws {KnownError} `lock_busy` while another command changes the
 * environment; `unusable` for what cannot be made.
 */
export async function setUpTrees(
  session: EnvironmentSession,
  wishes: readonly TreeWish[],
): Promise<TreeOutcome> {
  const { host, place, route } = session;
  using lease = await takeLease(host, place.paths, `reeve ${route.command}`);
  const open = () => openTreeRepository(host, place);
  const first = await open();
  const settled = await settleWorktree(host, {
    place,
    repository: first,
    lease,
  });
  const repository = settled === undefined ? first : await open();
  const scope = scopeOf(session, repository);
  const steps = await planTrees(host, scope, wishes);
  const results = await makeTrees(host, { place, repository, lease }, steps);
  return { repository, results, notes: settled?.notes ?? [] };
}

function scopeOf(
  { host, place, route }: EnvironmentSession,
  repository: TreeRepository,
): StepScope {
  return {
    repository,
    isForced: route.flags.force === true,
    async runningIn(path) {
      const runs = await observeRuns(host, place, {});
      return runs.flatMap(({ run, units }) => {
        const here = new Set(
          run.projects.filter(({ root }) => root === path)
            .map(({ name }) => name),
        );
        return units.filter((unit) => here.has(unit.project) && mayRun(unit))
          .map(({ name }) => name);
      });
    },
  };
}

/** The projects of worktrees that are there now. */
export async function projectsOfTrees(
  { host, place }: EnvironmentSession,
  { results }: TreeOutcome,
): Promise<readonly Project[]> {
  const paths = new Set(results.map(({ step }) => step.facts.path));
  return (await listProjects(host, place, "trees"))
    .filter(({ root }) => paths.has(root));
}

/**
 * Refuses flags that would say nothing, so that nobody relies on them.
 *
 * @throws {KnownError} `usage`.
 */
export function requireTreeFlags(
  { command, flags }: Pick<Route, "command" | "flags">,
): void {
  const one = "--setup-worktree FEATURE ITERATION";
  const isOne = command === "ensure-worktree" ||
    flags.setupWorktree !== undefined;
  const isAny = command === "plan" || isOne ||
    flags.setupWorktrees !== undefined;
  const [token, goesWith] = flags.worktree !== undefined && !isOne
    ? [`--${flags.worktree}-existing-worktree`, one]
    : flags.includeExisting !== undefined && !isAny
    ? ["--include-existing-worktrees", one]
    : flags.force === true && flags.worktree !== "recreate"
    ? ["--force", "--recreate-existing-worktree"]
    : [];
  if (token === undefined) return;
  throw new KnownError("usage", `${token} says nothing here`, {
    hint: `It goes with ${goesWith}.`,
  });
}

/** What the flags of a line want, besides what its words want. */
export function treeWishesOf(
  { flags }: Pick<Route, "flags">,
): readonly TreeWish[] {
  const { setupWorktree = [], setupWorktrees = [], worktree } = flags;
  const iterations = existingIterations(flags.includeExisting ?? []);
  const features = new Set(
    [...setupWorktree, ...setupWorktrees].map(({ feature }) => feature),
  );
  return [
    ...[...features].map((feature): TreeWish => ({
      kind: "existing",
      feature,
      iterations,
      task: undefined,
    })),
    ...setupWorktree.map(({ feature, count }): TreeWish => ({
      kind: "one",
      feature,
      iteration: count,
      existing: worktree ?? "refuse",
    })),
    ...setupWorktrees.map(({ feature, count }): TreeWish => ({
      kind: "more",
      feature,
      count,
    })),
  ];
}

/** The numbers after `--include-existing-worktrees`. */
export function existingIterations(
  words: readonly string[],
): readonly number[] {
  return words.map((word) => {
    const iteration = wholeNumber(word, 1);
    if (iteration !== undefined) return iteration;
    throw new KnownError(
      "usage",
      `--include-existing-worktrees takes numbers of worktrees, not ${word}`,
      { hint: "Such as: --include-existing-worktrees 1,3" },
    );
  });
}

/**
 * A line about starting whose worktrees are made and whose ports are forgotten,
 * as far as it wants that. It then names the projects to start.
 */
export async function withWorktrees(
  session: EnvironmentSession,
): Promise<EnvironmentSession> {
  const { host, isJson, route } = session;
  if (route.command !== "start") return session;
  requireTreeFlags(route);
  const wishes = treeWishesOf(route);
  if (wishes.length === 0) return await withForgottenPorts(session);
  const outcome = await setUpTrees(session, wishes);
  if (!isJson) {
    for (const note of outcome.notes) host.terminal.err(`${note}.\n`);
    for (const result of outcome.results) {
      host.terminal.err(`${describeResult(result, outcome.repository)}\n`);
    }
  }
  const made = await projectsOfTrees(session, outcome);
  return await withForgottenPorts(
    startingSession(session, made.map(({ name }) => name)),
  );
}

/** The line `reeve start` for these projects, with the flags of another one. */
export function startingSession(
  session: EnvironmentSession,
  projects: readonly string[],
): EnvironmentSession {
  const { route } = session;
  const {
    includeExisting: _existing,
    setupWorktree: _one,
    setupWorktrees: _more,
    worktree: _rule,
    ...flags
  } = route.flags;
  const words = route.command === "plan" ? [] : route.words;
  const passthrough = route.command === "plan" ? [] : route.passthrough;
  return {
    ...session,
    route: {
      ...route,
      command: "start",
      mode: "trees",
      projects: [...new Set([...route.projects, ...projects])],
      words,
      passthrough,
      flags,
    },
  };
}

/**
 * Forgets the slots of the chosen projects that do not run. Where none is
 * named, those of worktrees that are gone are forgotten too.
 *
 * @throws {KnownError} `lock_busy` while another command changes the
 * environment: what it starts has a slot and is not recorded yet;
 * `damaged_file` where nobody can tell what runs.
 */
export async function withForgottenPorts(
  session: EnvironmentSession,
): Promise<EnvironmentSession> {
  const { host, place, route } = session;
  if (route.flags.clearPorts !== true) return session;
  using _ = await takeLease(host, place.paths, `reeve ${route.command}`);
  const [{ ledger }, { notes, runs }] = await Promise.all([
    readLedger(host, place.paths),
    observeRecorded(host, place, {}),
  ]);
  const lost = lossError(notes);
  if (lost !== undefined) throw lost;
  const busy = new Set(
    runs.flatMap(({ units }) => units.filter(mayRun))
      .map(({ project }) => project),
  );
  const idle = ledger.slots.filter(({ project, scope }) =>
    scope === place.scope && !busy.has(project) &&
    (route.projects.length === 0 || route.projects.includes(project))
  );
  const names = idle.map(({ project }) => project);
  await forgetProjects(host, place.paths, place.scope, names);
  return session;
}
