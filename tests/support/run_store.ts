/** Runs of one repository on a fake disk, saved and read as commands do. */

import { pathsBelow, runIdOf } from "./environment_runs.ts";
import type { FakeWorld } from "./fake_host.ts";
import { takeLease } from "../../src/environment/lifecycle_lease.ts";
import type { RunState } from "../../src/environment/model.ts";
import {
  readRuns,
  retireRun,
  saveRun,
} from "../../src/environment/run_repository.ts";
import {
  ARTIFACTS,
  type EnvironmentPaths,
  latestPath,
  runPaths,
} from "../../src/state/environment_paths.ts";

/** Where they are. */
export const PATHS: EnvironmentPaths = pathsBelow("/home/ada/.reeve");

/** Saves a run; a second later it gives what there is to say. */
export async function save(
  world: FakeWorld,
  run: RunState,
): ReturnType<typeof saveRun> {
  const host = world.host();
  using lease = await takeLease(host, PATHS, "reeve start");
  const notes = await saveRun(host, PATHS, lease, run);
  await world.advance(1000);
  return notes;
}

/** Retires a run by its number. */
export async function retire(
  world: FakeWorld,
  n: number,
): ReturnType<typeof retireRun> {
  const host = world.host();
  using lease = await takeLease(host, PATHS, "reeve stop");
  return await retireRun(host, PATHS, lease, runIdOf(n));
}

/** Reads all of them. */
export async function read(world: FakeWorld): ReturnType<typeof readRuns> {
  return await readRuns(world.host(), PATHS);
}

/** The same without what there is to say. */
export async function states(world: FakeWorld): Promise<readonly RunState[]> {
  return (await read(world)).runs.map(({ run }) => run);
}

/** Paths of one document in every revision of a run, the oldest first. */
export function revisionsOf(
  world: FakeWorld,
  n: number,
  name = "run_state",
): readonly string[] {
  const { revisions } = runPaths(PATHS, runIdOf(n));
  return Object.keys(world.disk.texts()).filter((path) =>
    path.startsWith(`${revisions}/`) && path.endsWith(`/${name}.json`)
  );
}

/** Every view of documents of the first run. */
export const ALIASES: readonly string[] = [
  ...ARTIFACTS.map((name) => latestPath(PATHS, name)),
  ...ARTIFACTS.map((name) =>
    `${runPaths(PATHS, runIdOf(1)).directory}/${name}.json`
  ),
];
