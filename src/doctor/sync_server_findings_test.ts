import { assert, assertEquals } from "@std/assert";
import type { SyncFacts } from "./sync_facts.ts";
import {
  type Health,
  parseHealth,
  type ServerFacts,
} from "./sync_server_facts.ts";
import { serverFindings } from "./sync_server_findings.ts";
import { FACTS, SERVER } from "#support/sync_facts.ts";

const health: Extract<Health, { readonly kind: "health" }> = {
  kind: "health",
  status: "ok",
  protocol: "3.0",
  maxEvents: 1000,
  maxBytes: 524_288,
};
const fine: ServerFacts = {
  url: SERVER,
  health,
  clockAheadMs: 0,
  session: { kind: "active" },
};

function being(change: Partial<typeof health>): Partial<ServerFacts> {
  return { health: { ...health, ...change } };
}

Deno.test.each<
  {
    readonly name: string;
    readonly change: Partial<ServerFacts>;
    readonly is: readonly string[];
  }
>([
  { name: "all well", change: {}, is: [] },
  {
    name: "a silent server",
    change: { health: { kind: "silent", reason: "timeout" } },
    is: ["S-070 error curl --head https://sync.example"],
  },
  {
    name: "another server",
    change: { health: { kind: "stranger", status: 200 } },
    is: ["S-071 error reeve server check https://sync.example"],
  },
  {
    name: "another version",
    change: being({ protocol: "4.0" }),
    is: ["S-072 error reeve --version"],
  },
  { name: "a later minor", change: being({ protocol: "3.7" }), is: [] },
  {
    name: "a server that is not well",
    change: being({ status: "degraded" }),
    is: ["S-073 warn reeve server check https://sync.example"],
  },
  {
    name: "a server that takes fewer events",
    change: being({ maxEvents: 999 }),
    is: ["S-074 info reeve config show sync.batch.max_events"],
  },
  {
    name: "a server that takes fewer bytes",
    change: being({ maxBytes: 199_999 }),
    is: ["S-074 info reeve config show sync.batch.max_events"],
  },
  {
    name: "a server without limits",
    change: being({ maxEvents: undefined, maxBytes: undefined }),
    is: [],
  },
  {
    name: "a session that is not known",
    change: { session: { kind: "rejected" } },
    is: ["S-075 error reeve auth login --force"],
  },
  { name: "a minute ahead", change: { clockAheadMs: 60_000 }, is: [] },
  {
    name: "more than a minute ahead",
    change: { clockAheadMs: 60_001 },
    is: ["S-076 warn sudo timedatectl set-ntp true"],
  },
  {
    name: "more than a minute behind",
    change: { clockAheadMs: -60_001 },
    is: ["S-076 warn sudo timedatectl set-ntp true"],
  },
  { name: "no time", change: { clockAheadMs: undefined }, is: [] },
])("serverFindings() with $name: $is", ({ change, is }) => {
  const found = serverFindings({ ...FACTS, server: { ...fine, ...change } });
  assertEquals(
    found.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation.command}`
    ),
    [...is],
  );
  for (const { summary } of found) assert(summary.endsWith("."), summary);
});

Deno.test.each<
  { readonly os: SyncFacts["os"]; readonly command: string }
>([
  { os: "linux", command: "sudo timedatectl set-ntp true" },
  { os: "darwin", command: "sudo sntp -sS time.apple.com" },
  { os: "windows", command: "w32tm /resync" },
])("serverFindings() sets the clock on $os", ({ os, command }) => {
  const server = { ...fine, clockAheadMs: 3_600_000 };
  const [found] = serverFindings({ ...FACTS, os, server });
  assertEquals(
    [found?.summary, found?.remediation.command],
    ["The clock is 1 h ahead of that of the server.", command],
  );
});

Deno.test("serverFindings() shows no more of a stranger's words than letters", () => {
  const server = { ...fine, ...being({ status: "\u001b[2Jgone" }) };
  const [found] = serverFindings({ ...FACTS, server });
  assertEquals(found?.summary, "https://sync.example calls itself ??2Jgone.");
});

Deno.test.each([
  { status: 503, body: "{}", is: "stranger" },
  { status: 200, body: "<html>", is: "stranger" },
  { status: 200, body: "null", is: "stranger" },
  { status: 200, body: `{"protocol":3}`, is: "stranger" },
  { status: 200, body: `{"protocol":"3.0"}`, is: "health" },
])("parseHealth() of $status $body is $is", ({ status, body, is }) => {
  assertEquals<string>(parseHealth(status, body).kind, is);
});

Deno.test("parseHealth() takes limits that are numbers", () => {
  const body = {
    status: "ok",
    protocol: "3.0",
    "max_events_per_batch": 0,
    "max_decompressed_bytes_per_batch": 9,
  };
  const found = parseHealth(200, JSON.stringify(body));
  assert(found.kind === "health");
  assertEquals([found.maxEvents, found.maxBytes], [undefined, 9]);
});
