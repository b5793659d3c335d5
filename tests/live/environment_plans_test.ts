/** Plans and their worktrees, and worktrees that are put aside. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { unitCommand } from "#support/environment_world.ts";
import { freePort } from "#support/unit_world.ts";
import { commitIn, makeWorktreeWorld } from "#support/worktree_world.ts";
import { KnownError } from "../../src/errors.ts";

const listener = () => ({
  "REEVE_SERVICES": "api",
  "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
  "REEVE_SERVICE_API_PORT": String(freePort()),
});
const PLANS = {
  "plans/features/checkout.md": "# Checkout\n",
  "plans/features/cart.md": "# Cart\n",
  "plans/done/old.md": "# Old\n",
};

Deno.test("plans get worktrees that are used again and never counted down", async () => {
  await using world = await makeWorktreeWorld(listener(), PLANS);
  const main = await world.start();
  const dry = await world.line("plan checkout --dry-run");
  const first = await world.line("plan features/checkout.md");
  assertEquals([first.exit, first.json.start.outcome], [0, "started"]);
  assertEquals(first.json.worktrees, dry.json.worktrees);
  const path = world.tree("features_checkout", 1);
  const task = `${path}/MAIN_TASK.md`;
  assertEquals(await Deno.readTextFile(task), "# Checkout\n");
  await Deno.writeTextFile(task, "# Mine\n");
  await world.line("ensure-worktree features_checkout 2");
  const second = world.tree("features_checkout", 2);
  const tip = await commitIn(world, second, "not pushed");
  await Deno.writeTextFile(`${second}/dirty.txt`, "dirty");
  await Deno.writeTextFile(`${second}/MAIN_TASK.md`, "# Other\n");
  const before = await world.files();
  const again = await world.line("plan checkout --headless");
  assertEquals(await world.files(), before);
  assertEquals(
    again.json.worktrees.map(({ action, project }: Record<string, string>) => [
      project,
      action,
    ]),
    [["features_checkout-1", "reuse"], ["features_checkout-2", "reuse"]],
  );
  assertEquals(
    again.json.worktrees.map((one: Record<string, unknown>) =>
      one["copies_plan"]
    ),
    [false, false],
  );
  assertEquals(await world.git(second, "rev-parse", "HEAD"), tip);
  assertEquals(again.json.start.run.units.length, 2);
  const only = await world.line(
    "plan checkout --dry-run --include-existing-worktrees 2",
  );
  assertEquals(only.json.projects, ["features_checkout-2"]);
  // The main checkout has not been touched by any of it.
  const seen = (await world.look()).find(({ run }) => run.mode === "main");
  assertEquals(seen?.run, main.run);
  for (
    const [words, says] of [
      ["plan", /names no plan/],
      ["plan old", /no plan "old"/],
      ["plan checkout ../x", /no plan "\.\.\/x"/],
      ["plan checkout --include-existing-worktrees 9", /no worktree 9/],
      ["start --setup-worktree features_checkout 1", /already$/],
      ["start --include-existing-worktrees 1", /^--include.* says nothing/],
      ["start --force", /^--force says nothing here$/],
      ["plan checkout --recreate-existing-worktree", /^--recreate.* nothing/],
      ["ensure-worktree x 1 --force --reuse-existing-worktree", /^--force/],
    ] as const
  ) {
    const error = await assertRejects(() => world.line(words), KnownError);
    assertMatch(error.message, says);
  }
  await world.stop();
});

Deno.test("a worktree is put aside only when it is asked for, and loses nothing", async () => {
  await using world = await makeWorktreeWorld(listener());
  await world.line("ensure-worktree shop 1");
  const path = world.tree("shop", 1);
  const words = "ensure-worktree shop 1 --recreate-existing-worktree";
  const refuses = async (line: string, says: RegExp) => {
    const before = await world.files();
    const error = await assertRejects(() => world.line(line), KnownError);
    assertMatch(error.message, says);
    assertEquals(await world.files(), before);
  };
  await world.start({ mode: "trees" });
  await refuses(`${words} --force`, /shop-1 Api may run in it$/);
  await world.stop({ mode: "trees" });
  await Deno.writeTextFile(`${path}/new.txt`, "new");
  await refuses(words, /has changes in new\.txt$/);
  const tip = await commitIn(world, path, "one");
  await Deno.remove(`${path}/new.txt`);
  await refuses(words, /1 of its commits are nowhere else$/);
  await Deno.writeTextFile(`${path}/work.txt`, "changed");
  await Deno.writeTextFile(`${path}/new.txt`, "new");
  const own = await world.git(path, "rev-parse", "--absolute-git-dir");
  await Deno.writeTextFile(`${own}/MERGE_HEAD`, `${tip}\n`);
  await refuses(`${words} --force`, /in the middle of a merge$/);
  await Deno.remove(`${own}/MERGE_HEAD`);
  const { json } = await world.line(`${words} --force`);
  const { action, put_aside: aside } = json.worktree;
  assertEquals([action, json.existed_before, json.created], [
    "recreate",
    true,
    true,
  ]);
  assertEquals(await Deno.readTextFile(`${aside.directory}/new.txt`), "new");
  const left = (await Array.fromAsync(Deno.readDir(aside.directory)))
    .map(({ name }) => name).toSorted();
  assertEquals(left, [".reeve", ".reeve-state", "new.txt", "work.txt"]);
  assertEquals(
    await world.git(world.root, "show", `${aside.ref}:work.txt`),
    "changed",
  );
  assertEquals(await world.git(path, "rev-parse", "HEAD"), tip);
  assertEquals(await world.git(path, "status", "--porcelain"), "");
  const names = (await world.line("list-trees")).json.projects
    .map(({ name }: Record<string, string>) => name);
  assertEquals(names, ["shop-1"]);
});

Deno.test("on a terminal somebody chooses among the plans, or none", async () => {
  await using world = await makeWorktreeWorld(listener(), PLANS);
  const before = await world.files();
  for (const answers of [["q"], [""], []]) {
    const { exit, said } = await world.talk("plan --dry-run", answers);
    assertEquals([exit, /1 {2}features\/cart/.test(said)], [2, true]);
  }
  const { exit, said, text } = await world.talk(
    "plan --dry-run",
    ["3", "x", "2, 1"],
  );
  assertEquals([exit, said.match(/numbers from 1 to 2/g)?.length], [0, 2]);
  assertMatch(text, /^Plans: features\/checkout, features\/cart\n/);
  assertMatch(text, /Would start: features_checkout-1, features_cart-1$/);
  assertEquals(await world.files(), before);
});
