/**
 * What a checkout's own files say about it, read without running Git.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { absolutePath, baseName, joinPath, parentPath } from "../host/path.ts";

type FileHost = Pick<Host, "files">;

const LINK = /^gitdir:\s*(.+?)\s*$/m;
const BRANCH = /^ref:\s*refs\/heads\/(.+?)\s*$/m;

/** Whether a directory is the root of a checkout. */
export async function isCheckout(
  host: FileHost,
  root: string,
): Promise<boolean> {
  return await gitDirectory(host, root) !== undefined;
}

/** The branch that is checked out; `undefined` for none, or for no checkout. */
export async function branchOf(
  host: FileHost,
  root: string,
): Promise<string | undefined> {
  const directory = await gitDirectory(host, root);
  if (directory === undefined) return undefined;
  const head = await readText(host, joinPath(directory, "HEAD"));
  return BRANCH.exec(head ?? "")?.[1];
}

/**
 * Root of the checkout that a linked worktree was made from; `undefined` for
 * one that is none.
 */
export async function ownerOfCheckout(
  host: FileHost,
  root: string,
): Promise<string | undefined> {
  const directory = await gitDirectory(host, root);
  if (directory === undefined) return undefined;
  // A worktree's own directory is <repository>/.git/worktrees/<name>.
  const worktrees = parentPath(directory);
  const common = parentPath(worktrees);
  const isLinked = baseName(worktrees) === "worktrees" &&
    baseName(common) === ".git";
  if (!isLinked) return undefined;
  const owner = parentPath(common);
  return owner === root ? undefined : await host.files.realPath(owner);
}

async function gitDirectory(
  host: FileHost,
  root: string,
): Promise<string | undefined> {
  const path = joinPath(root, ".git");
  const kind = (await host.files.stat(path))?.kind;
  if (kind === "directory") return path;
  if (kind === undefined) return undefined;
  const link = LINK.exec(await readText(host, path) ?? "")?.[1];
  return link === undefined ? undefined : absolutePath(root, link);
}

async function readText(
  { files }: FileHost,
  path: string,
): Promise<string | undefined> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
