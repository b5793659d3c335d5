import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { listTenants } from "./list_tenants.ts";

Deno.test("listTenants() finds files of jobs and nothing else", async () => {
  const host = createFakeHost();
  const settings = { backend: "sqlite", root: "/r", tenant: "set" } as const;
  assertEquals(await listTenants(host, settings), []);
  for (
    const name of ["acme.db", "_default.db", "acme.db-wal", "A.db", "x", ".db"]
  ) {
    host.world.disk.put(`/r/jobs/${name}`, "");
  }
  assertEquals(await listTenants(host, settings), ["_default", "acme"]);
});

Deno.test("listTenants() knows of Redis only the tenant of the settings", async () => {
  const settings = { backend: "redis", root: "/r", tenant: "set" } as const;
  assertEquals(await listTenants(createFakeHost(), settings), ["set"]);
});
