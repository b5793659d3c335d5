import { assertEquals } from "@std/assert";
import {
  sampleDependency,
  sampleRun,
  sampleService,
} from "#support/observed_units.ts";
import type { ServiceStatus } from "../environment/model.ts";
import type { SeenEntry } from "../environment/port_ledger.ts";
import type { EnvironmentCheck } from "./environment_check.ts";
import {
  portChecks,
  type PortFacts,
  runtimeChecks,
} from "./environment_runtime_checks.ts";

const LOGS = "reeve logs --project Main --service api";

function troublesOf(checks: readonly EnvironmentCheck[]): readonly string[] {
  return checks.filter(({ status }) => status !== "pass")
    .map(({ id, status, remedy }) => `${id} ${status} ${remedy}`);
}

Deno.test.each<{
  readonly status: ServiceStatus;
  readonly critical: string;
  readonly optional: string;
}>([
  { status: "running", critical: "", optional: "" },
  { status: "finished", critical: "", optional: "" },
  { status: "stopped", critical: "", optional: "" },
  { status: "starting", critical: "info", optional: "info" },
  { status: "degraded", critical: `warn ${LOGS}`, optional: `warn ${LOGS}` },
  {
    status: "stale",
    critical: "fail reeve start",
    optional: "warn reeve start",
  },
  {
    status: "termination_failed",
    critical: "fail reeve stop",
    optional: "warn reeve stop",
  },
  { status: "unreachable", critical: `fail ${LOGS}`, optional: `warn ${LOGS}` },
  { status: "unverified", critical: "fail", optional: "warn" },
])("a unit that is $status", ({ status, critical, optional }) => {
  const of = (more: { readonly isCritical: boolean }) => {
    const unit = sampleService("api", { status }, more);
    const [found] = troublesOf(runtimeChecks([sampleRun([unit])]));
    return (found ?? "").replace("runtime.unit.Main.api ", "")
      .replace(" undefined", "");
  };
  assertEquals(of({ isCritical: true }), critical);
  assertEquals(of({ isCritical: false }), optional);
});

Deno.test("runtimeChecks() names whoever else has the port", () => {
  const foreignOwner = { pid: 99, uid: 0, program: "nginx" };
  const unit = sampleService("api", { status: "stale", foreignOwner });
  const checks = runtimeChecks([sampleRun([unit, sampleDependency()])]);
  assertEquals(troublesOf(checks), [
    "runtime.unit.Main.api fail " +
    "See who it is: ps -p 99; then: reeve start",
  ]);
  assertEquals(checks.at(-1)?.evidence["foreign_owner"], foreignOwner);
  assertEquals(checks[0]?.summary, "1 of 2 units are as they should be");
});

Deno.test("runtimeChecks() tells of another port and of a failed start", () => {
  const evidence = [{ fact: "rebound", text: "it listens on 1" }] as const;
  const unit = sampleService("api", { status: "running", evidence });
  const { run, units } = sampleRun([unit]);
  const failed = { run: { ...run, failure: "no room" }, units };
  assertEquals(troublesOf(runtimeChecks([failed])), [
    `runtime.start.${run.runId} fail reeve errors`,
    "runtime.unit.Main.api info undefined",
  ]);
});

const ENTRY: SeenEntry = {
  port: 3000,
  scope: "repo-a",
  project: "Main",
  unit: "api",
  since: 0,
  isAlive: true,
  owner: {
    kind: "unit",
    pid: 7,
    startStamp: "1",
    host: "h",
    bootId: "b",
    pidNamespace: "n",
  },
};
const LISTENER = { port: 3000, address: "::", pids: [7], uid: 0 };
const PORTS: PortFacts = {
  scope: "repo-a",
  entries: [ENTRY],
  problem: undefined,
  listeners: [LISTENER],
};
const REPAIR = "reeve doctor --repair";

Deno.test.each<{
  readonly name: string;
  readonly change: Partial<PortFacts>;
  readonly is: readonly string[];
}>([
  { name: "a port that is in use", change: {}, is: [] },
  { name: "no port", change: { entries: [] }, is: [] },
  {
    name: "a ledger that cannot be read",
    change: { problem: "x" },
    is: [`ports.ledger fail ${REPAIR}`],
  },
  {
    name: "an owner that is gone",
    change: { entries: [{ ...ENTRY, isAlive: false }], listeners: [] },
    is: [`ports.ledger warn ${REPAIR}`],
  },
  {
    name: "a port that nobody listens on",
    change: { listeners: [] },
    is: ["ports.listening warn reeve health"],
  },
  {
    name: "one that a command has just reserved",
    change: {
      entries: [{ ...ENTRY, owner: { ...ENTRY.owner, kind: "command" } }],
      listeners: [],
    },
    is: [],
  },
  {
    name: "one of another repository",
    change: { scope: "repo-b", listeners: [] },
    is: [],
  },
  {
    name: "listeners that cannot be known",
    change: { listeners: undefined },
    is: [],
  },
])("portChecks() of $name", ({ change, is }) => {
  assertEquals(troublesOf(portChecks({ ...PORTS, ...change })), [...is]);
});
