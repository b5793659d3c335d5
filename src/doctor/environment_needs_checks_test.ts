import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import type { EnvironmentCheck } from "./environment_check.ts";
import { machineChecks, needsChecks } from "./environment_needs_checks.ts";
import {
  type NeedsFacts,
  readNeeds,
  type ServiceProgramFacts,
} from "./environment_needs_facts.ts";
import { readEnvironmentSettings } from "../environment/settings_read.ts";

const API: ServiceProgramFacts = {
  slug: "api",
  word: "deno",
  directory: "/r/api",
  hasDirectory: true,
  path: "/bin/deno",
  isOpen: false,
};

function seen(checks: readonly EnvironmentCheck[]): readonly string[] {
  return checks.map(({ id, status }) =>
    `${id.replace("needs.", "")} ${status}`
  );
}

Deno.test.each<{
  readonly name: string;
  readonly change: Partial<ServiceProgramFacts>;
  readonly is: readonly string[];
}>([
  { name: "is there", change: {}, is: ["commands pass"] },
  {
    name: "is missing",
    change: { path: undefined },
    is: ["command.api fail"],
  },
  {
    name: "is only known at the start",
    change: { path: undefined, isOpen: true },
    is: ["commands pass"],
  },
  {
    name: "has no directory to run in",
    change: { hasDirectory: false },
    is: ["command.api fail"],
  },
])("a program that $name", ({ change, is }) => {
  const services = [{ ...API, ...change }];
  assertEquals(seen(needsChecks({ wanted: [], services })), [...is]);
});

Deno.test("needsChecks() tells where dependencies come from", () => {
  const wanted: NeedsFacts["wanted"] = [
    { id: "redis", from: { mode: "native", why: "it is there" } },
    { id: "n8n", from: { problem: "Nothing provides n8n", hint: "Do this." } },
  ];
  const checks = needsChecks({ wanted, services: [] });
  assertEquals(seen(checks), [
    "dependency.redis pass",
    "dependency.n8n fail",
  ]);
  assertEquals(checks[1]?.remedy, "Do this.");
});

Deno.test("machineChecks() never fails: nobody may want any of it", () => {
  const checks = machineChecks({
    programs: [
      { dependency: "redis", names: ["redis-server"], path: undefined },
      { dependency: "postgres", names: ["postgres"], path: "/bin/postgres" },
    ],
    engine: { kind: "down", reason: "no socket" },
    account: { kind: "other", uid: 99, gid: 99, setpriv: "/bin/setpriv" },
  });
  assertEquals(checks.map(({ summary, status }) => `${status} ${summary}`), [
    "info There is no program redis-server for redis",
    "info /bin/postgres can provide postgres",
    "info Docker does not answer (no socket)",
    "info PostgreSQL never runs as root: it would run as user 99",
  ]);
});

Deno.test("readNeeds() looks for programs as a start would", async () => {
  const host = createFakeHost({ env: { "PATH": "/bin" } });
  host.world.disk.put("/bin/deno", "", { mode: 0o755 });
  host.world.disk.put("/bin/plain", "", { mode: 0o644 });
  host.world.disk.put("/r/api/run.sh", "", { mode: 0o755 });
  const text = [
    "REEVE_SERVICES=a,b,c,d,e",
    "REEVE_SERVICE_A_CMD='deno task dev'",
    "REEVE_SERVICE_B_CMD='plain'",
    "REEVE_SERVICE_C_CMD='./run.sh'",
    "REEVE_SERVICE_C_DIR=api",
    "REEVE_SERVICE_D_CMD='gone'",
    "REEVE_SERVICE_D_ONLY_IF_PATH=nowhere",
    "REEVE_SERVICE_E_CMD='deno'",
    "REEVE_SERVICE_E_DIR=nowhere",
  ].join("\n");
  const { settings, faults } = readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path: "/r/.reeve", text },
  });
  assertEquals(faults.map(({ message }) => message), []);
  const { services } = await readNeeds(
    host,
    "/r",
    settings,
    Promise.resolve({ kind: "missing" }),
  );
  assertEquals(
    services.map(({ slug, path, hasDirectory }) =>
      `${slug} ${path} ${hasDirectory}`
    ),
    [
      "a /bin/deno true",
      "b undefined true",
      "c /r/api/run.sh true",
      "e /bin/deno false",
    ],
  );
});
