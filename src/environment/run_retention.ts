/**
 * Keeps little: of each run the revision that counts and the one before it.
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

/** Removes revisions that no entry names, and what crashes have left. */
export async function pruneRuns(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  before: RunIndex,
  after: RunIndex,
): Promise<void> {
  const entryOf = ({ entries }: RunIndex, id: string) =>
    entries.find(({ runId }) => runId === id);
  for (const runId of await host.files.list(paths.runs)) {
    if (!isRunId(runId)) continue;
    const { directory, revisions } = runPaths(paths, runId);
    const [old, now] = [entryOf(before, runId), entryOf(after, runId)];
    if (now !== undefined && now.current.name === old?.current.name) continue;
    const kept = [now?.current.name, now?.previous?.name];
    for (const name of await host.files.list(revisions)) {
      if (kept.includes(name)) continue;
      await removeRevision(host, joinPath(revisions, name));
    }
    await removeTemporary(host, directory);
    if (now === undefined) await removeArtifacts(host, directory);
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
