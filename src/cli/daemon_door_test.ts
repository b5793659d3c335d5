import { assertEquals } from "@std/assert";
import { spawnedRoot } from "./daemon_door.ts";

const MARKER = "--reeve-daemon-root=/a b";

Deno.test.each([
  { args: ["daemon", "run", MARKER], root: "/a b" },
  { args: ["daemon", "run"], root: undefined },
  { args: ["daemon", "run", "--reeve-daemon-root="], root: undefined },
  { args: ["daemon", "run", MARKER, "--help"], root: undefined },
  { args: ["daemon", "start", MARKER], root: undefined },
  { args: [], root: undefined },
])("spawnedRoot() of $args is $root", ({ args, root }) => {
  assertEquals(spawnedRoot(args), root);
});
