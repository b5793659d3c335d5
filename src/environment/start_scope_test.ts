import { assertEquals } from "@std/assert";
import {
  dependencyOf,
  runIdOf,
  runOf,
  serviceOf,
} from "#support/environment_runs.ts";
import { wantedDependency, wantedService } from "#support/wanted_units.ts";
import type { Mode, ServiceStatus } from "./model.ts";
import type { ObservedRun, ObservedUnit } from "./observe.ts";
import { graphOf } from "./service_graph.ts";
import { unitKey } from "./selectable_units.ts";
import {
  borrowedUnits,
  joinRuns,
  mayRun,
  recordedRun,
  restartedUnits,
} from "./start_scope.ts";

function service(
  name: string,
  status: ServiceStatus = "running",
): ObservedUnit {
  const [project = "", id = ""] = name.split(" ");
  return {
    kind: "service",
    project,
    id,
    name,
    isCritical: true,
    record: serviceOf(project, id),
    truth: { status, evidence: [], actualPort: undefined },
  };
}

function dependency(
  name: string,
  status: ServiceStatus = "running",
): ObservedUnit {
  const [project = "", id = ""] = name.split(" ");
  return {
    kind: "dependency",
    project,
    id,
    name,
    isCritical: true,
    record: dependencyOf(project, id),
    truth: { status, evidence: [], actualPort: undefined },
  };
}

function runWith(
  n: number,
  mode: Mode,
  projects: readonly string[],
  units: readonly ObservedUnit[],
): ObservedRun {
  const run = runOf(n, projects, {
    mode,
    services: units.flatMap((one) =>
      one.kind === "service" ? [one.record] : []
    ),
    dependencies: units.flatMap((one) =>
      one.kind === "dependency" ? [one.record] : []
    ),
  });
  return { run, units };
}

const names = (units: readonly ObservedUnit[]) => units.map(({ name }) => name);

Deno.test("runs of a mode become one, and the latest owns its projects", () => {
  const latest = runWith(2, "trees", ["one"], [service("one api")]);
  const main = runWith(3, "main", ["Main"], [service("Main api")]);
  const older = runWith(1, "trees", ["one", "two"], [
    service("one web"),
    service("two api"),
    service("two web"),
  ]);
  const joined = joinRuns([main, latest, older], "trees");
  assertEquals(joined?.run.runId, runIdOf(2));
  assertEquals(joined?.run.projects.map(({ name }) => name), ["one", "two"]);
  assertEquals(names(joined?.units ?? []), ["one api", "two api", "two web"]);
  assertEquals(
    joined?.run.services.map(({ name }) => name),
    ["one api", "two api", "two web"],
  );
  assertEquals(joinRuns([latest], "main"), undefined);
});

const settings = {
  services: [
    wantedService("api", { dependsOn: ["redis"] }),
    wantedService("web", { dependsOn: ["api"] }),
    wantedService("mail", { dependsOn: [] }),
  ],
  dependencies: [
    wantedDependency("redis", { isShared: true }),
    wantedDependency("postgres"),
  ],
};

Deno.test("only what is shared and up in the main checkout is borrowed", () => {
  const main = runWith(1, "main", ["Main"], [
    dependency("Main redis"),
    dependency("Main postgres"),
    service("Main api"),
  ]);
  assertEquals(names(borrowedUnits([main], "trees", settings)), ["Main redis"]);
  assertEquals(borrowedUnits([main], "main", settings), []);
  const dead = runWith(1, "main", ["Main"], [
    dependency("Main redis", "stale"),
  ]);
  assertEquals(borrowedUnits([dead], "trees", settings), []);
});

Deno.test.each<[ServiceStatus, boolean]>([
  ["running", true],
  ["starting", true],
  ["unreachable", true],
  ["unverified", true],
  ["termination_failed", true],
  ["degraded", true],
  ["finished", false],
  ["stale", false],
  ["stopped", false],
])("of one that is %s something may run: %s", (status, expected) => {
  const unit = service("Main api", status);
  assertEquals(mayRun(unit), expected);
  const observed = runWith(1, "main", ["Main"], [unit]);
  assertEquals(recordedRun(observed).units[0]?.isAlive, expected);
});

const UNITS = [
  dependency("Main redis"),
  service("one api"),
  service("one web"),
  service("one mail"),
  service("two api"),
  service("two web"),
];

Deno.test.each([
  { chosen: ["one api"], more: true, text: "one api, one web" },
  { chosen: ["one api"], more: false, text: "one api" },
  { chosen: ["one mail"], more: true, text: "one mail" },
  {
    chosen: ["Main redis"],
    more: true,
    text: "Main redis, one api, one web, two api, two web",
  },
  { chosen: ["one nobody"], more: true, text: "" },
])("a restart of $chosen with dependents $more ends $text", (row) => {
  const result = graphOf(settings, "trees");
  if (result.kind === "faults") throw new Error("faults");
  const chosen = new Set(row.chosen.map((name) => {
    const [project = "", id = ""] = name.split(" ");
    return unitKey({ project, id });
  }));
  const projects = [{ name: "one", root: "/1" }, { name: "two", root: "/2" }];
  const request = { chosen, projects, withDependents: row.more };
  const found = restartedUnits(UNITS, request, result.graph);
  assertEquals(names(found).join(", "), row.text);
});

Deno.test("a restart of everything is about its projects and what they share", () => {
  const result = graphOf(settings, "trees");
  if (result.kind === "faults") throw new Error("faults");
  const request = {
    chosen: "everything",
    projects: [{ name: "two", root: "/2" }],
    withDependents: true,
  } as const;
  assertEquals(names(restartedUnits(UNITS, request, result.graph)), [
    "Main redis",
    "two api",
    "two web",
  ]);
});
