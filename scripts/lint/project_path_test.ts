import { assertEquals } from "@std/assert";
import { projectPath } from "./project_path.ts";

Deno.test("paths of Windows are read like any other", () => {
  assertEquals(
    projectPath("c:\\reeve\\src\\sync\\a.ts", "C:\\reeve\\scripts\\lint"),
    "src/sync/a.ts",
  );
});
