import { assertEquals } from "@std/assert";
import { parseProjectFile } from "./project_file.ts";
import { unknownInProject, unknownInUser } from "./unknown_keys.ts";

const lines = () => ({ lineOf: () => 3, errorLine: undefined });

Deno.test.each([
  {
    path: ["sync", "moed"],
    says: '"sync.moed" is unknown (did you mean sync.mode?)',
  },
  { path: ["zebra"], says: '"zebra" is unknown' },
  {
    path: ["sync.mode"],
    says: "sync.mode does not count: write its parts as nested objects",
  },
])("unknownInUser() says of $path: $says", ({ path, says }) => {
  assertEquals(unknownInUser("/f", [path], lines), [`/f line 3: ${says}`]);
});

Deno.test.each([
  { line: "REEVE_PROJECT_ID=x", says: [] },
  { line: "REEVE_PROJECT_SLUG=x", says: [] },
  { line: "REEVE_SYNC_AUTO_START=x", says: [] },
  { line: "REEVE_OTHER=x", says: [] },
  { line: "SYNC=x", says: [] },
  {
    line: "REEVE_PROJECT_UID=x",
    says: [
      '/f line 1: "REEVE_PROJECT_UID" is unknown (did you mean REEVE_PROJECT_ID?)',
    ],
  },
  {
    line: "reeve_sync_auto_start=x",
    says: [
      '/f line 1: "reeve_sync_auto_start" is unknown ' +
      "(did you mean REEVE_SYNC_AUTO_START?)",
    ],
  },
  {
    line: "REEVE_SYNC_DISABLE=1",
    says: ['/f line 1: "REEVE_SYNC_DISABLE" is unknown'],
  },
])("unknownInProject() says of $line: $says", ({ line, says }) => {
  const file = parseProjectFile("/f", line);
  assertEquals(unknownInProject({ ...file, file: "/f" }), says);
});
