import { assert, assertEquals, assertRejects } from "@std/assert";
import { pathsBelow } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { environmentPaths } from "../state/environment_paths.ts";
import { takeLease } from "./lifecycle_lease.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

Deno.test("of two commands one is told who the other is", async () => {
  const world = new FakeWorld({ startMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
  const [first, second] = [world.host(), world.host()];
  const lease = await takeLease(first, PATHS, "reeve start\n --headless");
  assertEquals([lease.scope, lease.path], [PATHS.scope, PATHS.lease]);
  const start = world.clock.elapsed();
  const error = await assertRejects(
    () => takeLease(second, PATHS, "reeve stop"),
    KnownError,
  );
  assertEquals([error.code, error.message], [
    "lock_busy",
    `Another command is changing this environment: process ${first.env.pid} ` +
    "(reeve start --headless, since 2026-01-02T03:04:05.000Z)",
  ]);
  assert(error.hint !== undefined);
  assertEquals(world.clock.elapsed(), start, "nobody waits");
  lease[Symbol.dispose]();
  using again = await takeLease(second, PATHS, "reeve stop");
  assertEquals(again.path, PATHS.lease);
});

Deno.test("a lease ends with its process", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await takeLease(host, PATHS, "reeve start");
  world.endProcess(host.env.pid);
  using lease = await takeLease(world.host(), PATHS, "reeve start");
  assertEquals(lease.path, PATHS.lease);
});

Deno.test.each([{ text: "" }, { text: "no pid\n" }])(
  "a holder who has not signed is not named: $text",
  async ({ text }) => {
    const world = new FakeWorld();
    using _ = await takeLease(world.host(), PATHS, "reeve start");
    const { node } = world.disk.tree.resolve(PATHS.lease);
    assert(node?.kind === "file");
    world.disk.change(node, PATHS.lease, text);
    const error = await assertRejects(
      () => takeLease(world.host(), PATHS, "reeve start"),
      KnownError,
    );
    const message = "Another command is changing this environment";
    assertEquals(error.message, message);
  },
);

Deno.test("other repositories have leases of their own", async () => {
  const world = new FakeWorld();
  const other = environmentPaths(PATHS, "repo-bbbbbbbbbbbb");
  using _ = await takeLease(world.host(), PATHS, "reeve start");
  using lease = await takeLease(world.host(), other, "reeve start");
  assert(lease.path !== PATHS.lease);
});
