import { assertEquals } from "@std/assert";
import { createFakeHost, ended } from "#support/fake_host.ts";
import type { ProgramEnd } from "../host/programs.ts";
import { methodOf, readInstall } from "./environment_doctor_install.ts";

Deno.test.each([
  { args: [], is: "program" },
  { args: ["run", "-A", "/opt/reeve/main.js"], is: "bundle" },
  { args: ["run", "-A", "/opt/reeve/src/main.ts"], is: "source" },
])("methodOf() of $args is $is", ({ args, is }) => {
  assertEquals(methodOf(args), is);
});

const SOURCE = { executable: "/usr/bin/deno", args: ["run", "main.ts"] };

Deno.test.each<{
  readonly name: string;
  readonly self: { readonly executable: string; readonly args: string[] };
  readonly end: ProgramEnd;
  readonly deno: string | undefined;
  readonly asks: number;
}>([
  {
    name: "Deno",
    self: SOURCE,
    end: ended(0, "deno 2.9.6 (stable)\nv8 1\n"),
    deno: "2.9.6",
    asks: 1,
  },
  {
    name: "something that does not say its version",
    self: SOURCE,
    end: ended(0, "hello"),
    deno: undefined,
    asks: 1,
  },
  {
    name: "a Deno that hangs",
    self: SOURCE,
    end: { kind: "timeout" },
    deno: undefined,
    asks: 1,
  },
  {
    name: "itself",
    self: { executable: "/opt/reeve", args: [] },
    end: ended(0, "deno 9"),
    deno: undefined,
    asks: 0,
  },
  {
    name: "another runtime",
    self: { executable: "/opt/runtime", args: ["main.js"] },
    end: ended(0, "deno 9"),
    deno: undefined,
    asks: 0,
  },
])("readInstall() of what is run by $name", async (row) => {
  const host = createFakeHost({
    self: row.self,
    env: { "PATH": "/none:/usr/bin" },
  });
  host.world.disk.put("/usr/bin/reeve", "", { mode: 0o755 });
  host.world.onRun = () => row.end;
  const { args, deno, executable, onPath } = await readInstall(host);
  assertEquals({ args, executable }, row.self);
  assertEquals([deno, onPath], [row.deno, "/usr/bin/reeve"]);
  assertEquals(host.world.runs.length, row.asks);
});
