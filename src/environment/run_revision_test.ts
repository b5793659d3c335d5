import { assertEquals } from "@std/assert";
import { pathsBelow, runIdOf, runOf } from "#support/environment_runs.ts";
import { createFakeHost } from "#support/fake_host.ts";
import { environmentsDirectory, runPaths } from "../state/environment_paths.ts";
import { takeLease } from "./lifecycle_lease.ts";
import { repairRuns } from "./run_repair.ts";
import { readRuns, saveRun } from "./run_repository.ts";
import { savedRunIds } from "./run_revision.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

Deno.test("a first start that never saved has lost nothing", async () => {
  const host = createFakeHost();
  const { disk } = host.world;
  for (const path of [environmentsDirectory(PATHS), PATHS.directory]) {
    disk.putDirectory(path, 0o700);
  }
  disk.put(`${runPaths(PATHS, runIdOf(1)).logs}/Main_api.log`, "hello\n");
  assertEquals((await readRuns(host, PATHS)).notes, []);
  assertEquals(await savedRunIds(host, PATHS), []);
  using lease = await takeLease(host, PATHS, "reeve doctor --repair");
  assertEquals((await repairRuns(host, PATHS, lease)).kind, "sound");
  await saveRun(host, PATHS, lease, runOf(2));
  assertEquals(await savedRunIds(host, PATHS), [runIdOf(2)]);
  disk.take(PATHS.index);
  disk.take(PATHS.indexBackup);
  const [{ kind, message } = { kind: "", message: "" }] =
    (await readRuns(host, PATHS)).notes;
  assertEquals([kind, message.includes(runIdOf(1))], ["lost", false]);
});
