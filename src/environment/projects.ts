/**
 * The projects of a repository: its main checkout, or its worktrees.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { branchOf, isCheckout } from "./git_checkout.ts";
import type { Mode, Project } from "./model.ts";
import type { EnvironmentPlace } from "./place.ts";
import { MAIN_PROJECT } from "./selectable_units.ts";

const IGNORED = new Set([
  ".git",
  ".hg",
  ".svn",
  ".venv",
  "__pycache__",
  "build",
  "dist",
  "node_modules",
  "src",
  "venv",
]);

const ITERATION = /^(?:\d+|iter-\d+)$/;

/**
 * The projects of a mode, by name: `Main`, or the checkouts below the directory
 * of worktrees, each named after its branch, or after its directories where
 * it has none.
 *
 * @throws {KnownError} `usage` for two worktrees of one name.
 */
export async function listProjects(
  host: Pick<Host, "files">,
  place: Pick<EnvironmentPlace, "executionRoot" | "loaded" | "repositoryRoot">,
  mode: Mode,
): Promise<readonly Project[]> {
  if (mode === "main") {
    return [{ name: MAIN_PROJECT, root: place.executionRoot }];
  }
  const { treesDirectory } = place.loaded.settings;
  const found = await findTrees(
    host,
    joinPath(place.repositoryRoot, treesDirectory),
  );
  const projects = found.toSorted((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0
  );
  requireUnique(projects);
  return projects;
}

async function findTrees(
  host: Pick<Host, "files">,
  trees: string,
): Promise<readonly Project[]> {
  const features = await directoriesOf(host, trees);
  const found = await Promise.all(features.map(async (feature) => {
    const root = joinPath(trees, feature);
    if (await isCheckout(host, root)) {
      return [await describe(host, root, feature)];
    }
    const iterations = (await directoriesOf(host, root)).filter((name) =>
      ITERATION.test(name)
    );
    return (await Promise.all(iterations.map(async (iteration) => {
      const path = joinPath(root, iteration);
      const isTree = await isCheckout(host, path);
      return isTree
        ? [await describe(host, path, `${feature}-${iteration}`)]
        : [];
    }))).flat();
  }));
  return found.flat();
}

async function describe(
  host: Pick<Host, "files">,
  path: string,
  name: string,
): Promise<Project> {
  const [branch, root] = await Promise.all([
    branchOf(host, path),
    host.files.realPath(path),
  ]);
  return { name: branch ?? name, root };
}

async function directoriesOf(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<readonly string[]> {
  const names = (await files.list(path)).filter((name) => !IGNORED.has(name));
  const kinds = await Promise.all(
    names.map(async (name) => (await files.stat(joinPath(path, name)))?.kind),
  );
  return names.filter((_, at) => kinds[at] === "directory");
}

function requireUnique(projects: readonly Project[]): void {
  const roots = new Map<string, string>();
  for (const { name, root } of projects) {
    const other = roots.get(name);
    if (other !== undefined) {
      throw new KnownError(
        "usage",
        `Two worktrees have the name ${name}: ${other} and ${root}`,
        { hint: "Check out another branch in one of them." },
      );
    }
    if (name === MAIN_PROJECT) {
      throw new KnownError(
        "usage",
        `The worktree ${root} has the name of the main checkout, ${name}`,
        { hint: "Check out another branch in it." },
      );
    }
    roots.set(name, root);
  }
}
