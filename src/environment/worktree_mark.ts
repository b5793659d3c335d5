/**
 * What a new worktree gets besides its files: where it comes from, the plan
 * that it is for, and links. None of it is for Git to see.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { formatDocument, isoTime } from "./document_codec.ts";
import type { WorktreeChoice } from "./model.ts";
import type { StartPoint, TreeRepository } from "./worktree_facts.ts";
import {
  TASK_FILE,
  WORKTREE_MARK,
  WORKTREE_STATE,
  type WorktreeKey,
} from "./worktree_name.ts";

/** What marking needs of the world. */
export type MarkHost = Pick<Host, "clock" | "env" | "files" | "programs">;

/** A worktree that was made. */
export interface NewWorktree extends WorktreeKey {
  /** Its directory. */
  readonly path: string;
  /** Its branch. */
  readonly branch: string;
  /** What was checked out where reeve was called. */
  readonly start: StartPoint;
  /** The plan that it is for, below the directory of plans. */
  readonly plan: string | undefined;
}

const LINK_TIMEOUT_MS = 10_000;

/**
 * Hides what we write into worktrees from Git, and worktrees from the checkouts
 * that they are in, for this clone alone.
 */
export async function hideFromGit(
  { files }: Pick<Host, "files">,
  { gitDirectory, root, trees }: TreeRepository,
  links: readonly string[],
): Promise<void> {
  const path = joinPath(gitDirectory, "info", "exclude");
  const text = await textOf({ files }, path) ?? "";
  const inside = trees.startsWith(`${root}/`)
    ? [`/${trees.slice(root.length + 1)}/`]
    : [];
  const wanted = [
    `/${WORKTREE_STATE}/`,
    `/${TASK_FILE}`,
    ...inside,
    ...links.map((link) => `/${link}`),
  ];
  const there = new Set(text.split(/\r?\n/));
  const missing = wanted.filter((line) => !there.has(line));
  if (missing.length === 0) return;
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  await files.append(path, gap + missing.map((line) => `${line}\n`).join(""));
}

/** Writes into a new worktree where it comes from. */
export async function markWorktree(
  { clock, files }: Pick<MarkHost, "clock" | "files">,
  { branch, feature, iteration, path, plan, start }: NewWorktree,
): Promise<void> {
  await files.writeAtomic(
    joinPath(path, WORKTREE_STATE, WORKTREE_MARK),
    formatDocument({
      "schema": "worktree",
      "schema_version": 1,
      "feature": feature,
      "iteration": iteration,
      "branch": branch,
      "source_branch": start.branch ?? null,
      "source_commit": start.commit,
      "source_checkout": start.checkout,
      "plan": plan ?? null,
      "created_at": isoTime(clock.now()),
    }),
  );
}

/**
 * Copies a plan into a worktree that has no task yet.
 *
 * @returns whether it was copied.
 */
export async function copyTask(
  { files }: Pick<Host, "files">,
  worktree: string,
  text: string,
): Promise<boolean> {
  const path = joinPath(worktree, TASK_FILE);
  if (await files.stat(path) !== undefined) return false;
  await files.writeAtomic(path, text);
  return true;
}

/**
 * Makes the links that the settings ask for, where the main checkout has
 * something to link to and the worktree has nothing in that place.
 *
 * @returns what could not be linked, as sentences.
 */
export async function linkPaths(
  host: MarkHost,
  root: string,
  worktree: string,
  { links }: Pick<WorktreeChoice, "links">,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const link of links) {
    const target = joinPath(root, link);
    const path = joinPath(worktree, link);
    if (await host.files.stat(target) === undefined) continue;
    if (await host.files.stat(path) !== undefined) continue;
    const end = await host.programs.run({
      executable: "ln",
      args: ["-s", target, path],
      cwd: worktree,
      env: { "PATH": host.env.get("PATH") ?? "/usr/bin:/bin" },
      timeoutMs: LINK_TIMEOUT_MS,
    });
    if (end.kind === "exited" && end.code === 0) continue;
    const why = end.kind === "exited" ? end.stderr.trim() : end.kind;
    notes.push(`Cannot link ${path} to ${target}: ${why}`);
  }
  return notes;
}

async function textOf(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<string | undefined> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") {
      return undefined;
    }
    throw error;
  }
}
