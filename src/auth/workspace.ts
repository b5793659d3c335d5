/**
 * Which workspace events go to. Never the first one just because it is first.
 *
 * @module
 */

import type { Workspace } from "./session.ts";

/** What choosing gave. */
export type WorkspaceChoice =
  | { readonly kind: "chosen"; readonly slug: string }
  /** There is none. */
  | { readonly kind: "none" }
  /** The named one is not among them. */
  | { readonly kind: "unknown"; readonly choices: readonly string[] }
  /** Only the person can tell. */
  | { readonly kind: "ambiguous"; readonly choices: readonly string[] };

/**
 * Chooses a workspace: the named one, else the only private one, else the only
 * one, else the only default one.
 */
export function chooseWorkspace(
  workspaces: readonly Workspace[],
  wanted: string | undefined,
): WorkspaceChoice {
  const choices = workspaces.map(({ slug }) => slug);
  if (wanted !== undefined) {
    const found = findWorkspace(workspaces, wanted);
    return found === undefined
      ? { kind: "unknown", choices }
      : { kind: "chosen", slug: found.slug };
  }
  if (workspaces.length === 0) return { kind: "none" };
  const only = onlyOf(workspaces.filter(({ isPrivate }) => isPrivate)) ??
    onlyOf(workspaces) ??
    onlyOf(workspaces.filter(({ isDefault }) => isDefault));
  return only === undefined
    ? { kind: "ambiguous", choices }
    : { kind: "chosen", slug: only.slug };
}

/** A slug wins over an id of the same letters. */
function findWorkspace(
  workspaces: readonly Workspace[],
  wanted: string,
): Workspace | undefined {
  return workspaces.find(({ slug }) => slug === wanted) ??
    workspaces.find(({ id }) => id === wanted);
}

function onlyOf(workspaces: readonly Workspace[]): Workspace | undefined {
  return workspaces.length === 1 ? workspaces[0] : undefined;
}
