/** Twenty worktrees side by side, and the main checkout beside them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  makeWorktreeWorld,
  type WorktreeWorld,
} from "#support/worktree_world.ts";
import { pidOf, serviceOf, unitCommand } from "#support/environment_world.ts";
import { startRedis } from "#support/redis_server.ts";
import { findFreeBlock } from "#support/sandbox.ts";
import { freePort } from "#support/unit_world.ts";
import { takeLease } from "../../src/environment/lifecycle_lease.ts";
import { KnownError } from "../../src/errors.ts";

await (await startRedis())[Symbol.asyncDispose]();

const COUNT = 20;
/** Ports of all slots. */
const PORTS = 20 * (COUNT + 1);

type Ports = Readonly<Record<string, number>>;

/** Ports by project, as `list-trees` tells them. */
async function listed(world: WorktreeWorld): Promise<Ports> {
  const { json } = await world.line("list-trees");
  return Object.fromEntries(
    json.projects.map(({ name, ports }: { name: string; ports: Ports }) => [
      name,
      ports["api"],
    ]),
  );
}

/** Ports by project, as they are after a start. */
function given(json: {
  readonly run: {
    readonly units: readonly {
      readonly project: string;
      readonly port: number;
      readonly status: string;
    }[];
  };
}): Ports {
  assert(json.run.units.every(({ status }) => status === "running"));
  return Object.fromEntries(
    json.run.units.map(({ port, project }) => [project, port]),
  );
}

function listener(port: number): Readonly<Record<string, string>> {
  return {
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(port),
  };
}

Deno.test("twenty worktrees have ports of their own, which stay and are as listed", async () => {
  await using world = await makeWorktreeWorld(listener(findFreeBlock(PORTS)));
  const { exit, json } = await world.line(
    `start --setup-worktrees shop ${COUNT}`,
  );
  assertEquals(exit, 0);
  const ports = given(json);
  assertEquals(Object.keys(ports).length, COUNT);
  assertEquals(new Set(Object.values(ports)).size, COUNT);
  assertEquals(await listed(world), ports);
  const main = await world.start();
  assertEquals(main.kind, "started");
  await world.line("stop --trees");
  assertEquals(await listed(world), ports, "what is listed is what is given");
  const again = await world.line("start --trees --all");
  assertEquals(given(again.json), ports);
  // One goes and comes back, another is new: nobody else's port moves.
  await world.line("stop --trees --project shop-7");
  await world.line("ensure-worktree shop 21");
  const { "shop-21": added, ...rest } = await listed(world);
  assertEquals(rest, ports);
  assert(!Object.values(ports).includes(added ?? 0));
  const back = await world.line("start --trees --project shop-7,shop-21");
  const after = given(back.json);
  assertEquals([after["shop-7"], after["shop-21"]], [ports["shop-7"], added]);
  // The whole time the main checkout was left alone.
  const [seen] = (await world.look()).filter(({ run }) => run.mode === "main");
  assertEquals(seen?.run, main.run);
  const trees = (await world.look()).find(({ run }) => run.mode === "trees");
  await world.line("restart --main");
  await world.line("stop --main");
  const left = await world.look();
  assertEquals(
    left.map(({ run }) => run),
    trees === undefined ? [] : [
      trees.run,
    ],
  );
  assertEquals((await world.running()).length, COUNT + 1);
  await world.line("stop-all");
  assertEquals(await world.running(), []);
});

Deno.test("a port that was moved once is listed as a start gives it", async () => {
  const base = findFreeBlock(PORTS);
  await using world = await makeWorktreeWorld(listener(base));
  await world.line("ensure-worktree shop 1");
  await world.line("ensure-worktree shop 2");
  const stranger = Deno.listen({ hostname: "127.0.0.1", port: base + 20 });
  const before = await listed(world);
  const first = given((await world.line("start --trees --all")).json);
  assertEquals(before, first);
  assert(first["shop-1"] !== base + 20);
  stranger.close();
  // The other one keeps the run, and with it what was given.
  await world.line("stop --trees --project shop-1");
  const between = await listed(world);
  const second = given((await world.line("start --trees --all")).json);
  assertEquals(between, second);
  assertEquals(second["shop-1"], first["shop-1"]);
  await world.line("stop-all");
});

Deno.test("a start handles no more projects and services at once than it was told", async () => {
  const base = findFreeBlock(PORTS);
  await using world = await makeWorktreeWorld({
    ...listener(base),
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_PORT": String(base + 1),
  });
  for (const iteration of [1, 2, 3]) {
    await world.line(`ensure-worktree shop ${iteration}`);
  }
  const report = await world.start({
    mode: "trees",
    pace: { projects: 1, units: 1 },
  });
  assertEquals(report.kind, "started");
  const steps = world.steps.filter((step) => /(?:starting|ready)$/.test(step));
  const one = [
    ...["api starting", "api ready", "web starting", "web ready"],
  ];
  assertEquals(steps, [...one, ...one, ...one]);
  await world.stop();
});

Deno.test("with --atomic one project that fails takes all of them with it", async () => {
  const base = findFreeBlock(PORTS);
  await using world = await makeWorktreeWorld({
    ...listener(base),
    "REEVE_SERVICE_API_CMD": "sh run.sh {port}",
  }, { "run.sh": `exec ${unitCommand("listen", "$1")}\n` });
  await world.line("ensure-worktree shop 1");
  await world.line("ensure-worktree shop 2");
  await Deno.writeTextFile(`${world.tree("shop", 2)}/run.sh`, "exit 4\n");
  const whole = await world.line("start --trees --all --atomic");
  assertEquals([whole.exit, whole.json.outcome], [1, "failed"]);
  assertEquals(await world.running(), []);
  const single = await world.line("start --trees --all");
  assertEquals(single.exit, 1);
  assertEquals((await world.running()).length, 1);
  await world.line("stop-all");
});

Deno.test("--clear-ports gives the first free slots to what does not run", async () => {
  const base = findFreeBlock(PORTS);
  await using world = await makeWorktreeWorld(listener(base));
  for (const iteration of [1, 2, 3]) {
    await world.line(`ensure-worktree shop ${iteration}`);
  }
  const first = given((await world.line("start --trees --all")).json);
  assertEquals(first["shop-3"], base + 60);
  await world.line("stop --trees");
  await world.git(
    world.root,
    ...["worktree", "remove", "--force", world.tree("shop", 1)],
  );
  await world.git(
    world.root,
    ...["worktree", "remove", "--force", world.tree("shop", 2)],
  );
  const kept = await listed(world);
  assertEquals(kept, { "shop-3": base + 60 });
  {
    const { paths } = await world.open();
    using _ = await takeLease(world.host, paths, "reeve start");
    const line = "start --trees --all --clear-ports";
    const error = await assertRejects(() => world.line(line), KnownError);
    assertEquals(error.code, "lock_busy");
    assertEquals(await listed(world), kept);
  }
  await world.line("start --trees --all --clear-ports");
  assertEquals(await listed(world), { "shop-3": base + 20 });
  const [seen] = await world.look();
  assertEquals(serviceOf(seen?.run, "api", "shop-3").actualPort, base + 20);
  // What runs keeps its slot.
  await world.line("ensure-worktree shop 1");
  await world.line("start --trees --all --clear-ports");
  assertEquals(await listed(world), {
    "shop-1": base + 40,
    "shop-3": base + 20,
  });
  await world.line("stop-all");
});

Deno.test("what worktrees share is healthy after a restart of one service", async () => {
  const redis = freePort();
  await using world = await makeWorktreeWorld({
    ...listener(findFreeBlock(PORTS)),
    "REEVE_DEPENDENCIES": "redis",
    "REEVE_DEPENDENCY_REDIS_MODE": "native",
    "REEVE_DEPENDENCY_REDIS_PORT": String(redis),
    "REEVE_DEPENDENCY_REDIS_SHARED": "true",
  });
  const { exit } = await world.line("start --setup-worktrees shop 2");
  assertEquals(exit, 0);
  const look = async () => {
    const [seen] = await world.look();
    return {
      redis: seen?.run.dependencies[0]?.identity?.pid,
      one: pidOf(seen?.run, "api", "shop-1"),
      two: pidOf(seen?.run, "api", "shop-2"),
    };
  };
  const before = await look();
  const { exit: restarted } = await world.line(
    "restart --trees --project shop-1 --service api",
  );
  assertEquals(restarted, 0);
  const after = await look();
  assertEquals([after.redis, after.two], [before.redis, before.two]);
  assert(after.one !== before.one);
  const health = await world.line("health --trees");
  assertEquals([health.exit, health.json.overall], [0, "healthy"]);
  await world.line("stop-all");
});
