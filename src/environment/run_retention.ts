/**
 * Keeps little: of each run the revision that counts and the one before it, and
 * of runs that are forgotten no more than the logs that are still written to.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import {
  ARTIFACTS,
  type EnvironmentPaths,
  isRunId,
  runPaths,
} from "../state/environment_paths.ts";
import type { RunIndex } from "./run_index.ts";
import { artifactPath } from "./run_revision.ts";

const TEMPORARY = /^\..+\.tmp$/;

/**
 * Removes revisions that no entry names, what crashes have left, and the logs
 * of runs that are older than all that entries name.
 *
 * @param named logs of what is recorded: a unit that was kept by later runs
 * goes on to write to the log of the run that started it.
 */
export async function pruneRuns(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  { before, after, named }: {
    readonly before: RunIndex;
    readonly after: RunIndex;
    readonly named: ReadonlySet<string>;
  },
): Promise<void> {
  const entryOf = ({ entries }: RunIndex, id: string) =>
    entries.find(({ runId }) => runId === id);
  // Their ids begin with the moment of their begin.
  const [oldest] = after.entries.map(({ runId }) => runId).toSorted();
  for (const runId of await host.files.list(paths.runs)) {
    if (!isRunId(runId)) continue;
    const { directory, logs, revisions } = runPaths(paths, runId);
    const [old, now] = [entryOf(before, runId), entryOf(after, runId)];
    if (now !== undefined && now.current.name === old?.current.name) continue;
    const kept = [now?.current.name, now?.previous?.name];
    for (const name of await host.files.list(revisions)) {
      if (kept.includes(name)) continue;
      await removeRevision(host, joinPath(revisions, name));
    }
    await removeTemporary(host, directory);
    if (now !== undefined) continue;
    await removeArtifacts(host, directory);
    // A start that was killed is in no index, and its logs may tell why.
    if (oldest === undefined || runId > oldest) continue;
    await removeLogs(host, logs, named);
    await forget(host, paths, runId);
  }
  await removeTemporary(host, paths.directory);
}

async function removeArtifacts(
  host: Pick<Host, "files">,
  directory: string,
): Promise<void> {
  for (const name of ARTIFACTS) {
    await host.files.remove(artifactPath(directory, name));
  }
}

/**
 * Takes the directory of a run away once nothing is left in it: else each one
 * would be looked through again and again. Its mark goes last, as it keeps the
 * revisions from coming back as runs.
 */
async function forget(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  runId: string,
): Promise<void> {
  const { directory, logs, retired, revisions } = runPaths(paths, runId);
  for (const each of [logs, revisions]) {
    if ((await host.files.list(each)).length > 0) return;
    await host.files.remove(each);
  }
  await host.files.remove(retired);
  const left = await host.files.list(directory);
  if (left.length === 0) await host.files.remove(directory);
}

/** The logs of a run, and those that were put aside for them. */
async function removeLogs(
  host: Pick<Host, "files">,
  directory: string,
  named: ReadonlySet<string>,
): Promise<void> {
  for (const name of await host.files.list(directory)) {
    const path = joinPath(directory, name);
    const isNamed = [...named].some((log) =>
      path === log || path.startsWith(`${log}.`)
    );
    if (!isNamed) await host.files.remove(path);
  }
}

async function removeRevision(
  host: Pick<Host, "files">,
  directory: string,
): Promise<void> {
  for (const name of await host.files.list(directory)) {
    await host.files.remove(joinPath(directory, name));
  }
  await host.files.remove(directory);
}

async function removeTemporary(
  host: Pick<Host, "files">,
  directory: string,
): Promise<void> {
  for (const name of await host.files.list(directory)) {
    if (TEMPORARY.test(name)) {
      await host.files.remove(joinPath(directory, name));
    }
  }
}
