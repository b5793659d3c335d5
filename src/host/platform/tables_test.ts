import { assertEquals } from "@std/assert";
import { parsePsEnvironments, parsePsTable } from "./darwin_table.ts";
import { parseEnviron } from "./linux_table.ts";

Deno.test.each([
  { block: "REEVE_UNIT=a\0PATH=/bin\0", value: "a" },
  { block: "PATH=/bin\0REEVE_UNIT=a=b c\0", value: "a=b c" },
  { block: "PATH=/bin\0REEVE_UNIT=cut", value: "cut" },
  { block: "REEVE_UNIT=\0", value: "" },
  { block: "REEVE_UNIT=first\0REEVE_UNIT=second\0", value: "first" },
  { block: "MY_REEVE_UNIT=a\0", value: undefined },
  { block: "A=REEVE_UNIT=a\0", value: undefined },
  { block: "REEVE_UNITS=a\0", value: undefined },
  { block: "", value: undefined },
])("parseEnviron() of $block is $value", ({ block, value }) => {
  assertEquals(parseEnviron(block, "REEVE_UNIT"), value);
});

const PS = `    1     0     1     0 Ss   Mon Nov 16 08:00:01 2026
  501     1   501   502 S+   Sat Nov 21 06:39:07 2026
 4711   501   501    -2 Z    Sat Nov  7 16:39:07 2026
`;

Deno.test("parsePsTable() reads groups, users, starts and states", () => {
  const listing = parsePsTable(PS);
  const rows = listing.kind === "table" ? listing.rows : [];
  assertEquals(rows.map((row) => [row.pid, row.parentPid, row.processGroup]), [
    [1, 0, 1],
    [501, 1, 501],
    [4711, 501, 501],
  ]);
  assertEquals<unknown>(rows.at(-1), {
    pid: 4711,
    parentPid: 501,
    sessionId: undefined,
    processGroup: 501,
    uid: 4294967294,
    startStamp: "Sat Nov 7 16:39:07 2026",
    state: "zombie",
  });
});

Deno.test.each([
  { what: "nothing", text: "" },
  { what: "a line of another shape", text: `${PS}ps: warning\n` },
])("parsePsTable() of $what is unknown", ({ text }) => {
  assertEquals(parsePsTable(text).kind, "unknown");
});

Deno.test("parsePsEnvironments() believes the environment, not arguments", () => {
  const text =
    "  501 node REEVE_UNIT=fake srv.js PATH=/bin REEVE_UNIT=a.b HOME=/\n" +
    "  502 node srv.js PATH=/bin\nno pid\n";
  assertEquals(
    parsePsEnvironments(text, "REEVE_UNIT"),
    new Map([[501, "a.b"]]),
  );
});
