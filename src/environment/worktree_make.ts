/**
 * Makes a worktree, on its branch as it is or on a new one.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { baseName, joinPath, parentPath } from "../host/path.ts";
import { askGit, gitError, runGit } from "./git_run.ts";
import type { Lease } from "./lifecycle_lease.ts";
import type { EnvironmentPlace } from "./place.ts";
import type {
  TreeRepository,
  WorktreeFacts,
  WorktreeHost,
} from "./worktree_facts.ts";
import {
  clearWorktreeIntent,
  WORKTREE_VARIABLE,
  type WorktreeIntent,
  writeWorktreeIntent,
} from "./worktree_intent.ts";
import {
  hideFromGit,
  linkPaths,
  markWorktree,
  type NewWorktree,
} from "./worktree_mark.ts";
import type { WorktreeKey } from "./worktree_name.ts";
import type { WorktreeWork } from "./worktree_verdict.ts";

/** What making worktrees needs of the world. */
export type MakeHost = Pick<
  Host,
  "blocking" | "clock" | "env" | "files" | "processes" | "programs" | "random"
>;

/** The right and the place to make worktrees. */
export interface TreeWork {
  /** The environment. */
  readonly place: Pick<EnvironmentPlace, "loaded" | "paths">;
  /** The repository. */
  readonly repository: TreeRepository;
  /** The right to change it. */
  readonly lease: Lease;
}

/** A worktree to make. */
export interface WantedWorktree extends WorktreeKey {
  /** The plan that it is for, below the directory of plans. */
  readonly plan: string | undefined;
}

const MAKE_TIMEOUT_MS = 10 * 60_000;
const TOKEN_BYTES = 16;
const TIME_DIGITS = 14;
const STAMP_BYTES = 4;
const UNMERGED = /^(?:DD|AA|.U|U.) /;
const MERGE_FILES: Readonly<Record<string, string>> = {
  "BISECT_LOG": "a bisection",
  "CHERRY_PICK_HEAD": "a cherry-pick",
  "MERGE_HEAD": "a merge",
  "REVERT_HEAD": "a revert",
  "rebase-apply": "a rebase",
  "rebase-merge": "a rebase",
};

/**
 * Makes a worktree.
 *
 * @returns what did not go as wanted without being an error, as sentences.
 * @throws {KnownError} with what Git says; then nothing of it is left.
 */
export async function createWorktree(
  host: MakeHost,
  work: TreeWork,
  wanted: WantedWorktree,
  facts: WorktreeFacts,
): Promise<readonly string[]> {
  const intent = intentOf(host, work, wanted, facts, undefined);
  await writeWorktreeIntent(host, work.place.paths, work.lease, intent);
  return await addWorktree(host, work, intent, facts);
}

/** A worktree that was put aside. */
export interface PutAside {
  /** Where its files are now. */
  readonly directory: string;
  /** Name that keeps its commits, and what was changed in it. */
  readonly ref: string;
  /** What did not go as wanted, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Puts a worktree aside and makes it anew on its branch. Not a byte of the old
 * one is deleted: its directory gets another name, and its commits a ref.
 */
export async function recreateWorktree(
  host: MakeHost,
  work: TreeWork,
  wanted: WantedWorktree,
  facts: WorktreeFacts,
  isDirty: boolean,
): Promise<PutAside> {
  const { path } = facts;
  const time = new Date(host.clock.now()).toISOString().replace(/\D/g, "");
  const stamp = `${time.slice(0, TIME_DIGITS)}-${host.random.hex(STAMP_BYTES)}`;
  const name = `.replaced-${baseName(path)}-${stamp}`;
  const directory = joinPath(parentPath(path), name);
  const ref = `refs/reeve/replaced/${facts.branch}/${stamp}`;
  const changes = isDirty ? await stashOf(host, path) : "";
  const commit = changes || "HEAD";
  await runGit(host, { cwd: path, args: ["update-ref", ref, commit] });
  const intent = intentOf(host, work, wanted, facts, directory);
  await writeWorktreeIntent(host, work.place.paths, work.lease, intent);
  host.blocking.rename(path, directory);
  // Its link would lead to what Git keeps for the new one.
  await host.files.remove(joinPath(directory, ".git"));
  const notes = await addWorktree(host, work, intent, {
    ...facts,
    occupant: { kind: "nothing" },
  });
  return { directory, ref, notes };
}

/** A commit with what is changed in a worktree; the worktree stays as it is. */
async function stashOf(host: MakeHost, path: string): Promise<string> {
  const person = "reeve";
  return await runGit(host, {
    cwd: path,
    args: ["stash", "create"],
    env: {
      "GIT_AUTHOR_NAME": person,
      "GIT_AUTHOR_EMAIL": `${person}@localhost`,
      "GIT_COMMITTER_NAME": person,
      "GIT_COMMITTER_EMAIL": `${person}@localhost`,
    },
  });
}

function intentOf(
  { random }: Pick<Host, "random">,
  { repository: { start } }: TreeWork,
  { feature, iteration, plan }: WantedWorktree,
  { branch, path }: WorktreeFacts,
  aside: string | undefined,
): WorktreeIntent {
  const token = random.hex(TOKEN_BYTES);
  return { token, feature, iteration, path, branch, start, aside, plan };
}

async function addWorktree(
  host: MakeHost,
  work: TreeWork,
  intent: WorktreeIntent,
  { branch, known, path, tip }: WorktreeFacts,
): Promise<readonly string[]> {
  const { place, repository, lease } = work;
  const { links, runsHooks } = place.loaded.settings.worktrees;
  await hideFromGit(host, repository, links);
  const where = tip === undefined
    ? ["--no-track", "-b", branch, path, intent.start.commit]
    : [path, branch];
  const call = {
    cwd: repository.root,
    args: [
      ...runsHooks ? [] : ["-c", "core.hooksPath=/dev/null"],
      // Without a word it goes on when nobody listens to it any more.
      ...["worktree", "add", "--quiet"],
      // Git remembers one whose directory is gone.
      ...known === undefined ? [] : ["--force"],
      ...where,
    ],
    env: { [WORKTREE_VARIABLE]: intent.token },
    timeoutMs: MAKE_TIMEOUT_MS,
  };
  const answer = await askGit(host, call);
  if (answer.code !== 0) {
    if (tip === undefined) await dropNewBranch(host, repository, intent);
    await clearWorktreeIntent(host, place.paths, lease);
    throw withAside(gitError(call, answer), intent);
  }
  return await finishWorktree(host, work, intent);
}

/** The branch of a worktree that was not made, if nothing was added to it. */
async function dropNewBranch(
  host: MakeHost,
  { root }: TreeRepository,
  { branch, start }: WorktreeIntent,
): Promise<void> {
  const args = ["update-ref", "-d", `refs/heads/${branch}`, start.commit];
  await askGit(host, { cwd: root, args });
}

function withAside(error: KnownError, { aside, path }: WorktreeIntent) {
  if (aside === undefined) return error;
  const message = `${error.message}; the files of ${path} are in ${aside}`;
  return new KnownError(error.code, message, {
    cause: error,
    ...error.hint === undefined ? {} : { hint: error.hint },
  });
}

/** Gives a worktree that Git has made its mark and its links. */
export async function finishWorktree(
  host: MakeHost,
  { place, repository, lease }: TreeWork,
  made: NewWorktree,
): Promise<readonly string[]> {
  const { worktrees } = place.loaded.settings;
  await markWorktree(host, made);
  const notes = await linkPaths(host, repository.root, made.path, worktrees);
  await clearWorktreeIntent(host, place.paths, lease);
  return notes;
}

/** What a worktree holds that its branch on a server has not. */
export async function lookAtWork(
  host: WorktreeHost,
  { known, path }: WorktreeFacts,
): Promise<Omit<WorktreeWork, "running">> {
  const run = (...args: readonly string[]) => runGit(host, { cwd: path, args });
  const branch = known?.branch;
  const [status, own, count] = await Promise.all([
    run("status", "--porcelain=v1", "-z", "--untracked-files=all"),
    run("rev-parse", "--absolute-git-dir"),
    run(
      ...["rev-list", "--count", "HEAD", "--not"],
      ...branch === undefined ? [] : [`--exclude=${branch}`],
      ...["--branches", "--remotes", "--tags"],
    ),
  ]);
  const under = await host.files.list(own);
  const dirty = status.split("\0").filter((entry) => entry !== "");
  const unfinished = [
    ...under.flatMap((name) => MERGE_FILES[name] ?? []),
    ...dirty.some((entry) => UNMERGED.test(entry)) ? ["a merge"] : [],
  ];
  return {
    dirty: dirty.map((entry) => entry.replace(/^.. /, "")),
    unfinished: [...new Set(unfinished)],
    unpushed: Number(count),
    lock: known?.lock,
  };
}
