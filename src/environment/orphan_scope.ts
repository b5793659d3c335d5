/**
 * What is written down about the units of a repository, now and earlier: by
 * that a process with a marker is judged.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { parentPath } from "../host/path.ts";
import { parseDocument } from "../state/document.ts";
import {
  type EnvironmentPaths,
  environmentPaths,
  isRunId,
  latestPath,
  runPaths,
  scopeOf,
} from "../state/environment_paths.ts";
import type { UnresolvedIntent } from "./intent_lines.ts";
import type { RunState } from "./model.ts";
import type { KnownUnit, OrphanScope } from "./orphan_facts.ts";
import type { EnvironmentPlace } from "./place.ts";
import { decodeRun, RUN_SCHEMA_VERSION } from "./run_codec.ts";
import type { RunIndex } from "./run_index.ts";
import {
  artifactPath,
  parseRun,
  readProved,
  revisionPath,
} from "./run_revision.ts";

/** Everything that is written down about units of one repository. */
export interface UnitBooks {
  /** Runs that are not over, as they were saved. */
  readonly runs: readonly RunState[];
  /** What was saved of runs before: of those that are over, and of others. */
  readonly history: readonly RunState[];
  /** Intents of which nobody has written down what became of them. */
  readonly intents: readonly UnresolvedIntent[];
  /** Whether another command is changing the environment right now. */
  readonly isBusy: boolean;
}

/** Every unit that somebody has written down; each marker is there once. */
export function knownUnits(books: UnitBooks): readonly KnownUnit[] {
  const units = new Map<string, KnownUnit>();
  const add = (unit: KnownUnit) => {
    if (!units.has(unit.marker)) units.set(unit.marker, unit);
  };
  for (const unit of recorded(books.runs, "active")) add(unit);
  for (const { intent, identity } of books.intents) {
    const { project, unit, marker } = intent;
    const knowledge = books.isBusy ? "starting" : "intended";
    add({ name: `${project} ${unit}`, marker, identity, knowledge });
  }
  for (const unit of recorded(books.history, "stale")) add(unit);
  return [...units.values()];
}

function recorded(
  runs: readonly RunState[],
  knowledge: "active" | "stale",
): readonly KnownUnit[] {
  const units = runs.flatMap(({ services, dependencies }) => [
    ...services.map(({ name, identity }) => ({ name, identity })),
    ...dependencies.map(({ project, id, identity }) => ({
      name: `${project} ${id}`,
      identity,
    })),
  ]);
  return units.flatMap(({ name, identity }) =>
    identity === undefined
      ? []
      : [{ name, marker: identity.marker, identity, knowledge }]
  );
}

/** Runs that are over and that anything may be left of. */
const HISTORY_LIMIT = 10;

/** What revisions say that count no more; one that proves nothing is left out. */
export async function readHistory(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  { entries }: RunIndex,
): Promise<readonly RunState[]> {
  const over = entries.filter(({ isRetired }) => isRetired)
    .slice(-HISTORY_LIMIT);
  const active = entries.filter(({ isRetired }) => !isRetired);
  const wanted = [
    ...active.map(({ runId, previous }) => ({ runId, revision: previous })),
    ...over.flatMap(({ runId, current, previous }) => [
      { runId, revision: current },
      { runId, revision: previous },
    ]),
  ];
  const found = await Promise.all(wanted.map(async ({ runId, revision }) => {
    if (revision === undefined) return [];
    const directory = revisionPath(paths, runId, revision.name);
    const proved = await readProved(host, directory);
    if (proved?.fingerprint !== revision.fingerprint) return [];
    const run = await parseRun(paths, runId, proved.texts.run_state);
    return typeof run === "string" ? [] : [run];
  }));
  return found.flat();
}

/** What leftovers of a repository are judged by. */
export function orphanScope(
  host: Pick<Host, "files">,
  { scope, paths, repositoryRoot, executionRoot }: Pick<
    EnvironmentPlace,
    "executionRoot" | "paths" | "repositoryRoot" | "scope"
  >,
  books: UnitBooks,
  ports: readonly number[],
): OrphanScope {
  return {
    scope,
    units: knownUnits(books),
    isLiving: (other) => isRepositoryThere(host, paths.root, other),
    ports,
    directories: [...new Set([repositoryRoot, executionRoot])],
  };
}

/**
 * Whether the repository of a scope is still there. A scope is the hash of a
 * path, so only a path that gives it counts; where none is known it may be.
 */
export async function isRepositoryThere(
  host: Pick<Host, "files">,
  root: string,
  scope: string,
): Promise<boolean> {
  for (const project of await projectRoots(host, root, scope)) {
    for (let at = project;;) {
      if (await scopeOf(at) === scope) {
        return (await host.files.stat(at))?.kind === "directory";
      }
      const above = parentPath(at);
      if (above === at) break;
      at = above;
    }
  }
  return true;
}

const RUNS_LOOKED_AT = 3;

async function projectRoots(
  host: Pick<Host, "files">,
  root: string,
  scope: string,
): Promise<readonly string[]> {
  const paths = environmentPaths({ root }, scope);
  const { runStateSchema } = await import("./run_schema.ts");
  const runIds = (await host.files.list(paths.runs)).filter(isRunId);
  const files = [
    latestPath(paths, "run_state"),
    ...runIds.slice(-RUNS_LOOKED_AT).map((runId) =>
      artifactPath(runPaths(paths, runId).directory, "run_state")
    ),
  ];
  const roots: string[] = [];
  for (const file of files) {
    const text = await readQuietly(host, file);
    const read = parseDocument(text, runStateSchema, RUN_SCHEMA_VERSION);
    if (read.kind !== "found") continue;
    roots.push(...decodeRun(read.value).projects.map((one) => one.root));
  }
  return roots;
}

async function readQuietly(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<string> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (error instanceof HostError) return "";
    throw error;
  }
}
