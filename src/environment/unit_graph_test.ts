import { assertEquals } from "@std/assert";
import { wantedDependency, wantedService } from "#support/wanted_units.ts";
import { unitKey } from "./selectable_units.ts";
import { dependentsByKey, type GraphUnit } from "./unit_graph.ts";

const settings = {
  services: [
    wantedService("api", { dependsOn: ["redis"] }),
    wantedService("web", { dependsOn: ["api"] }),
    wantedService("mail", { dependsOn: ["dependencies"] }),
  ],
  dependencies: [wantedDependency("redis")],
};

function unit(
  name: string,
  kind: GraphUnit["kind"] = "service",
  mode: GraphUnit["mode"] = "trees",
): GraphUnit {
  const [project = "", id = ""] = name.split(" ");
  return { key: unitKey({ project, id }), kind, mode, project, id };
}

function told(given: typeof settings, units: readonly GraphUnit[]): string[] {
  return [...dependentsByKey(given, units)].flatMap(([key, dependents]) =>
    dependents.map((one) => `${one} > ${key}`.replaceAll("\n", " "))
  );
}

const UNITS = [
  unit("Main redis", "dependency"),
  unit("one api"),
  unit("one web"),
  unit("two api"),
  unit("two mail"),
];

Deno.test("who needs whom, within a project and of what is shared", () => {
  assertEquals(told(settings, UNITS), [
    "one api > Main redis",
    "two api > Main redis",
    // It names nobody, so it waits for every dependency.
    "two mail > Main redis",
    "one web > one api",
  ]);
});

Deno.test("without a sound graph dependencies still go last", () => {
  const services = [
    wantedService("api", { dependsOn: ["web"] }),
    wantedService("web", { dependsOn: ["api"] }),
  ];
  assertEquals(told({ ...settings, services }, UNITS), [
    "one api > Main redis",
    "one web > Main redis",
    "two api > Main redis",
    "two mail > Main redis",
  ]);
});
