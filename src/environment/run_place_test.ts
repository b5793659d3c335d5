import { assertEquals, assertRejects } from "@std/assert";
import { pathsBelow } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { requirePrivatePlace } from "./run_place.ts";

const ROOT = "/home/ada/.reeve";
const PATHS = pathsBelow(ROOT);
const ENVIRONMENTS = `${ROOT}/environments`;

function worldOf(change: (disk: FakeWorld["disk"]) => void = () => {}) {
  const world = new FakeWorld();
  world.disk.putDirectory(ROOT, 0o700);
  world.disk.putDirectory(PATHS.directory, 0o700);
  change(world.disk);
  return world;
}

Deno.test("a private place is fine, and so is one that is not there", async () => {
  await requirePrivatePlace(worldOf().host(), PATHS, [PATHS.runs]);
  await requirePrivatePlace(new FakeWorld().host(), PATHS, [PATHS.runs]);
});

Deno.test("a state root that others may only read is fine", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory(ROOT, 0o755);
  await requirePrivatePlace(world.host(), PATHS);
});

Deno.test("a state root behind a link is fine", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory("/data/reeve", 0o700);
  world.disk.putLink(ROOT, "/data/reeve");
  await requirePrivatePlace(world.host(), PATHS, [PATHS.runs]);
});

Deno.test("a system without users or modes has no say", async () => {
  const world = worldOf((disk) => disk.setOwner(ROOT, 7));
  await requirePrivatePlace(world.host({ os: "windows" }), PATHS);
});

const DIRECTORIES = [ROOT, ENVIRONMENTS, PATHS.directory];

Deno.test.each(DIRECTORIES.map((path) => ({ path })))(
  "$path of another user is refused",
  async ({ path }) => {
    const world = worldOf((disk) => disk.setOwner(path, 7));
    const error = await assertRejects(
      () => requirePrivatePlace(world.host(), PATHS),
      KnownError,
      `Cannot use ${path}: it belongs to user 7, not to you`,
    );
    assertEquals(error.code, "unusable");
  },
);

Deno.test.each([
  { path: ROOT, mode: 0o770, word: "change" },
  { path: ROOT, mode: 0o777, word: "change" },
  { path: ENVIRONMENTS, mode: 0o755, word: "read" },
  { path: PATHS.directory, mode: 0o750, word: "read" },
])("$path with mode $mode is refused", async ({ path, mode, word }) => {
  const world = new FakeWorld();
  for (const one of DIRECTORIES) {
    world.disk.putDirectory(one, one === path ? mode : 0o700);
  }
  const error = await assertRejects(
    () => requirePrivatePlace(world.host(), PATHS),
    KnownError,
    `other users may ${word} it`,
  );
  assertEquals(error.hint, `Make it private: chmod 700 ${path}`);
});

Deno.test.each([
  { path: ENVIRONMENTS, more: [] },
  { path: PATHS.directory, more: [] },
  { path: PATHS.runs, more: [PATHS.runs] },
  { path: PATHS.indexLock, more: [PATHS.indexLock] },
])("$path must not be a link", async ({ path, more }) => {
  const world = new FakeWorld();
  world.disk.putDirectory("/elsewhere", 0o700);
  for (const one of DIRECTORIES) {
    if (!one.startsWith(path)) world.disk.putDirectory(one, 0o700);
  }
  world.disk.take(path);
  world.disk.putLink(path, "/elsewhere");
  const error = await assertRejects(
    () => requirePrivatePlace(world.host(), PATHS, more),
    KnownError,
    "/elsewhere",
  );
  assertEquals(error.code, "unusable");
});
