import { assert, assertEquals, assertRejects } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { rewriteFile } from "./rewrite_file.ts";

const FILE = "/p/file";

Deno.test("rewriteFile() gives the text and writes what it gets", async () => {
  const host = createFakeHost();
  host.world.disk.put(FILE, "a");
  const outcome = await rewriteFile(host, FILE, (text) => `${text}b`);
  assertEquals([outcome, host.world.disk.textOf(FILE)], ["changed", "ab"]);
});

Deno.test("rewriteFile() makes a file that is not there", async () => {
  const host = createFakeHost();
  await rewriteFile(host, FILE, (text) => `${text}`);
  assertEquals(host.world.disk.textOf(FILE), "undefined");
});

Deno.test.each([
  { name: "the same text", next: "a" },
  { name: "nothing", next: undefined },
])("rewriteFile() writes nothing for $name", async ({ next }) => {
  const host = createFakeHost();
  host.world.disk.put(FILE, "a");
  assertEquals(await rewriteFile(host, FILE, () => next), "unchanged");
  assert(!host.world.writes.includes(FILE));
});

Deno.test("rewriteFile() keeps the mark at the start of a file", async () => {
  const host = createFakeHost();
  host.world.disk.put(FILE, "\uFEFFa");
  await rewriteFile(host, FILE, (text) => `${text}b`);
  assertEquals(host.world.disk.textOf(FILE), "\uFEFFab");
});

Deno.test("rewriteFile() changes what a link leads to", async () => {
  const host = createFakeHost();
  host.world.disk.put("/dots/file", "a");
  host.world.disk.putLink(FILE, "/dots/file");
  await rewriteFile(host, FILE, () => "b");
  assertEquals(host.world.disk.textOf("/dots/file"), "b");
  assertEquals(host.world.disk.textOf(FILE), "b");
});

Deno.test("rewriteFile() refuses bytes that it would lose", async () => {
  const host = createFakeHost();
  host.world.disk.put(FILE, "a\uFFFD");
  const error = await assertRejects(
    () => rewriteFile(host, FILE, () => "b"),
    KnownError,
    "not UTF-8",
  );
  assertEquals(error.code, "damaged_file");
  assertEquals(host.world.disk.textOf(FILE), "a\uFFFD");
});

Deno.test.each(
  [
    { operation: "readText", code: "permission_denied", known: "unreadable" },
    { operation: "readText", code: "too_large", known: "unreadable" },
    { operation: "writeAtomic", code: "read_only", known: "unusable" },
    { operation: "writeAtomic", code: "no_space", known: "unusable" },
  ] as const,
)("rewriteFile() says $known when $operation is $code", async (row) => {
  const { operation, code } = row;
  const host = createFakeHost();
  host.world.disk.put(FILE, "a");
  host.world.failFiles(FILE, code, { operation });
  const error = await assertRejects(
    () => rewriteFile(host, FILE, () => "b"),
    KnownError,
    `${FILE}: ${code.replaceAll("_", " ")}`,
  );
  assertEquals(error.code, row.known);
});

Deno.test("rewriteFile() releases its lock when the change throws", async () => {
  const host = createFakeHost();
  const fail = () => {
    throw new KnownError("usage", "no");
  };
  await assertRejects(() => rewriteFile(host, FILE, fail), KnownError, "no");
  assertEquals(await rewriteFile(host, FILE, () => "b"), "changed");
});
