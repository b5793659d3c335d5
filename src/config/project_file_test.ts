import { assert, assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { parseProjectFile, readProjectFile } from "./project_file.ts";

const FILE = "/p/.reeve";

Deno.test("parseProjectFile() gives the line that counts for each name", () => {
  const { lines, fault, warnings } = parseProjectFile(
    FILE,
    "# c\nREEVE_A=1\nOTHER=2\nREEVE_A=3\n",
  );
  assertEquals(lines.get("REEVE_A"), { line: 4, name: "REEVE_A", value: "3" });
  assertEquals([lines.size, fault, warnings], [2, undefined, []]);
});

Deno.test("parseProjectFile() only mentions odd lines that are not ours", () => {
  const { fault, warnings } = parseProjectFile(FILE, "A=1\nfoo bar\n");
  assertEquals(fault, undefined);
  assertEquals(warnings, [
    "/p/.reeve line 2 means nothing: it is not NAME=value",
  ]);
});

Deno.test.each([
  {
    name: "our name without =",
    text: "A=1\nREEVE_SYNC_AUTO_START false\n",
    kind: "unparseable",
    message: "Cannot use /p/.reeve line 2: it is not NAME=value",
  },
  {
    name: "our name in another case",
    text: "reeve_project_id: x\n",
    kind: "unparseable",
    message: "Cannot use /p/.reeve line 1: it is not NAME=value",
  },
  {
    name: "open quotes",
    text: "REEVE_SYNC_AUTO_START='false\n",
    kind: "unparseable",
    message:
      "Cannot use /p/.reeve line 1: its quotes do not end where the value ends",
  },
  {
    name: "a merge conflict",
    text: "<<<<<<< HEAD\nA=1\n=======\nA=2\n>>>>>>> b\n",
    kind: "unparseable",
    message: "Cannot use /p/.reeve line 1: it is a merge conflict",
  },
  {
    name: "bytes that are no text",
    text: "REEVE_SYNC_AUTO_START=false\n\0\0",
    kind: "unparseable",
    message: "Cannot use /p/.reeve: it is not text",
  },
  {
    name: "two values for one name",
    text: "REEVE_SYNC_AUTO_START=false\n\nREEVE_SYNC_AUTO_START=true\n",
    kind: "wrong_shape",
    message: "Cannot use /p/.reeve line 1: " +
      "REEVE_SYNC_AUTO_START is something else in line 3",
  },
])("parseProjectFile() has a fault with $name", ({ text, kind, message }) => {
  const { fault } = parseProjectFile(FILE, text);
  assertEquals([fault?.kind, fault?.message], [kind, message]);
  assertEquals(fault?.file, FILE);
});

Deno.test("parseProjectFile() takes the same value twice as once", () => {
  const { fault } = parseProjectFile(
    FILE,
    "REEVE_PROJECT_ID=a\nREEVE_PROJECT_ID='a'\n",
  );
  assertEquals(fault, undefined);
});

Deno.test.each(
  [
    { code: "permission_denied", reason: "permission denied" },
    { code: "is_a_directory", reason: "is a directory" },
    { code: "not_found", reason: "not found" },
  ] as const,
)("readProjectFile() has a fault for $code", ({ code, reason }) => {
  const host = createFakeHost();
  host.world.failFiles(FILE, code);
  const { fault, lines } = readProjectFile(host, FILE);
  assertEquals([fault?.kind, lines.size], ["unreadable", 0]);
  assertEquals(fault?.message, `Cannot use ${FILE}: ${reason}`);
});

Deno.test("readProjectFile() refuses a file of a size that none has", () => {
  const host = createFakeHost();
  host.world.disk.put(FILE, "#".repeat(300 * 1024));
  const { fault } = readProjectFile(host, FILE);
  assert(fault?.message.endsWith("too large"), fault?.message);
});
