import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { openEnvironment } from "./place.ts";
import { listProjects } from "./projects.ts";

const OWNER = "/code/shop";

interface Tree {
  readonly path: string;
  readonly head: string;
}

function worldOf(trees: readonly Tree[], files: Record<string, string> = {}) {
  const world = new FakeWorld();
  world.disk.putDirectory(`${OWNER}/.git`, 0o755);
  const at = Object.entries({ [`${OWNER}/.reeve`]: "", ...files });
  for (const [path, text] of at) world.disk.put(path, text);
  for (const [number, { path, head }] of trees.entries()) {
    const own = `${OWNER}/.git/worktrees/t${number}`;
    world.disk.put(`${OWNER}/${path}/.git`, `gitdir: ${own}\n`);
    world.disk.put(`${own}/HEAD`, `${head}\n`);
  }
  return world;
}

Deno.test.each([
  { text: "its root", cwd: OWNER, repository: OWNER, execution: OWNER },
  {
    text: "a directory below",
    cwd: `${OWNER}/src/api`,
    repository: OWNER,
    execution: OWNER,
  },
  {
    text: "a worktree",
    cwd: `${OWNER}/trees/one`,
    repository: OWNER,
    execution: `${OWNER}/trees/one`,
  },
  {
    text: "a directory with settings only",
    cwd: "/code/plain/src",
    repository: "/code/plain",
    execution: "/code/plain",
  },
])("a place is found from $text", async ({ cwd, repository, execution }) => {
  const world = worldOf([{ path: "trees/one", head: "ref: refs/heads/one" }], {
    [`${OWNER}/src/api/main.ts`]: "",
    "/code/plain/.reeve": "",
    "/code/plain/src/main.ts": "",
  });
  const place = await openEnvironment(world.host(), { cwd });
  assertEquals(place.repositoryRoot, repository);
  assertEquals(place.executionRoot, execution);
  assertEquals(place.paths.scope, place.scope);
});

Deno.test("a worktree of a repository without settings stands for itself", async () => {
  const world = worldOf([{ path: "trees/one", head: "ref: refs/heads/one" }]);
  const host = world.host();
  await host.files.remove(`${OWNER}/.reeve`);
  const cwd = `${OWNER}/trees/one`;
  assertEquals((await openEnvironment(host, { cwd })).repositoryRoot, cwd);
});

Deno.test("outside of repositories there is nothing", async () => {
  const world = worldOf([]);
  world.disk.putDirectory("/elsewhere", 0o755);
  const open = (repository: string) =>
    openEnvironment(world.host(), { cwd: OWNER, repository });
  for (const path of ["/elsewhere", "/nowhere"]) {
    const error = await assertRejects(() => open(path), KnownError);
    assertMatch(error.message, /is in no repository/);
  }
  assertEquals((await open("/code/shop")).repositoryRoot, OWNER);
});

async function namesOf(trees: readonly Tree[], mode: "main" | "trees") {
  const host = worldOf(trees, { [`${OWNER}/trees/notes/a.md`]: "" }).host();
  const place = await openEnvironment(host, { cwd: OWNER });
  return (await listProjects(host, place, mode)).map(({ name, root }) =>
    `${name} ${root.slice(OWNER.length)}`
  );
}

const TREES = [
  { path: "trees/one", head: "ref: refs/heads/feature/one" },
  { path: "trees/shop/2", head: "0123456789abcdef0123456789abcdef01234567" },
  { path: "trees/shop/iter-3", head: "ref: refs/heads/three" },
  { path: "trees/shop/other", head: "ref: refs/heads/other" },
  { path: "trees/node_modules", head: "ref: refs/heads/modules" },
];

Deno.test("worktrees are named after their branches, or their directories", async () => {
  assertEquals(await namesOf(TREES, "trees"), [
    "feature/one /trees/one",
    "shop-2 /trees/shop/2",
    "three /trees/shop/iter-3",
  ]);
  assertEquals(await namesOf(TREES, "main"), ["Main "]);
  assertEquals(await namesOf([], "trees"), []);
});

Deno.test.each([
  { head: "ref: refs/heads/feature/one", text: "of another worktree" },
  { head: "ref: refs/heads/Main", text: "of the main checkout" },
])("a worktree must not have the name $text", async ({ head }) => {
  const trees = [...TREES, { path: "trees/two", head }];
  await assertRejects(() => namesOf(trees, "trees"), KnownError);
});
