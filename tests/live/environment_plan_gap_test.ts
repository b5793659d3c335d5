import { assert, assertEquals, assertRejects } from "@std/assert";
import { findFreeBlock } from "#support/sandbox.ts";
import { unitCommand } from "#support/environment_world.ts";
import {
  makeWorktreeWorld,
  type WorktreeWorld,
} from "#support/worktree_world.ts";
import { runEnvironmentLine } from "../../src/cli/environment_line.ts";
import { KnownError } from "../../src/errors.ts";
import type { Host } from "../../src/host/host.ts";

/** Ports of the main checkout and of a few worktrees. */
const PORTS = 40;

function makeWorld(): Promise<WorktreeWorld> {
  return makeWorktreeWorld({
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(findFreeBlock(PORTS)),
  }, { "plans/shop/cart.md": "# Cart\n" });
}

/**
 * Runs `reeve plan cart`; between the making of its worktree and its start,
 * when it holds nothing, something else happens.
 */
async function planWith(
  { host, root }: WorktreeWorld,
  meanwhile: () => Promise<void>,
): Promise<Readonly<Record<string, unknown>>> {
  let taken = 0;
  const files: Host["files"] = {
    ...host.files,
    async tryLock(path, options) {
      if (path.endsWith("/lease.lock") && ++taken === 2) await meanwhile();
      return await host.files.tryLock(path, options);
    },
  };
  const env = { ...host.env, cwd: root, os: host.env.os };
  const terminal = { ...host.terminal, isInteractive: false, err() {} };
  const ended = await runEnvironmentLine({
    host: { ...host, env, files, terminal },
    isJson: true,
    takeInterrupts: () => new AbortController().signal,
  }, ["plan", "cart", "--json"]);
  assertEquals(taken, 2, "there is such a moment");
  return { exit: ended?.exit, ...Object(ended?.json) };
}

/** Every service that runs, as `project pid`. */
async function runningIn(world: WorktreeWorld): Promise<readonly string[]> {
  const { json } = await world.line("status --trees");
  return json.runs.flatMap(({ units }: { units: Document[] }) => units)
    .filter(({ status }: Document) => status === "running")
    .map(({ pid, project }: Document) => `${project} ${pid}`);
}

interface Document {
  readonly pid: number;
  readonly project: string;
  readonly status: string;
}

Deno.test.each([
  { line: "plan cart", outcome: "resumed" },
  { line: "start --trees --all", outcome: "resumed" },
  { line: "stop-all", outcome: "started" },
  {
    line: "ensure-worktree shop_cart 1 --recreate-existing-worktree",
    outcome: "started",
  },
])("reeve plan while reeve $line comes in between", async (row) => {
  await using world = await makeWorld();
  let before: readonly string[] = [];
  const plan = await planWith(world, async () => {
    assertEquals((await world.line(row.line)).exit, 0);
    before = await runningIn(world);
  });
  assertEquals([plan["exit"], Object(plan["start"]).outcome], [0, row.outcome]);
  const after = await runningIn(world);
  assertEquals(after.length, 1);
  if (row.outcome === "resumed") assertEquals(after, before);
});

Deno.test("reeve plan whose worktree is gone before it starts", async () => {
  await using world = await makeWorld();
  const tree = world.tree("shop_cart", 1);
  const plan = await planWith(world, async () => {
    await world.git(world.root, "worktree", "remove", "--force", tree);
  });
  const { failure, outcome } = Object(plan["start"]);
  assertEquals([plan["exit"], outcome], [1, "failed"]);
  assert(failure.endsWith("there is no such directory"), failure);
  assertEquals(await runningIn(world), []);
});

Deno.test("reeve plan gives way to a command that is at work", async () => {
  await using world = await makeWorld();
  const { paths } = await world.open();
  const held: Disposable[] = [];
  const error = await assertRejects(
    () =>
      planWith(world, async () => {
        const lock = await world.host.files.tryLock(paths.lease, {
          create: true,
        });
        if (typeof lock !== "string") held.push(lock);
      }),
    KnownError,
  );
  assertEquals([error.code, held.length], ["lock_busy", 1]);
  assert(error.hint?.startsWith("Wait for it to end"));
  held[0]?.[Symbol.dispose]();
  assertEquals(await runningIn(world), []);
  const again = await world.line("plan cart");
  assertEquals([again.exit, again.json.start.outcome], [0, "started"]);
  assertEquals(again.json.worktrees[0].action, "reuse");
});
