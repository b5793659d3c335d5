import { assert, assertEquals } from "@std/assert";
import { pathsBelow, runIdOf, runOf } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { runPaths } from "../state/environment_paths.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import { formatIndex } from "./run_index.ts";
import { readIndexCopies } from "./run_index_file.ts";
import { repairRuns } from "./run_repair.ts";
import { readRuns, retireRun, saveRun } from "./run_repository.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

async function worldWith(...runs: readonly RunState[]): Promise<FakeWorld> {
  const world = new FakeWorld();
  const host = world.host();
  for (const run of runs) {
    using lease = await takeLease(host, PATHS, "reeve start");
    await saveRun(host, PATHS, lease, run);
    await world.advance(1000);
  }
  return world;
}

async function repair(world: FakeWorld) {
  const host = world.host();
  using lease = await takeLease(host, PATHS, "reeve doctor --repair");
  return await repairRuns(host, PATHS, lease);
}

async function states(world: FakeWorld): Promise<readonly RunState[]> {
  return (await readRuns(world.host(), PATHS)).runs.map(({ run }) => run);
}

function breakBoth(world: FakeWorld): void {
  world.disk.put(PATHS.index, "broken 1");
  world.disk.put(PATHS.indexBackup, "broken 2");
}

function asides(world: FakeWorld): readonly string[] {
  return Object.entries(world.disk.texts())
    .filter(([path]) => path.startsWith(`${PATHS.quarantine}/`))
    .map(([, text]) => text).sort();
}

Deno.test("a sound index stays as it is", async () => {
  const world = await worldWith(runOf(1));
  const text = world.disk.textOf(PATHS.index);
  assertEquals((await repair(world)).kind, "sound");
  assertEquals(world.disk.textOf(PATHS.index), text);
  assertEquals((await repair(new FakeWorld())).kind, "sound");
});

Deno.test("two broken copies are put aside and built again", async () => {
  const last = { ...runOf(1), fingerprint: "two" };
  const world = await worldWith(runOf(1), last, {
    ...runOf(2, ["a"]),
    mode: "trees",
  });
  breakBoth(world);
  const report = await repair(world);
  assertEquals([report.kind, report.runIds], [
    "rebuilt",
    [runIdOf(1), runIdOf(2)],
  ]);
  assertEquals(asides(world), ["broken 1", "broken 2"]);
  assertEquals(await states(world), [
    { ...runOf(2, ["a"]), mode: "trees" },
    last,
  ]);
  assertEquals((await repair(world)).kind, "sound");
});

Deno.test("copies that contradict each other are built again", async () => {
  const world = await worldWith(runOf(1));
  const [copy] = await readIndexCopies(world.host(), PATHS);
  assert(copy?.read.kind === "found");
  world.disk.put(
    PATHS.indexBackup,
    formatIndex({ ...copy.read.value, fenced: [runIdOf(8)] }),
  );
  assertEquals((await repair(world)).kind, "rebuilt");
  assertEquals(asides(world).length, 2);
  assertEquals(await states(world), [runOf(1)]);
});

Deno.test("copies that were taken away are built again", async () => {
  const world = await worldWith(runOf(1));
  world.disk.take(PATHS.index);
  world.disk.take(PATHS.indexBackup);
  assertEquals((await repair(world)).runIds, [runIdOf(1)]);
  assertEquals(await states(world), [runOf(1)]);
});

Deno.test("without a revision the index is empty", async () => {
  const world = await worldWith();
  world.disk.putDirectory(PATHS.directory, 0o700);
  world.disk.tree.makeDirectories(PATHS.runs, 0o700, 0);
  for (const path of [PATHS.root, `${PATHS.root}/environments`]) {
    const { node } = world.disk.tree.resolve(path);
    if (node !== undefined) node.mode = 0o700;
  }
  breakBoth(world);
  const report = await repair(world);
  assertEquals([report.kind, report.runIds], ["rebuilt", []]);
  assertEquals(await states(world), []);
});

Deno.test("a run that was over stays over", async () => {
  const world = await worldWith(runOf(1), runOf(2, ["Main"]));
  const host = world.host();
  {
    using lease = await takeLease(host, PATHS, "reeve stop");
    await retireRun(host, PATHS, lease, runIdOf(2));
  }
  breakBoth(world);
  assertEquals((await repair(world)).runIds, []);
  assertEquals(await states(world), []);
  using lease = await takeLease(host, PATHS, "reeve start");
  const error = await saveRun(host, PATHS, lease, runOf(2)).catch((e) => e);
  assertEquals(error.code, "drift");
});

Deno.test("of two runs the later one keeps the project", async () => {
  const world = await worldWith(runOf(1, ["a", "b"]), runOf(2, ["b"]));
  breakBoth(world);
  await repair(world);
  assertEquals(await states(world), [runOf(2, ["b"]), runOf(1, ["a"])]);
});

Deno.test("a changed revision is left out and named", async () => {
  const last = { ...runOf(1), fingerprint: "two" };
  const world = await worldWith(runOf(1), last);
  const { revisions } = runPaths(PATHS, runIdOf(1));
  const paths = Object.keys(world.disk.texts()).filter((path) =>
    path.startsWith(revisions) && path.endsWith("run_state.json")
  );
  const path = paths.at(-1) ?? "";
  const text = world.disk.textOf(path) ?? "";
  world.disk.put(path, text.replace('"two"', '"six"'));
  breakBoth(world);
  const { notes } = await repair(world);
  assert(
    notes.some(({ kind, message }) =>
      kind === "lost" && message.includes("its content was changed")
    ),
  );
  assertEquals(await states(world), [runOf(1)]);
});

Deno.test("an incomplete revision is left out", async () => {
  const world = await worldWith(runOf(1));
  const path = Object.keys(world.disk.texts()).find((path) =>
    path.includes("/revisions/") && path.endsWith("error_report.json")
  );
  world.disk.take(path ?? "");
  breakBoth(world);
  const { runIds, notes } = await repair(world);
  assertEquals(runIds, []);
  assert(notes.some(({ message }) => message.includes("not complete")));
});

Deno.test("a revision behind a link is left out", async () => {
  const world = await worldWith(runOf(1));
  const { revisions } = runPaths(PATHS, runIdOf(1));
  const [name = ""] = world.disk.tree.namesIn(revisions);
  world.disk.tree.move(`${revisions}/${name}`, "/elsewhere");
  world.disk.putLink(`${revisions}/${name}`, "/elsewhere");
  breakBoth(world);
  const { runIds, notes } = await repair(world);
  assertEquals(runIds, []);
  assert(notes.some(({ message }) => message.includes("/elsewhere")));
});
