import { assertEquals } from "@std/assert";
import type { LoopbackReply } from "../host/host.ts";
import { readHealth } from "./health_facts.ts";

const json = (value: unknown, status = 200): LoopbackReply => ({
  kind: "reply",
  status,
  body: JSON.stringify(value),
});

Deno.test.each([
  {
    name: "a refusal",
    reply: { kind: "refused" } as const,
    outcome: "refused",
  },
  {
    name: "a silent listener",
    reply: { kind: "timeout", connected: true } as const,
    outcome: "no_answer",
  },
  {
    name: "a full queue",
    reply: { kind: "timeout", connected: false } as const,
    outcome: "not_accepting",
  },
  { name: "a redirect", reply: json({}, 302), outcome: "status_302" },
  { name: "an array", reply: json([]), outcome: "not_json" },
  { name: "a number", reply: json(1), outcome: "not_json" },
  {
    name: "a page",
    reply: { kind: "reply", status: 200, body: "<html>" } as const,
    outcome: "not_json",
  },
  {
    name: "too much",
    reply: { kind: "too_large" } as const,
    outcome: "too_large",
  },
])("readHealth() of $name has not responded", ({ reply, outcome }) => {
  const { facts } = readHealth(reply);
  assertEquals([facts.responded, facts.outcome], [false, outcome]);
});

Deno.test("readHealth() takes wrong types as absent", () => {
  const { facts } = readHealth(json({
    protocol_version: true,
    package_version: 3,
    daemon_family: ["sync"],
    owner: { pid: "12", port: 9400.5 },
  }));
  assertEquals(facts, {
    responded: true,
    outcome: "ok",
    hasOwner: true,
    isDashboardShaped: false,
  });
});

Deno.test("readHealth() never invents an owner", () => {
  const { facts, owner } = readHealth(json({ protocol_version: 1 }));
  assertEquals([facts.hasOwner, facts.ownerPid, owner], [
    false,
    undefined,
    undefined,
  ]);
});

Deno.test("readHealth() reads the whole contract", () => {
  const reading = readHealth(json({
    status: "ok",
    token: "t",
    daemon_family: "sync",
    singleton_scope_id: "/s",
    protocol_version: 1,
    package_version: "3.2.4",
    owner: { pid: 5, port: 9401, server_url: "https://x", started_at: "then" },
  }));
  assertEquals(reading.facts.ownerPid, 5);
  assertEquals(reading.facts.serverUrl, "https://x");
  assertEquals([reading.scope, reading.token], ["/s", "t"]);
});

Deno.test("readHealth() disarms control characters", () => {
  const { facts } = readHealth(json({ package_version: "1\u001b[31m" }));
  assertEquals(facts.packageVersion, "1?[31m");
});
