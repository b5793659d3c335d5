import { assertEquals } from "@std/assert";
import { dependencyOf, serviceOf } from "#support/environment_runs.ts";
import { type EndableUnit, wasOver } from "./end_units.ts";

const NOBODY = { identity: undefined };

function service(facts: Parameters<typeof serviceOf>[2]): EndableUnit {
  return { kind: "service", mode: "main", record: serviceOf("A", "b", facts) };
}

function dependency(facts: Parameters<typeof dependencyOf>[2]): EndableUnit {
  const record = dependencyOf("A", "postgres", facts);
  return { kind: "dependency", mode: "main", record };
}

Deno.test.each<{
  readonly name: string;
  readonly unit: EndableUnit;
  readonly is: boolean;
}>([
  { name: "a service that runs", unit: service({}), is: false },
  { name: "one that has ended", unit: service({ status: "stale" }), is: false },
  {
    name: "a step that is done",
    unit: service({ status: "finished" }),
    is: true,
  },
  { name: "one never started", unit: service(NOBODY), is: true },
  { name: "a dependency that runs", unit: dependency({}), is: false },
  { name: "one that never came up", unit: dependency(NOBODY), is: true },
  {
    name: "a container",
    unit: dependency({ ...NOBODY, mode: "container" }),
    is: false,
  },
])("wasOver() of $name is $is", ({ unit, is }) => {
  assertEquals(wasOver(unit), is);
});
