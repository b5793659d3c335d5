/**
 * Builds the index again when neither copy of it can be used: from revisions
 * that prove themselves, as their names tell their content.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { joinPath } from "../host/path.ts";
import {
  type EnvironmentPaths,
  isRunId,
  runPaths,
} from "../state/environment_paths.ts";
import type { Lease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import { setAside, type StateNote } from "./run_fixes.ts";
import {
  emptyIndex,
  formatIndex,
  isNamedAfter,
  isRevisionName,
  type Revision,
  type RunIndex,
  withRevision,
} from "./run_index.ts";
import { judgeCopies, readIndexCopies } from "./run_index_file.ts";
import { requirePrivatePlace } from "./run_place.ts";
import {
  followIndex,
  lockIndex,
  type RepositoryHost,
} from "./run_repository.ts";
import { parseRun, readProved, revisionPath } from "./run_revision.ts";

/** What a repair has done. */
export interface RepairReport {
  /** `sound`: there was nothing to build again. */
  readonly kind: "rebuilt" | "sound";
  /** Runs that are listed again and not over, the latest last. */
  readonly runIds: readonly string[];
  /** What was put aside, skipped or could not be done. */
  readonly notes: readonly StateNote[];
}

/**
 * Makes an index that can be used. Broken copies are put aside and never
 * deleted; a run that was over stays over; what cannot be proved is left out
 * and named. Without anything to go by the index is empty.
 *
 * @throws {KnownError} `newer_file`, `unusable` for a place that is not private.
 */
export async function repairRuns(
  host: RepositoryHost,
  paths: EnvironmentPaths,
  _lease: Lease,
): Promise<RepairReport> {
  await requirePrivatePlace(host, paths, [paths.indexLock, paths.runs]);
  using _ = await lockIndex(host, paths);
  const copies = await readIndexCopies(host, paths);
  const verdict = judgeCopies(copies);
  const found = await findRuns(host, paths);
  const isSound = verdict.kind === "found" ||
    verdict.kind === "missing" && found.runs.length === 0 &&
      found.unproved.length === 0;
  if (isSound) return { kind: "sound", runIds: [], notes: [] };
  const generations = copies.map(({ read }) =>
    read.kind === "found" ? read.value.generation : 0
  );
  const index = rebuildIndex(paths.scope, found.runs, Math.max(...generations));
  const text = formatIndex(index);
  const notes: StateNote[] = [...found.notes];
  // The other copy first: at no moment is there less than before.
  for (const { path, read } of copies.toReversed()) {
    if (read.kind !== "missing") {
      setAside(host, paths, path);
      const reason = "reason" in read
        ? read.reason
        : "it contradicts the other";
      const message = `Put ${path} aside in ${paths.quarantine}: ${reason}`;
      notes.push({ kind: "repaired", path, message });
    }
    await host.files.writeAtomic(path, text);
  }
  for (const path of found.unproved) {
    setAside(host, paths, path);
    const message = `Put ${path} aside in ${paths.quarantine}: nothing in it ` +
      "can be proved";
    notes.push({ kind: "lost", path, message });
  }
  notes.push(...await followIndex(host, paths, index, index));
  const runIds = index.entries.filter(({ isRetired }) => !isRetired)
    .map(({ runId }) => runId);
  return { kind: "rebuilt", runIds, notes };
}

/** A run that its newest revisions prove. */
export interface ProvedRun {
  /** The run. */
  readonly run: RunState;
  /** Its newest revision. */
  readonly current: Revision;
  /** The one before. */
  readonly previous: Revision | undefined;
  /** Whether it is marked as over. */
  readonly isRetired: boolean;
}

/** An index of proved runs; the later one has the project that two have. */
export function rebuildIndex(
  scope: string,
  runs: readonly ProvedRun[],
  generation: number,
): RunIndex {
  const byTime = runs.toSorted((a, b) =>
    a.current.name < b.current.name ? -1 : 1
  );
  const start: RunIndex = {
    ...emptyIndex(scope),
    generation,
    entries: byTime.filter(({ isRetired }) => isRetired)
      .map(({ run, current, previous }) => ({
        runId: run.runId,
        mode: run.mode,
        owned: [],
        lost: [],
        isRetired: true,
        sequence: 0,
        current,
        previous,
      })),
  };
  return byTime.filter(({ isRetired }) => !isRetired)
    .reduce((index, { run, current, previous }) => {
      const next = withRevision(index, run, current);
      const entries = next.entries.map((entry) =>
        entry.runId === run.runId ? { ...entry, previous } : entry
      );
      return { ...next, entries };
    }, { ...start, generation: generation + 1 });
}

interface FoundRuns {
  /** Those that a revision proves. */
  readonly runs: readonly ProvedRun[];
  /** Directories of revisions of which none proves anything. */
  readonly unproved: readonly string[];
  readonly notes: readonly StateNote[];
}

async function findRuns(
  host: RepositoryHost,
  paths: EnvironmentPaths,
): Promise<FoundRuns> {
  const runs: ProvedRun[] = [];
  const notes: StateNote[] = [];
  const unproved: string[] = [];
  const runIds = (await host.files.list(paths.runs)).filter(isRunId);
  for (const runId of runIds) {
    const { revisions, retired } = runPaths(paths, runId);
    const names = (await host.files.list(revisions)).filter(isRevisionName);
    const proved: { readonly run: RunState; readonly revision: Revision }[] =
      [];
    for (const name of names.toReversed()) {
      const found = await proveRevision(host, paths, runId, name);
      if (typeof found === "string") {
        const path = joinPath(revisions, name);
        const message = `Left out ${path}: ${found}`;
        notes.push({ kind: "lost", path, message });
      } else proved.push(found);
    }
    const [newest, before] = proved;
    if (newest === undefined) {
      if (names.length > 0) unproved.push(revisions);
      continue;
    }
    runs.push({
      run: newest.run,
      current: newest.revision,
      previous: before?.revision,
      isRetired: await host.files.stat(retired) !== undefined,
    });
  }
  return { runs, unproved, notes };
}

async function proveRevision(
  host: RepositoryHost,
  paths: EnvironmentPaths,
  runId: string,
  name: string,
): Promise<{ readonly run: RunState; readonly revision: Revision } | string> {
  const directory = revisionPath(paths, runId, name);
  try {
    await requirePrivatePlace(host, paths, [directory]);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return error.message;
  }
  const found = await readProved(host, directory);
  if (found === undefined) return "it is not complete";
  const { fingerprint, texts } = found;
  if (!isNamedAfter(name, fingerprint)) return "its content was changed";
  const run = await parseRun(paths, runId, texts.run_state);
  if (typeof run === "string") return run;
  return { run, revision: { name, fingerprint } };
}
