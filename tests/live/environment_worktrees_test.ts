/** Worktrees of features: made once, used as they are, never taken away. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  commitIn,
  makeWorktreeWorld,
  type WorktreeWorld,
} from "#support/worktree_world.ts";
import { KnownError } from "../../src/errors.ts";

Deno.test("a worktree is made on a new branch, and used as it is after that", async () => {
  await using world = await makeWorktreeWorld(
    { "REEVE_WORKTREE_LINKS": "node_modules web/missing" },
    { ".gitignore": "node_modules/\n" },
  );
  await Deno.mkdir(`${world.root}/node_modules`);
  await Deno.writeTextFile(
    `${world.root}/.git/hooks/post-checkout`,
    `#!/bin/sh\ntouch ${world.root}/hook-ran\n`,
    { mode: 0o755 },
  );
  const before = await world.files();
  const dry = await world.line("ensure-worktree shop --dry-run");
  assertEquals(await world.files(), before);
  const { exit, json } = await world.line("ensure-worktree shop 1");
  const path = world.tree("shop", 1);
  assertEquals(exit, 0);
  assertEquals(json.worktree, dry.json.worktree, "what was said is what is");
  assertEquals([json.worktree.action, json.created, json.runtime_started], [
    "create",
    true,
    false,
  ]);
  assertEquals(await world.git(path, "branch", "--show-current"), "shop-1");
  assertEquals(
    await world.git(path, "rev-parse", "HEAD"),
    await world.git(world.root, "rev-parse", "main"),
  );
  const status = ["status", "--porcelain", "--untracked-files=all"];
  assertEquals(await world.git(path, ...status), "");
  assertEquals(await world.git(world.root, ...status), "");
  assertEquals(
    await Deno.realPath(`${path}/node_modules`),
    `${world.root}/node_modules`,
  );
  assert(!(await world.files()).has(`${world.root}/hook-ran`));
  const mark = JSON.parse(
    await Deno.readTextFile(`${path}/.reeve-state/worktree.json`),
  );
  assertEquals([mark.source_branch, mark.branch, mark.plan], [
    "main",
    "shop-1",
    null,
  ]);
  // Work of every kind, and a second call.
  await commitIn(world, path, "one");
  await Deno.writeTextFile(`${path}/work.txt`, "two");
  await world.git(path, "add", "work.txt");
  await Deno.writeTextFile(`${path}/work.txt`, "three");
  await Deno.writeTextFile(`${path}/new.txt`, "new");
  const worked = await world.files();
  const again = await world.line("ensure-worktree shop 1", path);
  assertEquals([again.json.worktree.action, again.json.created], [
    "reuse",
    false,
  ]);
  assertEquals(await world.files(), worked, "not a byte is another one");
  // In a worktree, a new one begins where that one is.
  const { json: second } = await world.line("ensure-worktree shop 2", path);
  assertEquals(second.worktree.source_branch, "shop-1");
  assertEquals(
    await world.git(world.tree("shop", 2), "log", "-1", "--format=%s"),
    "one",
  );
});

Deno.test("a branch that is there is used at its own tip", async () => {
  await using world = await makeWorktreeWorld();
  await world.line("ensure-worktree shop 2");
  const path = world.tree("shop", 2);
  const tip = await commitIn(world, path, "only here");
  await world.git(world.root, "worktree", "remove", path);
  const { json } = await world.line("ensure-worktree shop 2");
  assertEquals([json.worktree.new_branch, json.worktree.commit], [false, tip]);
  assertEquals(await world.git(path, "rev-parse", "HEAD"), tip);
  // The same where its directory has gone without a word to Git.
  await Deno.remove(path, { recursive: true });
  await world.line("ensure-worktree shop 2");
  assertEquals(await world.git(path, "rev-parse", "HEAD"), tip);
  assertEquals(await world.git(world.root, "rev-parse", "shop-2"), tip);
});

interface Refusal {
  readonly text: string;
  readonly make: (world: WorktreeWorld, path: string) => Promise<unknown>;
  readonly says: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  {
    text: "a directory with files",
    make: async (_world, path) => {
      await Deno.mkdir(path, { recursive: true });
      await Deno.writeTextFile(`${path}/mine.txt`, "mine");
    },
    says: /is a directory that is no worktree .* it holds mine\.txt$/,
  },
  {
    text: "a file",
    make: async (_world, path) => {
      await Deno.mkdir(path.replace(/\/1$/, ""), { recursive: true });
      await Deno.writeTextFile(path, "mine");
    },
    says: /shop\/1 is a file$/,
  },
  {
    text: "a link",
    make: async ({ root }, path) => {
      await Deno.mkdir(path.replace(/\/1$/, ""), { recursive: true });
      await Deno.mkdir(`${root}/elsewhere`);
      await Deno.symlink(`${root}/elsewhere`, path);
    },
    says: /shop\/1 leads to .*\/elsewhere$/,
  },
  {
    text: "another repository",
    make: async ({ git }, path) => {
      await Deno.mkdir(path, { recursive: true });
      await git(path, "init", "--quiet");
    },
    says: /is a checkout, but no worktree of this repository/,
  },
  {
    text: "a branch that is checked out elsewhere",
    make: ({ git, root }) =>
      git(root, "worktree", "add", "--quiet", "-b", "shop-1", "trees/other"),
    says: /The branch shop-1 is checked out in .*\/trees\/other$/,
  },
  {
    text: "a branch whose name begins like it",
    make: ({ git, root }) => git(root, "branch", "shop-1/more"),
    says: /git worktree has failed .*shop-1/,
  },
  {
    text: "a locked worktree that is not there",
    make: async ({ git, root }, path) => {
      await git(root, "worktree", "add", "--quiet", "-b", "x", path);
      await git(root, "worktree", "lock", "--reason", "usb", path);
      await Deno.remove(path, { recursive: true });
    },
    says: /Git keeps .* locked, .*: usb$/,
  },
  {
    text: "a filter that fails",
    make: async ({ git, root }) => {
      await Deno.writeTextFile(`${root}/.gitattributes`, "*.bin filter=f\n");
      await Deno.writeTextFile(`${root}/a.bin`, "a");
      await git(root, "add", ".");
      await git(root, "commit", "--quiet", "-m", "filter");
      await git(root, "config", "filter.f.smudge", "false");
      await git(root, "config", "filter.f.required", "true");
    },
    says: /git worktree has failed .*a\.bin/,
  },
];

Deno.test.each(REFUSALS)(
  "$text is named and left alone",
  async ({ make, says }) => {
    await using world = await makeWorktreeWorld();
    const path = world.tree("shop", 1);
    // What hides our files from Git is there before.
    await world.line("ensure-worktree first");
    await make(world, path);
    const before = await world.files();
    const error = await assertRejects(
      () => world.line("ensure-worktree shop 1"),
      KnownError,
    );
    assertMatch(error.message, says);
    assert(error.hint !== undefined);
    const now = await world.files();
    const changed = [...new Set([...before.keys(), ...now.keys()])]
      .filter((file) => before.get(file) !== now.get(file));
    assertEquals(changed.filter((file) => !isResidue(file)), []);
  },
);

/** Git keeps empty directories of what it has given up. */
function isResidue(file: string): boolean {
  return /\/(?:trees\/shop|\.git\/logs\/refs\/heads.*)$/.test(file);
}

Deno.test("where no worktree can be, nothing is made", async () => {
  await using world = await makeWorktreeWorld();
  const bare = `${world.root}/bare`;
  const empty = `${world.root}/empty`;
  await Deno.mkdir(bare);
  await Deno.writeTextFile(`${bare}/.reeve`, "");
  await Deno.mkdir(empty);
  await world.git(empty, "init", "--quiet");
  for (
    const [cwd, says] of [
      [bare, /is not the root of a Git checkout/],
      [empty, /has no commit yet/],
    ] as const
  ) {
    const before = await world.files();
    const error = await assertRejects(
      () => world.line("ensure-worktree shop 1", cwd),
      KnownError,
    );
    assertMatch(error.message, says);
    assertEquals(await world.files(), before);
  }
});

Deno.test("of two commands at once, one makes it and the other names it", async () => {
  await using world = await makeWorktreeWorld();
  const ends = await Promise.allSettled([
    world.line("ensure-worktree shop 1"),
    world.line("ensure-worktree shop 1"),
  ]);
  const failed = ends.flatMap((end) =>
    end.status === "rejected" ? [end.reason] : []
  );
  assertEquals(failed.length, 1);
  assert(failed[0] instanceof KnownError);
  assertEquals(failed[0].code, "lock_busy");
  const after = await world.line("ensure-worktree shop 1");
  assertEquals(after.json.worktree.action, "reuse");
});
