import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { sampleDependency, sampleService } from "#support/observed_units.ts";
import { findIssues, isRoutine } from "./log_findings.ts";

const AT = "2026-11-21 10:00:00.000 UTC [12]";

Deno.test.each([
  {
    id: "postgres",
    line: `${AT} FATAL:  the database system is starting up`,
    is: true,
  },
  {
    id: "postgres",
    line: `${AT} FATAL:  the database system is shutting down`,
    is: true,
  },
  {
    id: "postgres",
    line: `${AT} LOG:  aborting any active transactions`,
    is: true,
  },
  {
    id: "postgres",
    line: `${AT} FATAL:  terminating connection due to administrator command`,
    is: true,
  },
  {
    id: "supabase",
    line: `${AT} FATAL:  the database system is starting up`,
    is: true,
  },
  {
    id: "postgres",
    line: `${AT} FATAL:  password authentication failed for user "ada"`,
    is: false,
  },
  {
    id: "postgres",
    line: `${AT} FATAL:  could not write lock file: No space left on device`,
    is: false,
  },
  {
    id: "redis",
    line: "12:C # WARNING Memory overcommit must be enabled! Without it, a " +
      "background save or replication may fail under low memory condition.",
    is: true,
  },
  { id: "redis", line: "12:M # Failed listening on port 6379", is: false },
  {
    id: "n8n",
    line: "Error tracking disabled because this release is older than 6 weeks.",
    is: true,
  },
  {
    id: "api",
    line: `${AT} FATAL:  the database system is starting up`,
    is: false,
  },
  { id: "constructor", line: "error", is: false },
])("routine of $id in “$line”: $is", ({ id, line, is }) => {
  assertEquals(isRoutine(id, line), is);
});

Deno.test("each log tells its own errors, and routine is no error", () => {
  const host = createFakeHost();
  const { disk } = host.world;
  const [service, dependency] = [sampleService("api"), sampleDependency()];
  const busy = "# WARNING Memory overcommit must be enabled! It may fail";
  disk.put(
    dependency.record.logPath ?? "",
    `Fatal error\n${`${busy}\n`.repeat(9)}`,
  );
  disk.put(service.record.logPath, `one error\n${busy}\nlast error\n`);
  assertEquals(findIssues(host, [dependency, service], 2), [
    { unit: dependency, lines: ["Fatal error"] },
    { unit: service, lines: [busy, "last error"] },
  ]);
  assertEquals(findIssues(createFakeHost(), [dependency, service], 2), []);
});
