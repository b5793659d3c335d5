/**
 * Each product's scope as this process resolves it from the environment.
 *
 * @module
 */

import { type Env, type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { ScopeView } from "./candidate.ts";
import type { Family, FamilyFiles, FamilyName, Product } from "./family.ts";
import { defined } from "./defined.ts";
import { type DaemonState, readState } from "./state_file.ts";

/** A product's scope with the secrets that only comparisons may see. */
export interface ScopeReading {
  /** What may be kept and shown. */
  readonly view: ScopeView;
  /** Root directory as the environment names it. */
  readonly root: string | undefined;
  /** State file, when it could be read. */
  readonly state: DaemonState | undefined;
  /** The shared owner record as JSON text, when the family has one. */
  readonly sharedOwner: string | undefined;
}

const NO_SCOPE: ScopeReading = {
  view: {},
  root: undefined,
  state: undefined,
  sharedOwner: undefined,
};

type ScopeHost = Pick<Host, "env" | "files">;

/** Reads the scopes of both products for one kind of daemons. */
export async function readScopes(
  host: ScopeHost,
  families: readonly Family[],
  name: FamilyName,
): Promise<Readonly<Record<Product, ScopeReading>>> {
  const read = (product: Product) => {
    const family = families.find((row) =>
      row.product === product && row.name === name
    );
    return family === undefined ? NO_SCOPE : readScope(host, family);
  };
  const [reeve, kitty] = await Promise.all([read("reeve"), read("spec-kitty")]);
  return { reeve, "spec-kitty": kitty };
}

async function readScope(
  host: ScopeHost,
  family: Family,
): Promise<ScopeReading> {
  // Our own dashboards belong to the same root as our sync daemons.
  const { files } = family;
  if (files === undefined) return NO_SCOPE;
  const root = rootOf(host.env, files);
  if (root === undefined) return NO_SCOPE;
  const directory = scopeDirectory(host.env, files, root);
  const statePath = joinPath(directory, files.state);
  const [scope, state, stateFacts, sharedOwner] = await Promise.all([
    canonical(host, directory),
    readState(host, statePath),
    host.files.stat(statePath).catch(() => undefined),
    readSharedOwner(host, files, root),
  ]);
  const found = state.kind === "found" ? state.state : undefined;
  const stateProblem = state.kind === "damaged" || state.kind === "unreadable"
    ? state.reason
    : undefined;
  return {
    root,
    state: found,
    sharedOwner,
    view: defined({
      scope,
      singleton: found && defined({ port: found.port, pid: found.pid }),
      stateProblem,
      stateWrittenAt: stateFacts?.modifiedAt,
    }),
  };
}

/** The root of a family's files, as the environment names it. */
export function rootOf(
  env: Pick<Env, "get" | "os" | "home">,
  files: FamilyFiles,
): string | undefined {
  const stated = env.get(files.rootVariable);
  if (stated !== undefined) return stated;
  const local = env.os === "windows" ? env.get("LOCALAPPDATA") : undefined;
  if (local !== undefined) return joinPath(local, files.windowsRootName);
  return env.home === undefined
    ? undefined
    : joinPath(env.home, files.rootName);
}

/** The directory that scope markers of a family name. */
export function scopeDirectory(
  env: Pick<Env, "os">,
  files: FamilyFiles,
  root: string,
): string {
  return env.os === "windows" ? joinPath(root, ...files.windowsScope) : root;
}

/** Canonical form of a path; `undefined` when it cannot be resolved. */
export async function canonical(
  host: Pick<Host, "files">,
  path: string,
): Promise<string | undefined> {
  try {
    return await host.files.realPath(path);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

async function readSharedOwner(
  host: ScopeHost,
  files: FamilyFiles,
  root: string,
): Promise<string | undefined> {
  if (files.sharedOwner === undefined) return undefined;
  try {
    return await host.files.readText(joinPath(root, ...files.sharedOwner));
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
