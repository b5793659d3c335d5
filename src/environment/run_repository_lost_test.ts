import { assertEquals } from "@std/assert";
import { runIdOf, runOf } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { PATHS, read, save } from "#support/run_store.ts";
import { baseName } from "../host/path.ts";
import { lostRuns } from "./run_repository.ts";

/** A world in which a run was saved and then some of its files were taken. */
async function worldWithout(taken: RegExp): Promise<FakeWorld> {
  const world = new FakeWorld();
  await save(world, runOf(1));
  for (const path of Object.keys(world.disk.texts())) {
    if (taken.test(path)) world.disk.take(path);
  }
  return world;
}

const INDEX = "index(?:\\.backup)?\\.json$";
const RUN = `runs/${runIdOf(1)}`;

Deno.test.each([
  { name: "nothing is missing", taken: "nothing", isLost: false },
  { name: "the list is gone", taken: INDEX, isLost: true },
  { name: "every state is gone", taken: "run_state\\.json$", isLost: true },
  {
    name: "the first save never came to its list",
    taken: `${INDEX}|${RUN}/run_state\\.json$`,
    isLost: false,
  },
])("lostRuns() where $name", async ({ taken, isLost }) => {
  const world = await worldWithout(new RegExp(taken));
  const lost = lostRuns(await read(world), PATHS);
  const names = lost.map(({ path }) => baseName(path));
  assertEquals(names, isLost ? [runIdOf(1)] : []);
});

Deno.test("lostRuns() leaves out a run that is over", async () => {
  const world = await worldWithout(new RegExp(INDEX));
  world.disk.put(`${PATHS.runs}/${runIdOf(1)}/retired.json`, "{}");
  assertEquals(lostRuns(await read(world), PATHS), []);
});
