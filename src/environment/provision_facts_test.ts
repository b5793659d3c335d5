import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createFakeHost, ended, type FakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { DEPENDENCIES } from "./dependency_registry.ts";
import type { DependencyChoice } from "./model.ts";
import { chooseProvision, expand, findProgram } from "./provision_facts.ts";

const EXECUTABLE = 0o755;

function hostWith(programs: readonly string[]): FakeHost {
  const host = createFakeHost({ env: { "PATH": "/first:/second" } });
  for (const path of programs) {
    host.world.disk.put(path, "", { mode: EXECUTABLE });
  }
  return host;
}

const CHOICE: DependencyChoice = {
  id: "postgres",
  mode: "auto",
  ports: { primary: 5432 },
  url: undefined,
  command: [],
  isShared: false,
  modes: ["main"],
};

Deno.test("programs are looked for in PATH, then in directories", async () => {
  const names = ["postgres"];
  const directories = ["/usr/lib/postgresql/*/bin"];
  const find = (host: FakeHost) => findProgram(host, names, directories);
  const all = [
    "/usr/lib/postgresql/9/bin/postgres",
    "/usr/lib/postgresql/15/bin/postgres",
  ];
  assertEquals(await find(hostWith([])), undefined);
  assertEquals(
    await find(hostWith(all)),
    "/usr/lib/postgresql/15/bin/postgres",
  );
  assertEquals(
    await find(hostWith([...all, "/second/postgres"])),
    "/second/postgres",
  );
  const host = hostWith(["/second/postgres"]);
  host.world.disk.put("/first/postgres", "", { mode: 0o644 });
  host.world.disk.putDirectory("/second/psql");
  assertEquals(await find(host), "/second/postgres");
});

Deno.test("a star stands for any one name, later versions first", async () => {
  const host = createFakeHost();
  for (const name of ["pgsql-9.6", "pgsql-15", "pgsql-", "other-16"]) {
    host.world.disk.putDirectory(`/usr/${name}/bin`);
  }
  assertEquals(await expand(host, "/usr/pgsql-*/bin"), [
    "/usr/pgsql-15/bin",
    "/usr/pgsql-9.6/bin",
  ]);
  assertEquals(await expand(host, "/none/*/bin"), []);
  assertEquals(await expand(host, "/plain/bin"), ["/plain/bin"]);
});

Deno.test("Docker is asked only when nothing nearer is there", async () => {
  const host = hostWith(["/first/postgres"]);
  const { postgres } = DEPENDENCIES;
  const native = await chooseProvision(host, postgres, CHOICE);
  assertEquals([native.mode, native.program], ["native", "/first/postgres"]);
  const url = "postgres://elsewhere/x";
  const external = await chooseProvision(host, postgres, { ...CHOICE, url });
  assertEquals(external.mode, "external");
  assertEquals(host.world.runs, []);
  const bare = hostWith([]);
  bare.world.onRun = () => ended(0, "28.2.2\n");
  const container = await chooseProvision(bare, postgres, CHOICE);
  assertEquals([container.mode, container.why], [
    "container",
    "Docker 28.2.2 answers",
  ]);
  assertEquals(bare.world.runs.map(({ args }) => args), [
    ["version", "--format", "{{.Server.Version}}"],
  ]);
});

Deno.test("without anything it is an error with the ways out", async () => {
  const host = hostWith([]);
  const error = await assertRejects(
    () => chooseProvision(host, DEPENDENCIES.postgres, CHOICE),
    KnownError,
  );
  assertEquals<string>(error.code, "unusable");
  assertMatch(error.message, /looked in PATH, \/usr\/lib\/postgresql\/\*\/bin/);
  assertMatch(error.hint ?? "", /Install it .* start Docker, set /);
});
