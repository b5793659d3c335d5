/**
 * What there is where a worktree is wanted. Looks only.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { branchOf } from "./git_checkout.ts";
import { askGit, gitError, type GitHost, runGit } from "./git_run.ts";
import type { EnvironmentPlace } from "./place.ts";
import { branchName, type WorktreeKey, worktreePath } from "./worktree_name.ts";

/** What looking at worktrees needs of the world. */
export type WorktreeHost = GitHost & Pick<Host, "files">;

/** A worktree that Git knows. */
export interface KnownWorktree {
  /** Its directory. */
  readonly path: string;
  /** Branch that is checked out. */
  readonly branch: string | undefined;
  /** Why it is locked; `undefined` for one that is not. */
  readonly lock: string | undefined;
}

/** The repository that worktrees are made in. */
export interface TreeRepository {
  /** Root of its main checkout. */
  readonly root: string;
  /** Its Git directory, which all worktrees share. */
  readonly gitDirectory: string;
  /** Canonical directory of the worktrees. */
  readonly trees: string;
  /** Every worktree that Git knows, by canonical path. */
  readonly known: ReadonlyMap<string, KnownWorktree>;
  /** Where new ones begin. */
  readonly start: StartPoint;
}

/** Where a new worktree begins: what is checked out where reeve was called. */
export interface StartPoint {
  /** Commit. */
  readonly commit: string;
  /** Its branch; `undefined` for none. */
  readonly branch: string | undefined;
  /** The checkout. */
  readonly checkout: string;
}

/** What is at the path of a worktree. */
export type Occupant =
  | { readonly kind: "nothing" }
  | { readonly kind: "empty_directory" }
  | { readonly kind: "file" }
  /** The path leads elsewhere. */
  | { readonly kind: "link"; readonly to: string }
  /** A directory that is no worktree of this repository. */
  | {
    readonly kind: "stray";
    readonly names: readonly string[];
    readonly isCheckout: boolean;
  }
  | { readonly kind: "worktree"; readonly branch: string | undefined };

/** The facts about one wanted worktree. */
export interface WorktreeFacts {
  /** Its directory. */
  readonly path: string;
  /** The branch that it should have. */
  readonly branch: string;
  /** What is there. */
  readonly occupant: Occupant;
  /** What Git knows of that path. */
  readonly known: KnownWorktree | undefined;
  /** Commit of the branch, if there is one. */
  readonly tip: string | undefined;
  /** Other worktree that has the branch checked out. */
  readonly branchAt: string | undefined;
}

/**
 * Looks at a repository.
 *
 * @throws {KnownError} `unusable` for one without Git, or without a commit.
 */
export async function openTreeRepository(
  host: WorktreeHost,
  place: Pick<EnvironmentPlace, "executionRoot" | "loaded" | "repositoryRoot">,
): Promise<TreeRepository> {
  const { repositoryRoot: root, executionRoot: checkout } = place;
  const gitDirectory = await gitDirectoryOf(host, root);
  const [list, commit, branch] = await Promise.all([
    runGit(host, { cwd: root, args: ["worktree", "list", "--porcelain"] }),
    commitOf(host, checkout, "HEAD"),
    branchOf(host, checkout),
  ]);
  if (commit === undefined) {
    throw new KnownError("unusable", `${checkout} has no commit yet`, {
      hint: "Make the first one: git commit",
    });
  }
  const { treesDirectory } = place.loaded.settings;
  const known = await Promise.all(
    parseWorktrees(list).map(async (one) =>
      [await host.files.realPath(one.path), one] as const
    ),
  );
  return {
    root,
    gitDirectory,
    trees: await host.files.realPath(joinPath(root, treesDirectory)),
    known: new Map(known),
    start: { commit, branch, checkout },
  };
}

async function gitDirectoryOf(
  host: WorktreeHost,
  root: string,
): Promise<string> {
  const args = ["rev-parse", "--path-format=absolute"];
  const call = {
    cwd: root,
    args: [...args, "--git-common-dir", "--show-toplevel"],
  };
  const answer = await askGit(host, call);
  const [directory = "", top = ""] = answer.stdout.split("\n");
  if (answer.code === 0 && await host.files.realPath(top) === root) {
    return directory;
  }
  const isNone = answer.code === 0 || /not a git repo/i.test(answer.stderr);
  if (!isNone) throw gitError(call, answer);
  throw new KnownError(
    "unusable",
    `${root} is not the root of a Git checkout`,
    {
      hint: "Worktrees need one: git init, then git commit",
    },
  );
}

/** What `git worktree list --porcelain` says. */
export function parseWorktrees(text: string): readonly KnownWorktree[] {
  return text.split(/\n\n+/).flatMap((block) => {
    const lines = block.split("\n");
    const valueOf = (key: string) =>
      lines.find((line) => line === key || line.startsWith(`${key} `))
        ?.slice(key.length + 1);
    const path = valueOf("worktree");
    if (path === undefined) return [];
    return [{
      path,
      branch: valueOf("branch")?.replace(/^refs\/heads\//, ""),
      lock: valueOf("locked"),
    }];
  });
}

/** The commit that a name stands for. */
export async function commitOf(
  host: GitHost,
  cwd: string,
  name: string,
): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", `${name}^{commit}`];
  const { code, stdout } = await askGit(host, { cwd, args });
  return code === 0 ? stdout.trim() : undefined;
}

/** Looks at one wanted worktree. */
export async function lookAtWorktree(
  host: WorktreeHost,
  repository: TreeRepository,
  key: WorktreeKey,
): Promise<WorktreeFacts> {
  const path = worktreePath(repository.trees, key);
  const branch = branchName(key);
  const known = repository.known.get(path);
  const [occupant, tip] = await Promise.all([
    occupantOf(host, path, known),
    commitOf(host, repository.root, `refs/heads/${branch}`),
  ]);
  const branchAt = [...repository.known].find(([at, one]) =>
    at !== path && one.branch === branch
  )?.[0];
  return { path, branch, occupant, known, tip, branchAt };
}

async function occupantOf(
  host: WorktreeHost,
  path: string,
  known: KnownWorktree | undefined,
): Promise<Occupant> {
  const { files } = host;
  const real = await files.realPath(path);
  if (real !== path) return { kind: "link", to: real };
  const kind = (await files.stat(path))?.kind;
  if (kind === undefined) return { kind: "nothing" };
  if (kind !== "directory") return { kind: "file" };
  const names = await files.list(path);
  if (names.length === 0) return { kind: "empty_directory" };
  const isCheckout = names.includes(".git");
  if (isCheckout && known !== undefined) {
    return { kind: "worktree", branch: known.branch };
  }
  return { kind: "stray", names, isCheckout };
}
