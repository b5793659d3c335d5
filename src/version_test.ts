import { assert, assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { cliVersion, compareVersions, VERSION } from "./version.ts";

Deno.test("VERSION is the version of the package", () => {
  assertEquals(VERSION, config.version);
});

Deno.test.each([
  { older: "3.2.2", newer: "3.2.3" },
  { older: "3.2.9", newer: "3.2.10" },
  { older: "3.2", newer: "3.2.1" },
  { older: "3.2.6rc3", newer: "3.2.6" },
  { older: "3.2.6-rc.2", newer: "3.2.6-rc.10" },
  { older: "3.2.6-alpha", newer: "3.2.6-beta" },
  { older: "3.2.6-rc", newer: "3.2.6-rc.1" },
  { older: "unknown", newer: "0.0.1" },
  { older: "dev", newer: "unknown" },
])("compareVersions() puts $older before $newer", ({ older, newer }) => {
  assert(compareVersions(older, newer) < 0);
  assert(compareVersions(newer, older) > 0);
  assertEquals(compareVersions(older, older), 0);
});

Deno.test("cliVersion() reads REEVE_CLI_VERSION first", () => {
  assertEquals(cliVersion({ get: () => "3.2.4" }), "3.2.4");
  assertEquals(cliVersion({ get: () => undefined }), VERSION);
});
