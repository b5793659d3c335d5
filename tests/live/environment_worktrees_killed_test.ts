/** A command that is killed while it makes a worktree. */

import { killAll } from "#support/kill_all.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { reeveCommand } from "#support/cli.ts";
import {
  makeWorktreeWorld,
  type WorktreeWorld,
} from "#support/worktree_world.ts";
import { denoHost } from "../../src/host/deno_host.ts";

/** Kills a command while it makes a worktree whose files come slowly. */
async function killWhileMaking(
  world: WorktreeWorld,
  which: "all" | "command",
): Promise<() => Promise<void>> {
  const { git, root } = world;
  await Deno.writeTextFile(`${root}/.gitattributes`, "z.slow filter=slow\n");
  for (const name of ["a.txt", "m.txt", "z.slow"]) {
    await Deno.writeTextFile(`${root}/${name}`, `${name}\n`);
  }
  await git(root, "add", ".");
  await git(root, "commit", "--quiet", "-m", "slow");
  const go = `${world.home}/go`;
  // Only the first one is slow.
  const smudge = `if mkdir ${world.home}/first 2>/dev/null; then ` +
    `while [ ! -e ${go} ]; do sleep 0.02; done; fi; cat`;
  await git(root, "config", "filter.slow.smudge", smudge);
  const command = new Deno.Command(Deno.execPath(), {
    args: reeveCommand(["ensure-worktree", "shop", "1"]),
    cwd: root,
    env: { "REEVE_HOME": world.home, "HOME": world.host.env.home ?? "" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const path = world.tree("shop", 1);
  while (
    await Deno.stat(`${path}/m.txt`).catch(() => undefined) === undefined
  ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  command.kill("SIGKILL");
  await command.status;
  if (which === "all") {
    killAll(await gitsOf(root));
    while ((await gitsOf(root)).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  return () => Deno.writeTextFile(go, "");
}

/** Git and its filters that make a worktree of this repository. */
async function gitsOf(root: string): Promise<readonly number[]> {
  const listing = await denoHost.processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  const alive = listing.rows.filter(({ state }) => state !== "zombie");
  const pids = alive.map(({ pid }) => pid);
  const [marked, homes] = await Promise.all([
    denoHost.processes.readVariable("REEVE_WORKTREE", pids),
    denoHost.processes.readVariable("HOME", pids),
  ]);
  const home = root.replace(/\/[^/]*$/, "");
  return [...marked.keys()].filter((pid) => homes.get(pid) === home);
}

Deno.test.each([{ which: "command" }, { which: "all" }] as const)(
  "what was killed in the middle is finished by the next call ($which)",
  async ({ which }) => {
    await using world = await makeWorktreeWorld();
    const path = world.tree("shop", 1);
    const go = await killWhileMaking(world, which);
    if (which === "all") {
      // Torn by the kill, or written by somebody meanwhile: it is kept.
      await Deno.writeTextFile(`${path}/m.txt`, "m");
    }
    let isOver = false;
    const call = world.line("ensure-worktree shop 1").finally(() => {
      isOver = true;
    });
    if (which === "command") {
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert(!isOver, "it waits for the git that still works");
      await go();
    }
    const { exit, json } = await call;
    assertEquals([exit, json.worktree.action], [0, "reuse"]);
    assertMatch(json.notes.join("; "), /interrupted while it made .*shop\/1/);
    assertEquals(await world.git(path, "status", "--porcelain"), "");
    assertEquals(await Deno.readTextFile(`${path}/z.slow`), "z.slow\n");
    assertEquals(await Deno.readTextFile(`${path}/m.txt`), "m.txt\n");
    if (which === "all") {
      const torn = `${path}/.reeve-state/interrupted/m.txt`;
      assertEquals(await Deno.readTextFile(torn), "m");
    }
    assertEquals(await gitsOf(world.root), []);
    const list = await world.git(world.root, "worktree", "list", "--porcelain");
    assert(!/locked|prunable/.test(list), list);
    const again = await world.line("ensure-worktree shop 1");
    assertEquals(again.json.notes, []);
  },
);
