import { assertEquals, assertThrows } from "@std/assert";
import { jobsDirectory, jobsPath } from "./job_paths.ts";

const ROOT = { root: "/home/ada/.reeve" };

Deno.test("jobsPath() gives each tenant a file in one directory", () => {
  assertEquals(jobsPath(ROOT, "acme-2"), "/home/ada/.reeve/jobs/acme-2.db");
  assertEquals(jobsPath(ROOT, "_default"), "/home/ada/.reeve/jobs/_default.db");
  assertEquals(jobsDirectory(ROOT), "/home/ada/.reeve/jobs");
});

Deno.test.each([
  { tenant: "" },
  { tenant: ".." },
  { tenant: "../auth" },
  { tenant: "a/b" },
  { tenant: "Acme" },
  { tenant: "acme-" },
  { tenant: "_other" },
  { tenant: "acme\n" },
  { tenant: "a".repeat(64) },
])("jobsPath() makes no file for $tenant", ({ tenant }) => {
  assertThrows(() => jobsPath(ROOT, tenant), TypeError);
});
