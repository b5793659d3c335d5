import { assertEquals } from "@std/assert";
import { absolutePath, baseName, joinPath, parentPath } from "./path.ts";

Deno.test.each([
  { cwd: "/a", path: "b", expected: "/a/b" },
  { cwd: "/a", path: "/b/", expected: "/b" },
  { cwd: "/a/b", path: "../c/./d", expected: "/a/c/d" },
  { cwd: "/a", path: "/..", expected: "/" },
  { cwd: "/a", path: "/b\\c/d", expected: "/b\\c/d" },
  { cwd: "/a\\b", path: "c", expected: "/a\\b/c" },
  { cwd: "C:\\a", path: "b", expected: "C:\\a\\b" },
  { cwd: "C:\\a", path: "D:\\x\\..\\y", expected: "D:\\y" },
])("absolutePath() of $path in $cwd is $expected", (row) => {
  assertEquals(absolutePath(row.cwd, row.path), row.expected);
});

Deno.test("joinPath() keeps the separator of the directory", () => {
  assertEquals(joinPath("/a/", "b", "c"), "/a/b/c");
  assertEquals(joinPath("C:\\a", "b"), "C:\\a\\b");
  assertEquals(joinPath("/", "b"), "/b");
});

Deno.test("parentPath() and baseName() split a path", () => {
  assertEquals(parentPath("/a/b"), "/a");
  assertEquals(parentPath("/a"), "/");
  assertEquals(parentPath("C:\\a"), "C:\\");
  assertEquals(parentPath("a"), ".");
  assertEquals(baseName("/a/b.json"), "b.json");
});
