import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { runOf, serviceOf } from "#support/environment_runs.ts";
import type { ServiceStatus } from "./model.ts";
import { healthOf, type ObservedUnit } from "./observe.ts";

function unit(status: ServiceStatus, isCritical: boolean): ObservedUnit {
  return {
    kind: "service",
    project: "Main",
    id: "api",
    name: "Main api",
    isCritical,
    record: serviceOf("Main", "api", { isCritical }),
    truth: { status, evidence: [], actualPort: undefined },
  };
}

const observed = (units: readonly ObservedUnit[], failure?: string) => ({
  run: runOf(1, ["Main"], { failure }),
  units,
});

Deno.test.each<[string, boolean, ServiceStatus[], string | undefined, string]>(
  [
    ["nothing", true, [], undefined, "healthy"],
    ["all up", true, ["running", "finished"], undefined, "healthy"],
    ["one stopped", true, ["running", "stopped"], undefined, "healthy"],
    ["one starting", true, ["starting"], undefined, "healthy"],
    ["one dead", true, ["running", "stale"], undefined, "unhealthy"],
    ["one unreachable", true, ["unreachable"], undefined, "unhealthy"],
    ["a dead optional one", false, ["running", "stale"], undefined, "degraded"],
    ["a failed start", true, [], "it broke", "unhealthy"],
    ["a failed start with all up", true, ["running"], "it broke", "unhealthy"],
  ],
)("with %s (critical: %s, %s, %s) it is %s", (...row) => {
  const [, isCritical, statuses, failure, overall] = row;
  const units = statuses.map((status) => unit(status, isCritical));
  assertEquals(healthOf([observed(units, failure)]).overall, overall);
});

const anyUnit = fc.tuple(
  fc.constantFrom<ServiceStatus>(
    "degraded",
    "finished",
    "running",
    "stale",
    "starting",
    "stopped",
    "termination_failed",
    "unreachable",
    "unverified",
  ),
  fc.boolean(),
).map(([status, isCritical]) => unit(status, isCritical));

Deno.test("no unit is critical and optional at once, and the lists decide", () => {
  fc.assert(fc.property(fc.array(anyUnit), (units) => {
    const { overall, critical, optional } = healthOf([observed(units)]);
    assert(critical.every((one) => !optional.includes(one)));
    assert(critical.every((one) => one.isCritical));
    const expected = critical.length > 0
      ? "unhealthy"
      : optional.length > 0
      ? "degraded"
      : "healthy";
    assertEquals(overall, expected);
  }));
});
