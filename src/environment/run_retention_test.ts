import { assert, assertEquals } from "@std/assert";
import {
  pathsBelow,
  runIdOf,
  runOf,
  serviceOf,
} from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { runPaths, serviceLogPath } from "../state/environment_paths.ts";
import { takeLease } from "./lifecycle_lease.ts";
import { HISTORY_LIMIT } from "./run_index.ts";
import { saveRun } from "./run_repository.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

function logOf(n: number, slug: string): string {
  return serviceLogPath(runPaths(PATHS, runIdOf(n)), "Main", slug);
}

Deno.test("logs go with forgotten runs, but for those that are written to", async () => {
  const world = new FakeWorld();
  const host = world.host();
  using lease = await takeLease(host, PATHS, "test");
  // The first was killed before it was saved; the second one's `web` goes on.
  const [killed, kept, last] = [0, 1, HISTORY_LIMIT + 2];
  const still = [logOf(kept, "web"), `${logOf(kept, "web")}.1`];
  const gone = [logOf(killed, "api"), logOf(kept, "api")];
  for (const path of [...still, ...gone]) world.disk.put(path, "a line\n");
  const here = () =>
    [...still, ...gone].filter((path) => world.disk.textOf(path) !== undefined);
  // Each takes the project over from the one before.
  for (let n = kept; n <= last; n++) {
    const web = serviceOf("Main", "web", { logPath: logOf(kept, "web") });
    const run = runOf(n, ["Main"], { services: [web] });
    assertEquals(await saveRun(host, PATHS, lease, run), []);
    if (n === kept) assertEquals(here(), [...still, logOf(kept, "api")]);
  }
  assertEquals(here(), still);
  // What is empty goes as a whole; what is not keeps its mark.
  const listed = await host.files.list(PATHS.runs);
  assert(!listed.includes(runIdOf(killed)));
  assert(listed.includes(runIdOf(kept)));
  assert(world.disk.textOf(runPaths(PATHS, runIdOf(kept)).retired));
  assertEquals(listed.length, HISTORY_LIMIT + 2);
});
