import { assertEquals } from "@std/assert";
import { parseRoute } from "./route.ts";
import { worktreeOf } from "./route_worktree.ts";

Deno.test.each<{ line: string; is: string }>([
  { line: "checkout", is: "checkout 1" },
  { line: "checkout 12", is: "checkout 12" },
  { line: "-- checkout 2", is: "checkout 2" },
  { line: "--setup-worktree checkout 3", is: "checkout 3" },
  { line: "", is: "missing_value" },
  { line: "checkout 1 2", is: "conflict" },
  { line: "checkout --setup-worktree checkout 3", is: "conflict" },
  { line: "--setup-worktree a 1 --setup-worktree b 1", is: "conflict" },
  { line: "checkout 0", is: "bad_value" },
  { line: "checkout x", is: "bad_value" },
  { line: "a/b", is: "bad_value" },
  { line: "..", is: "bad_value" },
  { line: "-- -rf", is: "bad_value" },
])("ensure-worktree $line is about $is", ({ line, is }) => {
  const words = line.split(" ").filter((word) => word !== "");
  const route = parseRoute(["ensure-worktree", ...words], {});
  if (route.kind === "error") throw new Error(route.message);
  const found = worktreeOf(route);
  assertEquals(
    found.kind === "error" ? found.code : `${found.feature} ${found.count}`,
    is,
  );
});
