import { openBackends, testBackend } from "#support/backend_suite.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { createSqliteBackend } from "../../src/jobs/sqlite_backend.ts";

// The C library stays open for the life of a process: opened here, it is no
// resource that the first test appears to leak.
denoHost.blocking.freeBytes(Deno.cwd());

const host = { ...denoHost, databases: await denoHost.databases() };

testBackend("sqlite", async (options) => {
  const directory = await Deno.makeTempDir({ prefix: "reeve-jobs-" });
  const path = `${directory}/jobs.db`;
  return openBackends(
    () => createSqliteBackend(host, { ...options, path, tenant: "_default" }),
    () => Deno.remove(directory, { recursive: true }),
  );
});
