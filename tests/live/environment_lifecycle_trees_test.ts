/** Worktrees side by side: ports of their own, and failures of their own. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  pidOf,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { startRedis } from "#support/redis_server.ts";
import { freePort } from "#support/unit_world.ts";
import { KnownError } from "../../src/errors.ts";
import { listProjects } from "../../src/environment/projects.ts";

await (await startRedis())[Symbol.asyncDispose]();

async function git(cwd: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args],
    cwd,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** A repository with a worktree for each of these branches. */
async function withTrees(
  lines: Readonly<Record<string, string>>,
  ...branches: readonly string[]
): Promise<EnvironmentWorld> {
  const world = await makeEnvironmentWorld();
  await Deno.remove(`${world.root}/.git`, { recursive: true });
  await git(world.root, "init", "--quiet", "--initial-branch=main");
  await world.settings(lines);
  await git(world.root, "add", ".reeve");
  await git(world.root, "commit", "--quiet", "-m", "first");
  for (const branch of branches) {
    const tree = `trees/${branch.replace("/", "-")}`;
    await git(world.root, "worktree", "add", "--quiet", "-b", branch, tree);
  }
  return world;
}

const listener = (port: number) => ({
  "REEVE_SERVICES": "api",
  "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
  "REEVE_SERVICE_API_PORT": String(port),
});

Deno.test("each worktree has its own port, and so does the main checkout", async () => {
  const base = freePort();
  await using world = await withTrees(listener(base), "one", "feature/two");
  const main = await world.start();
  const trees = await world.start({ mode: "trees" });
  assertEquals([trees.kind, trees.failure], ["started", undefined]);
  assertEquals(trees.run?.projects.map(({ name }) => name), [
    "feature/two",
    "one",
  ]);
  const ports = [
    serviceOf(main.run, "api").actualPort,
    serviceOf(trees.run, "api", "one").actualPort,
    serviceOf(trees.run, "api", "feature/two").actualPort,
  ];
  assertEquals(new Set(ports).size, 3);
  assertEquals(ports[0], base);
  const again = await world.start({ mode: "trees" });
  assertEquals(again.kind, "resumed");
  const stop = await world.stop({ mode: "trees", projects: ["one"] });
  assertEquals(stop.stopped, ["one Api"]);
  const after = await world.look();
  assertEquals(
    after.map(({ run, units }) => [
      run.mode,
      units.map(({ truth }) => truth.status),
    ]).toSorted(),
    [["main", ["running"]], ["trees", ["running", "stopped"]]],
  );
  const back = await world.start({ mode: "trees" });
  assertEquals(serviceOf(back.run, "api", "one").actualPort, ports[1]);
  assertEquals(
    pidOf(back.run, "api", "feature/two"),
    pidOf(trees.run, "api", "feature/two"),
  );
  await world.stop({ mode: "trees" });
  assertEquals((await world.running()).length, 1);
  await world.stop();
});

Deno.test("a worktree that fails leaves the others as they are", async () => {
  await using world = await withTrees(
    {
      ...listener(freePort()),
      "REEVE_SERVICE_API_CMD": "sh run.sh {port}",
    },
    "good",
    "bad",
  );
  await Deno.writeTextFile(
    `${world.root}/trees/good/run.sh`,
    `exec ${unitCommand("listen", "$1")}\n`,
  );
  await Deno.writeTextFile(
    `${world.root}/trees/bad/run.sh`,
    "echo fatal: bad tree >&2; exit 4\n",
  );
  const report = await world.start({ mode: "trees" });
  assertEquals(report.kind, "failed");
  assertMatch(report.failure ?? "", /^bad Api ended .*fatal: bad tree/);
  assertEquals((await world.running()).length, 1);
  const [seen] = await world.look();
  assertEquals(
    seen?.units.map(({ project, truth }) => [project, truth.status]),
    [["bad", "stale"], ["good", "running"]],
  );
  const pid = pidOf(seen?.run, "api", "good");
  await Deno.copyFile(
    `${world.root}/trees/good/run.sh`,
    `${world.root}/trees/bad/run.sh`,
  );
  const second = await world.start({ mode: "trees" });
  assertEquals([second.kind, second.failure], ["resumed", undefined]);
  assertEquals(pidOf(second.run, "api", "good"), pid);
  await world.stop();
});

Deno.test("what worktrees share is there once, and the main checkout's is used", async () => {
  const redis = freePort();
  const lines = {
    ...listener(freePort()),
    "REEVE_DEPENDENCIES": "redis",
    "REEVE_DEPENDENCY_REDIS_MODE": "native",
    "REEVE_DEPENDENCY_REDIS_PORT": String(redis),
    "REEVE_DEPENDENCY_REDIS_SHARED": "true",
  };
  await using world = await withTrees(lines, "one", "two");
  const trees = await world.start({ mode: "trees" });
  assertEquals([trees.kind, trees.failure], ["started", undefined]);
  const shared = trees.run?.dependencies.map(({ project, ports }) => [
    project,
    ports,
  ]);
  assertEquals(shared, [["Main", { primary: redis }]]);
  await world.stop({ mode: "trees", projects: ["one"] });
  const [seen] = await world.look();
  assertEquals(
    seen?.units.map(({ project, truth }) => [project, truth.status]),
    [["Main", "running"], ["one", "stopped"], ["two", "running"]],
  );
  // Nobody is left who needs what they share.
  await world.stop({ mode: "trees", projects: ["two"] });
  assertEquals(await world.look(), []);
  assertEquals(await world.running(), []);
  const main = await world.start();
  const borrowing = await world.start({ mode: "trees" });
  assertEquals([borrowing.kind, borrowing.failure], ["started", undefined]);
  assertEquals(borrowing.run?.dependencies, []);
  await world.stop({ mode: "trees" });
  const [left] = await world.look();
  assertEquals(left?.run.runId, main.run?.runId);
  assertEquals(left?.units.map(({ truth }) => truth.status), [
    "running",
    "running",
  ]);
  await world.stop();
});

Deno.test("a command in a worktree is about the repository that it was made from", async () => {
  await using world = await withTrees(listener(freePort()), "one");
  const inside = await world.open(`${world.root}/trees/one`);
  const outside = await world.open();
  assertEquals(inside.scope, outside.scope);
  assertEquals(inside.repositoryRoot, world.root);
  assertEquals(inside.executionRoot, `${world.root}/trees/one`);
  await git(`${world.root}/trees/one`, "checkout", "--quiet", "--detach");
  const names = async () =>
    (await listProjects(world.host, outside, "trees")).map(({ name }) => name);
  assertEquals(await names(), ["one"]);
  await git(
    world.root,
    ...["worktree", "add", "--quiet", "--detach", "trees/shop/1"],
  );
  assertEquals(await names(), ["one", "shop-1"]);
  await git(`${world.root}/trees/shop/1`, "checkout", "--quiet", "-b", "Main");
  const error = await assertRejects(names, KnownError);
  assertMatch(error.message, /has the name of the main checkout/);
  assert(error.hint !== undefined);
});
