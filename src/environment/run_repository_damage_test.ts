import { assert, assertEquals, assertRejects } from "@std/assert";
import { runIdOf, runOf } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import {
  ALIASES,
  PATHS,
  read,
  revisionsOf,
  save,
  states,
} from "#support/run_store.ts";
import { KnownError } from "../errors.ts";
import { baseName } from "../host/path.ts";
import { ARTIFACTS } from "../state/environment_paths.ts";
import { formatIndex } from "./run_index.ts";
import { readIndexCopies } from "./run_index_file.ts";

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
