/**
 * The runs of a repository on disk. Each save writes a new revision; replacing
 * the index commits it, and everything else follows from the index: whatever a
 * crash leaves undone is done by the next one who reads.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import {
  type EnvironmentPaths,
  type RunPaths,
  runPaths,
} from "../state/environment_paths.ts";
import { type Lock, takeLock } from "../state/lock.ts";
import { artifactsOf, fingerprintTexts } from "./artifacts.ts";
import type { Lease } from "./lifecycle_lease.ts";
import type { Mode, RunState } from "./model.ts";
import { applyFixes, type Fix, type StateNote } from "./run_fixes.ts";
import {
  formatIndex,
  revisionOf,
  type RunIndex,
  withoutRun,
  withRevision,
} from "./run_index.ts";
import {
  readIndexCopies,
  requireIndex,
  type UsableIndex,
} from "./run_index_file.ts";
import { requirePrivatePlace } from "./run_place.ts";
import { pruneRuns } from "./run_retention.ts";
import { revisionPath, savedRunIds, writeRevision } from "./run_revision.ts";
import {
  type StoredRun,
  surveyRuns,
  type WrittenRevision,
} from "./run_survey.ts";

/** What the repository needs of the world. */
export type RepositoryHost = Pick<
  Host,
  "blocking" | "clock" | "env" | "files" | "random"
>;

/** How long a reader waits for a writer, in milliseconds. */
const READER_WAIT_MS = 2000;

/** The runs of a repository. */
export interface Runs {
  /** Those that are not over, the latest first. */
  readonly runs: readonly StoredRun[];
  /** Generation of the index; grows with each change. */
  readonly generation: number;
  /** What was found wrong on the way, and what came of it. */
  readonly notes: readonly StateNote[];
}

/**
 * Reads the runs of a repository and repairs what follows from the index.
 *
 * @throws {KnownError} `damaged_file` when no copy of the index can be used,
 * `newer_file`, `unusable` for a place that is not private.
 */
export async function readRuns(
  host: RepositoryHost,
  paths: EnvironmentPaths,
): Promise<Runs> {
  await requirePrivatePlace(host, paths, [paths.indexLock, paths.runs]);
  const first = await look(host, paths);
  if (first.fixes.length === 0 && first.found.notes.length === 0) {
    return first.found;
  }
  // Perhaps only a writer was at work: look again when none is.
  using lock = await lockToRepair(host, paths);
  if (lock === undefined) return first.found;
  const { found, fixes } = await look(host, paths);
  const failed = await applyFixes(host, paths, fixes);
  return { ...found, notes: [...found.notes, ...failed] };
}

/**
 * Those notes that tell of a run which is or was listed, and of which nothing
 * is known: what it has started may run, and nobody can tell which it is.
 */
export function lostRuns(
  { notes }: Pick<Runs, "notes">,
  { runs }: Pick<EnvironmentPaths, "runs">,
): readonly StateNote[] {
  return notes.filter(({ kind, path }) => kind === "lost" && path !== runs);
}

async function look(
  host: RepositoryHost,
  paths: EnvironmentPaths,
): Promise<{ readonly found: Runs; readonly fixes: readonly Fix[] }> {
  const { index, fixes, notes } = await readIndex(host, paths);
  const survey = await surveyRuns(host, paths, index);
  const unlisted = index.generation === 0
    ? await findUnlisted(host, paths)
    : [];
  return {
    found: {
      runs: survey.runs,
      generation: index.generation,
      notes: [...notes, ...survey.notes, ...unlisted],
    },
    fixes: [...fixes, ...survey.fixes],
  };
}

/** Without an index: a first save that never came to its end, or a loss. */
async function findUnlisted(
  host: RepositoryHost,
  paths: EnvironmentPaths,
): Promise<readonly StateNote[]> {
  const runIds = await savedRunIds(host, paths);
  if (runIds.length === 0) return [];
  const message = `There is no list of runs, but ${runIds.join(", ")} was ` +
    "begun here. To list what can be proved: reeve doctor --repair";
  const listed = runIds.map((runId) => runPaths(paths, runId))
    .find((run) => wasListed(host, run));
  return [{ kind: "lost", path: listed?.directory ?? paths.runs, message }];
}

/** Whether a run has been in a list: only then its state has a second place. */
function wasListed(
  { blocking }: Pick<Host, "blocking">,
  { directory, retired }: RunPaths,
): boolean {
  return blocking.stat(joinPath(directory, "run_state.json")) !== undefined &&
    blocking.stat(retired) === undefined;
}

/** A disk that cannot be written to is no reason not to read it. */
async function lockToRepair(
  host: RepositoryHost,
  paths: EnvironmentPaths,
): Promise<Lock | undefined> {
  try {
    return await lockIndex(host, paths, READER_WAIT_MS);
  } catch (error) {
    const isExpected = error instanceof HostError ||
      error instanceof KnownError && error.code === "lock_busy";
    if (!isExpected) throw error;
    return undefined;
  }
}

/** Takes the lock of whoever changes the index. */
export function lockIndex(
  host: RepositoryHost,
  paths: EnvironmentPaths,
  waitMs?: number,
): Promise<Lock> {
  const options = waitMs === undefined ? {} : { waitMs };
  return takeLock(host, paths.indexLock, options);
}

async function readIndex(
  host: RepositoryHost,
  paths: EnvironmentPaths,
): Promise<UsableIndex> {
  return requireIndex(paths, await readIndexCopies(host, paths));
}

/**
 * Saves a run. Its projects become its own: another run of the same mode that
 * had one of them loses it, and is over when it has none left.
 *
 * @returns notes about what could not be tidied up; the run is saved.
 * @throws {KnownError} `drift` for a run that is over or has lost a project
 * to a later one; and as {@linkcode readRuns}.
 * @throws {HostError} when the disk refuses; then nothing has changed.
 */
export async function saveRun(
  host: RepositoryHost,
  paths: EnvironmentPaths,
  _lease: Lease,
  run: RunState,
): Promise<readonly StateNote[]> {
  const { revisions } = runPaths(paths, run.runId);
  await requirePrivatePlace(host, paths, [paths.indexLock, revisions]);
  using _ = await lockIndex(host, paths);
  const before = await readIndex(host, paths);
  const now = host.clock.now();
  const texts = artifactsOf(paths.scope, run, now);
  const revision = revisionOf(await fingerprintTexts(texts), now);
  const after = withRevision(before.index, run, revision);
  const directory = revisionPath(paths, run.runId, revision.name);
  await writeRevision(host, directory, texts);
  const { name } = revision;
  return await commitIndex(host, paths, before, after, { name, texts });
}

/**
 * Declares a run over; its revisions stay as history. It can never be saved
 * again. A run that is not there or is over already is fine.
 *
 * @returns notes about what could not be tidied up.
 * @throws as {@linkcode saveRun}.
 */
export async function retireRun(
  host: RepositoryHost,
  paths: EnvironmentPaths,
  _lease: Lease,
  runId: string,
): Promise<readonly StateNote[]> {
  await requirePrivatePlace(host, paths, [paths.indexLock, paths.runs]);
  using _ = await lockIndex(host, paths);
  const before = await readIndex(host, paths);
  const after = withoutRun(before.index, runId);
  if (after === before.index) return [];
  return await commitIndex(host, paths, before, after);
}

/** From the first replace on the change is there, whatever happens later. */
async function commitIndex(
  host: RepositoryHost,
  paths: EnvironmentPaths,
  before: UsableIndex,
  after: RunIndex,
  written?: WrittenRevision,
): Promise<readonly StateNote[]> {
  const text = formatIndex(after);
  const asides = before.fixes.filter(({ kind }) => kind === "set_aside");
  const notAside = await applyFixes(host, paths, asides);
  await host.files.writeAtomic(paths.index, text);
  const { index } = before;
  const notes = await followIndex(host, paths, index, after, written);
  return [...notAside, ...notes];
}

/** Makes everything follow from a new index. Never throws for the disk. */
export async function followIndex(
  host: RepositoryHost,
  paths: EnvironmentPaths,
  before: RunIndex,
  after: RunIndex,
  written?: WrittenRevision,
): Promise<readonly StateNote[]> {
  try {
    const { fixes, runs } = await surveyRuns(host, paths, after, written);
    const path = paths.indexBackup;
    const backup: Fix = { kind: "write", path, text: formatIndex(after) };
    const notes = await applyFixes(host, paths, [backup, ...fixes]);
    const named = new Set(runs.flatMap(({ run }) => logsOf(run)));
    await pruneRuns(host, paths, { before, after, named });
    return notes;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const path = paths.directory;
    return [{ kind: "failed", path, message: error.message }];
  }
}

function logsOf({ dependencies, services }: RunState): readonly string[] {
  return [...dependencies, ...services].flatMap(({ logPath }) => logPath ?? []);
}

/**
 * The runs that a command is about. One that names a mode never gets a run of
 * the other; without names all projects count.
 */
export function selectRuns(
  runs: readonly StoredRun[],
  mode: Mode | undefined,
  projects: readonly string[] = [],
): readonly StoredRun[] {
  return runs.filter(({ run }) =>
    (mode === undefined || run.mode === mode) &&
    (projects.length === 0 ||
      run.projects.some(({ name }) => projects.includes(name)))
  );
}
