import { assert, assertEquals, assertRejects } from "@std/assert";
import { runIdOf, runOf } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import {
  PATHS,
  read,
  retire,
  revisionsOf,
  save,
  states,
} from "#support/run_store.ts";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { ARTIFACTS, latestPath, runPaths } from "../state/environment_paths.ts";
import type { Mode, RunState } from "./model.ts";
import { selectRuns } from "./run_repository.ts";

Deno.test("nothing is there at first, and reading makes nothing", async () => {
  const world = new FakeWorld();
  assertEquals(await read(world), { runs: [], generation: 0, notes: [] });
  assertEquals(world.writes, []);
});

Deno.test("a run is read as it was saved", async () => {
  const world = new FakeWorld();
  assertEquals(await save(world, runOf(1)), []);
  const found = await read(world);
  assertEquals(found.runs, [
    { run: runOf(1), sequence: 1, isOutdated: false },
  ]);
  assertEquals([found.generation, found.notes], [1, []]);
});

Deno.test("every document is in the revision and in both views", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  for (const name of ARTIFACTS) {
    const [path] = revisionsOf(world, 1, name);
    const text = world.disk.textOf(path ?? "");
    assert(text?.includes(`"schema": "${name}"`), name);
    assertEquals(world.disk.textOf(latestPath(PATHS, name)), text);
    const { directory } = runPaths(PATHS, runIdOf(1));
    assertEquals(world.disk.textOf(`${directory}/${name}.json`), text);
  }
});

Deno.test("both copies of the index are there and equal", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  const text = world.disk.textOf(PATHS.index);
  assert(text !== undefined);
  assertEquals(world.disk.textOf(PATHS.indexBackup), text);
});

Deno.test("a revision is never changed, and two are kept", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  const [first = ""] = revisionsOf(world, 1);
  const text = world.disk.textOf(first);
  await save(world, { ...runOf(1), fingerprint: "two" });
  assertEquals(world.disk.textOf(first), text);
  assertEquals(revisionsOf(world, 1).length, 2);
  await save(world, { ...runOf(1), fingerprint: "three" });
  const left = revisionsOf(world, 1);
  assertEquals([left.length, left.includes(first)], [2, false]);
});

Deno.test("several runs own their projects", async () => {
  const world = new FakeWorld();
  const trees = (n: number, names: readonly string[]): RunState => ({
    ...runOf(n, names),
    mode: "trees",
  });
  await save(world, runOf(1));
  await save(world, trees(2, ["a", "b"]));
  await save(world, trees(3, ["b"]));
  const { runs } = await read(world);
  assertEquals(runs.map(({ run }) => run), [
    trees(3, ["b"]),
    trees(2, ["a"]),
    runOf(1),
  ]);
  const ids = (mode: Mode | undefined, projects?: readonly string[]) =>
    selectRuns(runs, mode, projects).map(({ run }) => run.runId);
  assertEquals(ids("main"), [runIdOf(1)]);
  assertEquals(ids("trees"), [runIdOf(3), runIdOf(2)]);
  assertEquals(ids("main", ["a"]), []);
  assertEquals(ids("trees", ["Main"]), []);
  assertEquals(ids(undefined, ["Main"]), [runIdOf(1)]);
  assertEquals(ids(undefined), [runIdOf(3), runIdOf(2), runIdOf(1)]);
});

Deno.test("a run that is over is history and can never be saved", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  assertEquals(await retire(world, 1), []);
  assertEquals(await states(world), []);
  assertEquals(revisionsOf(world, 1).length, 1);
  assertEquals(world.disk.textOf(latestPath(PATHS, "run_state")), undefined);
  const { directory } = runPaths(PATHS, runIdOf(1));
  assert(world.disk.textOf(`${directory}/run_state.json`) !== undefined);
  const before = world.disk.texts();
  const error = await assertRejects(() => save(world, runOf(1)), KnownError);
  assertEquals(error.code, "drift");
  const { [PATHS.lease]: _, [PATHS.indexLock]: __, ...after } = world.disk
    .texts();
  for (const [path, text] of Object.entries(after)) {
    assertEquals(before[path], text, path);
  }
  assertEquals(await retire(world, 1), []);
});

Deno.test("the latest view goes back to the run that is left", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  await save(world, { ...runOf(2, ["a"]), mode: "trees" });
  await retire(world, 2);
  const text = world.disk.textOf(latestPath(PATHS, "run_state"));
  assert(text?.includes(runIdOf(1)));
});

Deno.test("what cannot be written to can still be read", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  world.disk.put(latestPath(PATHS, "run_state"), "{}");
  world.failFiles((path) => path.startsWith(PATHS.directory), "read_only", {
    operation: "writeAtomic",
  });
  const { runs, notes } = await read(world);
  assertEquals(runs.map(({ run }) => run), [runOf(1)]);
  assertEquals(notes.map(({ kind }) => kind), ["repaired", "failed"]);
  await assertRejects(() => save(world, runOf(1)), HostError);
});

Deno.test("a reader does not wait for ever for a writer", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  world.disk.put(latestPath(PATHS, "run_state"), "{}");
  using lock = await world.host().files.tryLock(PATHS.indexLock, {
    create: true,
  }) as Disposable;
  const found = read(world);
  await world.advance(5000);
  assertEquals((await found).runs.map(({ run }) => run), [runOf(1)]);
  assertEquals(world.disk.textOf(latestPath(PATHS, "run_state")), "{}");
  lock[Symbol.dispose]();
});

Deno.test("a revision behind a link is not written to", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  world.disk.putDirectory("/elsewhere", 0o700);
  world.disk.putLink(runPaths(PATHS, runIdOf(2)).directory, "/elsewhere");
  await assertRejects(() => save(world, runOf(2)), KnownError, "/elsewhere");
});
