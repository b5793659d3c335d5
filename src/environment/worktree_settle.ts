/**
 * Finishes the worktree that an interrupted command was making. What is there
 * stays; only what is missing is added.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { joinPath, parentPath } from "../host/path.ts";
import { askGit, runGit } from "./git_run.ts";
import {
  clearWorktreeIntent,
  readWorktreeIntent,
  WORKTREE_VARIABLE,
  type WorktreeIntent,
} from "./worktree_intent.ts";
import {
  finishWorktree,
  type MakeHost,
  type TreeWork,
} from "./worktree_make.ts";
import { WORKTREE_STATE } from "./worktree_name.ts";
import { MAKING } from "./worktree_verdict.ts";

/** What became of what an interrupted command was making. */
export interface SettledWorktree {
  /** Its directory. */
  readonly path: string;
  /** What was done about it, as sentences. */
  readonly notes: readonly string[];
}

/** How long Git may take to end what it has begun, in milliseconds. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/**
 * Finishes what an interrupted command was making, or forgets it where Git has
 * not begun.
 *
 * @returns `undefined` where there is nothing to finish.
 * @throws {KnownError} `lock_busy` while the Git of that command still works.
 */
export async function settleWorktree(
  host: MakeHost,
  work: TreeWork,
): Promise<SettledWorktree | undefined> {
  const { paths } = work.place;
  const intent = await readWorktreeIntent(host, paths);
  if (intent === undefined) return undefined;
  await waitForGit(host, intent);
  const { aside, path } = intent;
  const isOurs = isBelow(path, work.repository.trees);
  if (aside !== undefined && isOurs) await cutOff(host, intent, aside);
  if (!isOurs || !await isThere(host, path)) {
    await clearWorktreeIntent(host, paths, work.lease);
    return undefined;
  }
  const notes = [
    `An earlier command was interrupted while it made ${path}: finished`,
    ...await addMissing(host, path),
    ...await finishWorktree(host, work, intent),
  ];
  return { path, notes };
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`) || path.startsWith(`${directory}\\`);
}

async function isThere(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<boolean> {
  return await files.stat(joinPath(path, ".git")) !== undefined;
}

/** The old worktree is not one any more, as soon as it has another name. */
async function cutOff(
  host: MakeHost,
  { path }: WorktreeIntent,
  aside: string,
): Promise<void> {
  const isSibling = parentPath(aside) === parentPath(path);
  if (isSibling) await host.files.remove(joinPath(aside, ".git"));
}

async function waitForGit(
  host: MakeHost,
  { path, token }: WorktreeIntent,
): Promise<void> {
  const begin = host.clock.elapsed();
  while (true) {
    const pids = await gitsOf(host, token);
    if (pids.length === 0) return;
    if (host.clock.elapsed() - begin > PATIENCE_MS) {
      throw new KnownError(
        "lock_busy",
        `The git of an interrupted command still makes ${path}: process ${
          pids.join(", ")
        }`,
        { hint: "Wait for it to end, then try again." },
      );
    }
    await host.clock.sleep(PAUSE_MS);
  }
}

async function gitsOf(
  { processes }: Pick<Host, "processes">,
  token: string,
): Promise<readonly number[]> {
  const listing = await processes.table();
  if (listing.kind === "unknown") {
    throw new KnownError(
      "unusable",
      `Cannot tell whether an interrupted git still works: ${listing.reason}`,
      { hint: "Processes must be visible, as with /proc on Linux." },
    );
  }
  const alive = listing.rows.filter(({ state }) => state !== "zombie");
  const found = await processes.readVariable(
    WORKTREE_VARIABLE,
    alive.map(({ pid }) => pid),
  );
  return [...found].filter(([, value]) => value === token).map(([pid]) => pid);
}

/** Checks out what Git has not got to, and nothing over what is there. */
async function addMissing(
  host: MakeHost,
  path: string,
): Promise<readonly string[]> {
  const run = (...args: readonly string[]) => runGit(host, { cwd: path, args });
  const own = await run("rev-parse", "--absolute-git-dir");
  const lock = await lockOf(host, own);
  // Git takes its lock away when a worktree is complete.
  if (lock !== MAKING) return [];
  await host.files.remove(joinPath(own, "index.lock"));
  if (await host.files.stat(joinPath(own, "index")) === undefined) {
    await run("read-tree", "HEAD");
  }
  const notes = await putTornAside(host, path);
  await askGit(host, {
    cwd: path,
    args: ["checkout-index", "--all", "--quiet"],
  });
  await askGit(host, { cwd: path, args: ["update-index", "-q", "--refresh"] });
  await host.files.remove(joinPath(own, "locked"));
  return notes;
}

async function lockOf(
  { files }: Pick<Host, "files">,
  own: string,
): Promise<string | undefined> {
  const path = joinPath(own, "locked");
  if (await files.stat(path) === undefined) return undefined;
  return (await files.readText(path)).trim();
}

/** Files that are not as the branch has them may be torn, or somebody's. */
async function putTornAside(
  host: MakeHost,
  path: string,
): Promise<readonly string[]> {
  const args = ["diff", "--name-only", "-z", "--diff-filter=MT"];
  const { stdout } = await askGit(host, { cwd: path, args });
  const torn = stdout.split("\0").filter((name) => name !== "");
  for (const name of torn) {
    const to = joinPath(path, WORKTREE_STATE, "interrupted", name);
    host.blocking.makeDirectory(parentPath(to));
    host.blocking.rename(joinPath(path, name), to);
  }
  return torn.length === 0 ? [] : [
    `These were torn and are in ${WORKTREE_STATE}/interrupted: ${
      torn.join(", ")
    }`,
  ];
}
