/**
 * Which repository a command is about, where its state is, and what it wants.
 *
 * @module
 */

import { PROJECT_FILE } from "../config/project_file.ts";
import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { absolutePath, joinPath, parentPath } from "../host/path.ts";
import {
  type EnvironmentPaths,
  environmentPaths,
  scopeOf,
} from "../state/environment_paths.ts";
import { statePaths, stateRoot } from "../state/paths.ts";
import { type LoadedSettings, loadSettings } from "./settings_load.ts";
import { ownerOfCheckout } from "./git_checkout.ts";

/** What {@linkcode openEnvironment} needs of the world. */
export type PlaceHost = Pick<Host, "env" | "files">;

/** A repository, seen from one of its checkouts. */
export interface EnvironmentPlace {
  /** Canonical root of the repository, which settings and state belong to. */
  readonly repositoryRoot: string;
  /** Canonical root of the checkout that the command was called in. */
  readonly executionRoot: string;
  /** Repository: `repo-<12 hex>`. */
  readonly scope: string;
  /** Where its state is. */
  readonly paths: EnvironmentPaths;
  /** What it wants. */
  readonly loaded: LoadedSettings;
}

/**
 * Opens the environment of the repository that a directory is in: the nearest
 * one above with `.git` or `.reeve`. A linked worktree belongs to the
 * repository that it was made from, if that has settings.
 *
 * @throws {KnownError} `unusable` outside a repository; as
 * {@linkcode loadSettings}.
 */
export async function openEnvironment(
  host: PlaceHost,
  from: { readonly cwd: string; readonly repository?: string },
): Promise<EnvironmentPlace> {
  const begin = absolutePath(from.cwd, from.repository ?? ".");
  const executionRoot = await findCheckout(host, begin);
  if (executionRoot === undefined) throw outside(begin, from.repository);
  const owner = await ownerOfCheckout(host, executionRoot);
  const isOwned = owner !== undefined && await hasSettings(host, owner);
  const repositoryRoot = isOwned ? owner : executionRoot;
  const scope = await scopeOf(repositoryRoot);
  const root = await host.files.realPath(
    absolutePath(host.env.cwd, stateRoot(host.env)),
  );
  const hasFile = await hasSettings(host, repositoryRoot);
  const file = hasFile ? joinPath(repositoryRoot, PROJECT_FILE) : undefined;
  const loaded = await loadSettings(host, { root: repositoryRoot, file });
  const paths = environmentPaths(statePaths(root), scope);
  return { repositoryRoot, executionRoot, scope, paths, loaded };
}

function outside(begin: string, repository: string | undefined): KnownError {
  return new KnownError(
    "unusable",
    `${begin} is in no repository: neither it nor a directory above has ` +
      ".git or .reeve",
    {
      hint: repository === undefined
        ? "Change to a repository, or name one: --repo PATH"
        : "Name the directory of a repository.",
    },
  );
}

async function findCheckout(
  host: PlaceHost,
  begin: string,
): Promise<string | undefined> {
  if ((await kindOf(host, begin)) !== "directory") return undefined;
  let at = await host.files.realPath(begin);
  while (true) {
    const isRoot = await kindOf(host, joinPath(at, ".git")) !== undefined ||
      await hasSettings(host, at);
    if (isRoot) return at;
    const above = parentPath(at);
    if (above === at) return undefined;
    at = above;
  }
}

/** A directory of that name is a state root and says nothing. */
async function hasSettings(host: PlaceHost, root: string): Promise<boolean> {
  const kind = await kindOf(host, joinPath(root, PROJECT_FILE));
  return kind !== undefined && kind !== "directory";
}

async function kindOf({ files }: PlaceHost, path: string) {
  try {
    return (await files.stat(path))?.kind;
  } catch (error) {
    // Where we may not look, nothing can be ours.
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
