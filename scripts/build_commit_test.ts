import { assertEquals } from "@std/assert";
import { bakeCommit } from "./build_commit.ts";

Deno.test.each([
  { code: 'var a="commit:unknown";', result: 'var a="commit:abc+changes";' },
  { code: 'var a="unknown";', result: 'var a="unknown";' },
])("bakeCommit() of $code", ({ code, result }) => {
  assertEquals(bakeCommit(code, "abc+changes"), result);
});

Deno.test("the source has the text that a build looks for, once", async () => {
  const url = new URL("../src/version.ts", import.meta.url);
  const source = await Deno.readTextFile(url);
  assertEquals(source.split('"commit:unknown"').length, 2);
});
