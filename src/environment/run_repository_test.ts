import { assert, assertEquals, assertRejects } from "@std/assert";
import { pathsBelow, runIdOf, runOf } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { baseName } from "../host/path.ts";
import { ARTIFACTS, latestPath, runPaths } from "../state/environment_paths.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { Mode, RunState } from "./model.ts";
import { formatIndex } from "./run_index.ts";
import { readIndexCopies } from "./run_index_file.ts";
import { readRuns, retireRun, saveRun, selectRuns } from "./run_repository.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

async function save(world: FakeWorld, run: RunState) {
  const host = world.host();
  using lease = await takeLease(host, PATHS, "reeve start");
  const notes = await saveRun(host, PATHS, lease, run);
  await world.advance(1000);
  return notes;
}

async function retire(world: FakeWorld, n: number) {
  const host = world.host();
  using lease = await takeLease(host, PATHS, "reeve stop");
  return await retireRun(host, PATHS, lease, runIdOf(n));
}

async function read(world: FakeWorld) {
  return await readRuns(world.host(), PATHS);
}

async function states(world: FakeWorld): Promise<readonly RunState[]> {
  return (await read(world)).runs.map(({ run }) => run);
}

/** Paths of one document in every revision of a run, the oldest first. */
function revisionsOf(world: FakeWorld, n: number, name = "run_state") {
  const { revisions } = runPaths(PATHS, runIdOf(n));
  return Object.keys(world.disk.texts()).filter((path) =>
    path.startsWith(`${revisions}/`) && path.endsWith(`/${name}.json`)
  );
}

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

const ALIASES = [
  ...ARTIFACTS.map((name) => latestPath(PATHS, name)),
  ...ARTIFACTS.map((name) =>
    `${runPaths(PATHS, runIdOf(1)).directory}/${name}.json`
  ),
];

Deno.test.each(ALIASES.map((path) => ({ path })))(
  "$path is repaired when it was changed, cut or taken away",
  async ({ path }) => {
    for (const text of ["{}", "", undefined]) {
      const world = new FakeWorld();
      await save(world, runOf(1));
      const sound = world.disk.textOf(path);
      if (text === undefined) world.disk.take(path);
      else world.disk.put(path, text);
      const { runs, notes } = await read(world);
      assertEquals(runs.map(({ run }) => run), [runOf(1)]);
      assertEquals(notes.map(({ kind, path }) => [kind, path]), [
        ["repaired", path],
      ]);
      assertEquals(world.disk.textOf(path), sound);
      assertEquals((await read(world)).notes, []);
    }
  },
);

Deno.test.each(ARTIFACTS.map((name) => ({ name })))(
  "a revision with a changed $name is restored from its alias",
  async ({ name }) => {
    const world = new FakeWorld();
    await save(world, runOf(1));
    const [path = ""] = revisionsOf(world, 1, name);
    const sound = world.disk.textOf(path);
    world.disk.put(path, sound?.replace("run-", "ran-") ?? "");
    const { runs, notes } = await read(world);
    assertEquals(runs.map(({ run }) => run), [runOf(1)]);
    assertEquals(notes.map(({ kind }) => kind), ["repaired"]);
    assertEquals(world.disk.textOf(path), sound);
    assertEquals((await read(world)).notes, []);
  },
);

Deno.test("documents that a power loss has taken are made again", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  await save(world, { ...runOf(1), fingerprint: "two" });
  const before = world.disk.texts();
  for (const name of ARTIFACTS) {
    if (name === "run_state") continue;
    world.disk.put(revisionsOf(world, 1, name).at(-1) ?? "", "");
  }
  ruin(world, [...ALIASES, PATHS.indexBackup]);
  const { runs } = await read(world);
  assertEquals(runs.map(({ run }) => run.fingerprint), ["two"]);
  const after = world.disk.texts();
  for (const [path, text] of Object.entries(before)) {
    if (!path.endsWith(".lock")) assertEquals(after[path], text, path);
  }
});

function ruin(world: FakeWorld, paths: readonly string[]): void {
  for (const path of paths) world.disk.put(path, "{");
}

Deno.test("a damaged revision gives way to the one before, and says so", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  await save(world, { ...runOf(1), fingerprint: "two" });
  ruin(world, [...revisionsOf(world, 1).slice(1), ...ALIASES]);
  const { runs, notes } = await read(world);
  assertEquals(runs, [{ run: runOf(1), sequence: 2, isOutdated: true }]);
  assert(notes.some(({ kind }) => kind === "outdated"));
  await save(world, { ...runOf(1), fingerprint: "three" });
  assertEquals((await states(world)).map(({ fingerprint }) => fingerprint), [
    "three",
  ]);
});

Deno.test("a run of which nothing is left is explained, not thrown", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  ruin(world, [...revisionsOf(world, 1), ...ALIASES]);
  const { runs, notes } = await read(world);
  assertEquals(runs, []);
  assertEquals(notes.map(({ kind }) => kind), ["lost"]);
  assert(notes[0]?.message.includes(runIdOf(1)));
  await save(world, runOf(2));
  assertEquals(await states(world), [runOf(2)]);
});

Deno.test.each([
  { path: PATHS.index, text: "{" },
  { path: PATHS.index, text: undefined },
  { path: PATHS.indexBackup, text: "\0\0" },
  { path: PATHS.indexBackup, text: "[]" },
  { path: PATHS.indexBackup, text: undefined },
])("$path as $text is replaced by the other copy", async ({ path, text }) => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  const sound = world.disk.textOf(PATHS.index);
  if (text === undefined) world.disk.take(path);
  else world.disk.put(path, text);
  const { runs, notes } = await read(world);
  assertEquals(runs.map(({ run }) => run), [runOf(1)]);
  assertEquals(notes.map(({ kind, path }) => [kind, path]), [
    ["repaired", path],
  ]);
  assertEquals(world.disk.textOf(path), sound);
  const aside = Object.entries(world.disk.texts())
    .filter(([name]) => name.startsWith(PATHS.quarantine));
  assertEquals(
    aside.map(([, found]) => found),
    text === undefined ? [] : [text],
  );
});

Deno.test("a save goes on with one broken copy and puts it aside", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  world.disk.put(PATHS.index, "broken");
  await save(world, { ...runOf(1), fingerprint: "two" });
  assertEquals((await states(world))[0]?.fingerprint, "two");
  const aside = Object.entries(world.disk.texts())
    .filter(([name]) => name.startsWith(PATHS.quarantine));
  assertEquals(aside.map(([, text]) => text), ["broken"]);
});

Deno.test("the newer copy counts, wherever it is", async () => {
  for (const path of [PATHS.index, PATHS.indexBackup]) {
    const world = new FakeWorld();
    await save(world, runOf(1));
    const old = world.disk.textOf(PATHS.index) ?? "";
    await save(world, { ...runOf(1), fingerprint: "two" });
    const young = world.disk.textOf(PATHS.index);
    world.disk.put(path, old);
    assertEquals((await states(world))[0]?.fingerprint, "two");
    assertEquals(world.disk.textOf(path), young);
  }
});

Deno.test("copies that contradict each other are both refused", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  const [copy] = await readIndexCopies(world.host(), PATHS);
  assert(copy?.read.kind === "found");
  const other = formatIndex({ ...copy.read.value, fenced: [runIdOf(8)] });
  world.disk.put(PATHS.indexBackup, other);
  for (const act of [() => read(world), () => save(world, runOf(1))]) {
    const error = await assertRejects(act, KnownError, "contradict");
    assertEquals(error.code, "damaged_file");
    assert(error.hint?.includes("doctor --repair"));
  }
  assertEquals(world.disk.textOf(PATHS.indexBackup), other);
});

Deno.test("two broken copies are explained", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  world.disk.put(PATHS.index, "");
  world.disk.put(PATHS.indexBackup, "{}");
  const error = await assertRejects(() => read(world), KnownError);
  const [before, said = ""] = error.message.split(`${PATHS.directory}: `);
  assertEquals(before, "Cannot read the list of runs in ");
  assert(said.startsWith("index.json: it is empty; "), said);
  assert(said.includes(`${baseName(PATHS.indexBackup)}: these keys are wrong`));
});

Deno.test("the index of another repository is not ours", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  for (const path of [PATHS.index, PATHS.indexBackup]) {
    const text = world.disk.textOf(path) ?? "";
    world.disk.put(path, text.replaceAll(PATHS.scope, "repo-ffffffffffff"));
  }
  await assertRejects(() => read(world), KnownError, "another repository");
});

Deno.test("an index of a newer reeve is left alone", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  const text = '{"schema_version": 2}';
  world.disk.put(PATHS.indexBackup, text);
  for (const act of [() => read(world), () => save(world, runOf(1))]) {
    const error = await assertRejects(act, KnownError);
    assertEquals(error.code, "newer_file");
  }
  assertEquals(world.disk.textOf(PATHS.indexBackup), text);
});

Deno.test("without an index what was begun is named", async () => {
  const world = new FakeWorld();
  await save(world, runOf(1));
  world.disk.take(PATHS.index);
  world.disk.take(PATHS.indexBackup);
  const { runs, notes } = await read(world);
  assertEquals(runs, []);
  assert(notes.some(({ message }) => message.includes(runIdOf(1))));
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
