import { assert, assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import type { Inspection, ProcessFacts } from "../../host/processes.ts";
import { isStale, lockedBy, lockVariables } from "./postgres_lock.ts";

function found(facts: Partial<ProcessFacts>): Inspection {
  return {
    kind: "found",
    facts: {
      pid: 7,
      parentPid: 1,
      uid: 1000,
      startStamp: "1",
      startedAt: 1,
      state: "running",
      argv: ["/bin/sleep", "9"],
      executable: "/bin/sleep",
      ...facts,
    },
  };
}

const SERVER = { executable: "/usr/lib/postgresql/15/bin/postgres" };

Deno.test.each([
  { text: "one that waits to be reaped", seen: found({ state: "zombie" }) },
  {
    text: "a server that waits to be reaped",
    seen: found({ ...SERVER, state: "zombie" }),
  },
  { text: "another program", seen: found({}) },
])("the lock of $text is nobody's", ({ seen }) => {
  assert(isStale(seen));
});

Deno.test.each(
  [
    { text: "nobody: the server finds that itself", seen: { kind: "gone" } },
    {
      text: "one that cannot be looked at",
      seen: { kind: "unknown", reason: "denied" },
    },
    { text: "a server", seen: found({ ...SERVER, argv: ["x"] }) },
    {
      text: "a server that is stopped",
      seen: found({ ...SERVER, state: "stopped" }),
    },
    {
      text: "a server whose file was replaced",
      seen: found({ executable: `${SERVER.executable} (deleted)` }),
    },
    {
      text: "a server below another program",
      seen: found({ executable: "/bin/qemu", argv: ["qemu", "postgres"] }),
    },
    { text: "one without a path", seen: found({ executable: undefined }) },
    { text: "one without words", seen: found({ argv: undefined }) },
  ] satisfies readonly { text: string; seen: Inspection }[],
)(
  "the lock of $text is respected",
  ({ seen }) => {
    assert(!isStale(seen));
  },
);

Deno.test.each([
  { text: "4711\n/data\n1700000000\n", pid: 4711 },
  { text: "", pid: undefined },
  { text: "-1\n", pid: undefined },
  { text: "0\n", pid: undefined },
  { text: "4711 \n", pid: undefined },
  { text: "99999999999999999999\n", pid: undefined },
])("$text names $pid", ({ text, pid }) => {
  assertEquals(lockedBy(text), pid);
});

Deno.test("a lock without a process changes nothing and stays", async () => {
  const host = createFakeHost();
  assertEquals(await lockVariables(host, "/data"), {});
  host.world.disk.put("/data/postmaster.pid", "4711\n/data\n");
  assertEquals(await lockVariables(host, "/data"), {});
  assertEquals(await host.files.list("/data"), ["postmaster.pid"]);
});
