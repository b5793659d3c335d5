import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { createFakeHost, FakeWorld } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { isProjectId } from "../state/project_paths.ts";
import {
  findProject,
  mintProjectId,
  readProject,
  rekeyProject,
} from "./project.ts";

const ID = "0c8ee85e-4a0b-4a3c-9a55-0f2f3c1d7b11";
const FILE = "/home/ada/app/.reeve";

function hostWith(files: Readonly<Record<string, string>>) {
  const host = createFakeHost();
  for (const [path, text] of Object.entries(files)) {
    host.world.disk.put(path, text);
  }
  return host;
}

Deno.test.each([
  { name: "a file above", files: { "/a/b/.reeve": "" }, root: "/a/b" },
  { name: "a file here", files: { "/a/b/c/d/.reeve": "" }, root: "/a/b/c/d" },
  {
    name: "the nearest file",
    files: { "/a/.reeve": "", "/a/b/c/.reeve": "" },
    root: "/a/b/c",
  },
  { name: "a checkout", files: { "/a/b/.git/HEAD": "" }, root: "/a/b" },
  {
    name: "a worktree",
    files: { "/a/b/c/.git": "gitdir: /x" },
    root: "/a/b/c",
  },
  {
    name: "a file above a checkout",
    files: { "/a/.reeve": "", "/a/b/c/.git/HEAD": "" },
    root: "/a",
  },
  {
    name: "the nearest checkout",
    files: { "/a/.git/HEAD": "", "/a/b/.git/HEAD": "" },
    root: "/a/b",
  },
  { name: "the root of the disk", files: { "/.reeve": "" }, root: "/" },
  { name: "nothing", files: { "/a/x/.reeve": "" }, root: undefined },
])("findProject() finds by $name", ({ files, root }) => {
  const host = hostWith({ "/a/b/c/d/x.ts": "", ...files });
  assertEquals(findProject(host, "/a/b/c/d")?.root, root);
});

Deno.test("findProject() counts from the current directory", () => {
  const host = hostWith({ "/home/ada/code/a/.reeve": "" });
  assertEquals(findProject(host, "a/b")?.root, "/home/ada/code/a");
});

Deno.test("findProject() takes no state root for a project", () => {
  const host = hostWith({ "/home/ada/.reeve/config.json": "{}" });
  assertEquals(findProject(host, "/home/ada/code"), undefined);
  host.world.disk.put("/home/ada/.git/config", "");
  assertEquals(findProject(host, "/home/ada/code"), {
    root: "/home/ada",
    slug: "ada",
  });
});

Deno.test("findProject() calls a directory in place of the file a fault", () => {
  const host = hostWith({ "/a/.git/HEAD": "", "/a/.reeve/x": "" });
  const project = findProject(host, "/a/b");
  assertEquals([project?.root, project?.file], ["/a", "/a/.reeve"]);
  assertEquals(project?.fault?.message, "Cannot use /a/.reeve: is a directory");
});

Deno.test("findProject() sees nothing where it may not look", () => {
  const host = hostWith({ "/a/.reeve": "", "/a/b/.git/HEAD": "" });
  host.world.failFiles("/a/.reeve", "permission_denied", { operation: "stat" });
  assertEquals(findProject(host, "/a/b")?.root, "/a/b");
});

Deno.test("findProject() calls a file that it cannot read a fault", () => {
  const host = hostWith({ "/a/.reeve": `REEVE_PROJECT_ID=${ID}\n` });
  host.world.failFiles("/a/.reeve", "permission_denied", {
    operation: "readText",
  });
  const project = findProject(host, "/a/b");
  assertEquals([project?.id, project?.fault?.kind], [undefined, "unreadable"]);
});

Deno.test.each([
  { name: "an id", text: `REEVE_PROJECT_ID=${ID}`, id: ID },
  { name: "upper case", text: `REEVE_PROJECT_ID=${ID.toUpperCase()}`, id: ID },
  { name: "quotes", text: `export REEVE_PROJECT_ID='${ID}' # x`, id: ID },
  { name: "no id", text: "# nothing", id: undefined },
])("readProject() reads $name", ({ text, id }) => {
  const project = readProject(hostWith({ "/a/.reeve": text }), "/a");
  assertEquals([project.id, project.fault], [id, undefined]);
});

Deno.test.each([
  {
    name: "the nil UUID",
    value: "00000000-0000-0000-0000-000000000000",
    says: "REEVE_PROJECT_ID is the nil UUID, which belongs to nobody",
  },
  { name: "a word", value: "app", says: "REEVE_PROJECT_ID must be a UUID" },
  { name: "nothing", value: "", says: "REEVE_PROJECT_ID must be a UUID" },
  {
    name: "a long one",
    value: `${ID}0`,
    says: "REEVE_PROJECT_ID must be a UUID",
  },
  {
    name: "a path",
    value: `../../${ID}`,
    says: "REEVE_PROJECT_ID must be a UUID",
  },
])("readProject() calls $name for an id a fault", ({ value, says }) => {
  const text = `# x\nREEVE_PROJECT_ID=${value}\n`;
  const { id, fault } = readProject(hostWith({ "/a/.reeve": text }), "/a");
  assertEquals(id, undefined);
  assertEquals(fault?.message, `Cannot use /a/.reeve line 2: ${says}`);
});

Deno.test("readProject() takes no id from a file with two", () => {
  const text = `REEVE_PROJECT_ID=${ID}\nREEVE_PROJECT_ID=${
    ID.replace("0", "1")
  }`;
  const { id, fault } = readProject(hostWith({ "/a/.reeve": text }), "/a");
  assertEquals([id, fault?.kind], [undefined, "wrong_shape"]);
});

const ORIGIN = '[remote "origin"]\nurl = git@h:o/Some_App.git\n';

Deno.test.each([
  { name: "its line", text: "REEVE_PROJECT_SLUG=mine", slug: "mine" },
  { name: "its origin", text: "", slug: "some-app" },
  {
    name: "its origin if the line is wrong",
    text: "REEVE_PROJECT_SLUG=A b",
    slug: "some-app",
  },
])("readProject() names a project after $name", ({ text, slug }) => {
  const host = hostWith({ "/a/.reeve": text, "/a/.git/config": ORIGIN });
  const project = readProject(host, "/a");
  assertEquals(project.slug, slug);
  assertEquals(project.fault === undefined, !text.includes("A b"));
});

Deno.test("readProject() names a project without origin after its place", () => {
  assertEquals(readProject(hostWith({}), "/a/My App").slug, "my-app");
  assertEquals(readProject(hostWith({}), "/").slug, "project");
});

Deno.test("mintProjectId() writes a random id and nothing else", async () => {
  const host = hostWith({ [FILE]: "# keep\r\nX=1" });
  const project = readProject(host, "/home/ada/app");
  const { id = "" } = await mintProjectId(host, project);
  assert(isProjectId(id), id);
  assertEquals([id[14], "89ab".includes(id[19] ?? "")], ["4", true]);
  assertEquals(
    host.world.disk.textOf(FILE),
    `# keep\r\nX=1\r\nREEVE_PROJECT_ID=${id}\r\n`,
  );
  assertEquals(findProject(host, "/home/ada/app/src")?.id, id);
});

Deno.test("mintProjectId() makes the file, and its lock elsewhere", async () => {
  const host = hostWith({ "/home/ada/app/.git/HEAD": "" });
  const project = findProject(host, "/home/ada/app");
  assert(project !== undefined);
  const { id } = await mintProjectId(host, project);
  assertEquals(
    host.world.disk.textOf(FILE)?.split("\n").at(-2),
    `REEVE_PROJECT_ID=${id}`,
  );
  const inside = host.world.writes.filter((path) =>
    path.startsWith("/home/ada/app")
  );
  assertEquals(inside, [FILE]);
  assert(host.world.writes.includes("/home/ada/.reeve/config.lock"));
});

Deno.test("mintProjectId() leaves an id as it is", async () => {
  const host = hostWith({ [FILE]: `REEVE_PROJECT_ID=${ID}\n` });
  const project = readProject(host, "/home/ada/app");
  assertEquals(await mintProjectId(host, project), project);
  assertEquals(host.world.writes, []);
});

Deno.test("mintProjectId() lets the first of many writers win", async () => {
  const world = new FakeWorld();
  world.disk.put(FILE, "");
  const hosts = Array.from({ length: 6 }, () => world.host());
  const ids = await Promise.all(hosts.map(async (host) => {
    const project = readProject(host, "/home/ada/app");
    return (await mintProjectId(host, project)).id;
  }));
  assertEquals(new Set(ids).size, 1);
  assertEquals(world.disk.textOf(FILE), `REEVE_PROJECT_ID=${ids[0]}\n`);
});

Deno.test.each(["read_only", "permission_denied"] as const)(
  "mintProjectId() says when the checkout is %s",
  async (code) => {
    const host = hostWith({ [FILE]: "A=1\n" });
    host.world.failFiles(FILE, code, { operation: "writeAtomic" });
    const error = await assertRejects(
      () => mintProjectId(host, readProject(host, "/home/ada/app")),
      KnownError,
      `Cannot write ${FILE}: ${code.replace("_", " ")}`,
    );
    assertEquals(error.code, "unusable");
    assertEquals(host.world.disk.textOf(FILE), "A=1\n");
  },
);

Deno.test.each([
  { name: "a wrong id", text: "REEVE_PROJECT_ID=x", code: "usage" },
  { name: "a conflict", text: "<<<<<<< a", code: "damaged_file" },
  { name: "no text", text: "\0", code: "damaged_file" },
])("mintProjectId() refuses a file with $name", async ({ text, code }) => {
  const host = hostWith({ [FILE]: text });
  const error = await assertRejects(
    () => mintProjectId(host, readProject(host, "/home/ada/app")),
    KnownError,
    FILE,
  );
  assertEquals<string>(error.code, code);
  assertEquals(host.world.disk.textOf(FILE), text);
});

Deno.test.each([ID, "x"])(
  "rekeyProject() puts another id in place of %s",
  async (old) => {
    const host = hostWith({ [FILE]: `A=1\nREEVE_PROJECT_ID=${old} # x\n` });
    const project = await rekeyProject(
      host,
      readProject(host, "/home/ada/app"),
    );
    assert(project.id !== undefined);
    assertNotEquals(project.id, old);
    assertEquals(
      host.world.disk.textOf(FILE),
      `A=1\nREEVE_PROJECT_ID=${project.id} # x\n`,
    );
  },
);
