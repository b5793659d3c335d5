import { assertEquals, assertRejects } from "@std/assert";
import { darwinProcessTable } from "./darwin.ts";
import { linuxProcessTable } from "./linux.ts";
import { pickProcessTable } from "./process_table.ts";
import { windowsProcessTable } from "./windows.ts";

Deno.test.each([
  { os: "linux", table: linuxProcessTable },
  { os: "android", table: linuxProcessTable },
  { os: "darwin", table: darwinProcessTable },
  { os: "windows", table: windowsProcessTable },
])("pickProcessTable() has one for $os", async ({ os, table }) => {
  assertEquals(await pickProcessTable(os), table);
});

Deno.test("pickProcessTable() refuses a system that it does not know", async () => {
  await assertRejects(() => pickProcessTable("freebsd"), TypeError, "freebsd");
});

Deno.test.each([
  { os: "darwin", pid: 0 },
  { os: "darwin", pid: 100_000 },
  { os: "darwin", pid: 1.5 },
  { os: "windows", pid: -4 },
  { os: "windows", pid: 2 ** 32 },
])("$os is not asked about the process $pid", async ({ os, pid }) => {
  const seen = await (await pickProcessTable(os)).inspect([pid]);
  assertEquals(seen.get(pid), {
    kind: "unknown",
    reason: `${pid} cannot be a process id`,
  });
});

// The tests here may not run programs, as a machine may not have them.
Deno.test.each([{ os: "darwin" }, { os: "windows" }])(
  "on $os a process is unknown, not gone, when no tool can be run",
  async ({ os }) => {
    const table = await pickProcessTable(os);
    assertEquals((await table.inspect([812])).get(812)?.kind, "unknown");
    assertEquals((await table.table()).kind, "unknown");
    assertEquals(await table.readVariable("A", [812]), new Map());
  },
);
