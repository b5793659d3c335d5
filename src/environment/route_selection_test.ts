import { assert, assertEquals } from "@std/assert";
import { dependencyOf, runOf, serviceOf } from "#support/environment_runs.ts";
import { wantedDependency, wantedService } from "#support/wanted_units.ts";
import { parseRoute } from "./route.ts";
import {
  selectForRestart,
  stopOrder,
  whenNothingNamed,
} from "./route_selection.ts";
import type { Route } from "./route_types.ts";
import { type SelectableUnit, unitsOfRun } from "./selectable_units.ts";
import { describeSelectionFault } from "./selectors.ts";
import { graphOf } from "./service_graph.ts";

const result = graphOf({
  services: [
    wantedService("api", { dependsOn: ["postgres"] }),
    wantedService("web", { dependsOn: ["api"] }),
    wantedService("worker", { dependsOn: ["redis"] }),
  ],
  dependencies: [wantedDependency("postgres"), wantedDependency("redis")],
}, "trees");
assert(result.kind === "graph");
const { graph } = result;

const slugs = ["api", "web", "worker"];
const run = runOf(1, ["a", "b"], {
  mode: "trees",
  services: ["a", "b"].flatMap((project) =>
    slugs.map((slug) => serviceOf(project, slug))
  ),
  dependencies: [
    dependencyOf("a", "postgres"),
    dependencyOf("b", "postgres"),
    dependencyOf("Main", "redis"),
  ],
});

function routeOf(line: string): Route {
  const route = parseRoute(
    line.split(" ").map((word) => word.replaceAll("+", " ")),
    {},
  );
  if (route.kind === "error") throw new Error(route.message);
  return route;
}

function keys(units: readonly SelectableUnit[]): string {
  return units.map(({ project, id }) => `${project}:${id}`).toSorted()
    .join(" ");
}

const SERVICES = "a:api a:web a:worker b:api b:web b:worker";
const ALL =
  "Main:redis a:api a:postgres a:web a:worker b:api b:postgres b:web b:worker";

Deno.test.each<{ line: string; units: string; dependents?: string }>([
  { line: "restart --trees", units: ALL },
  { line: "restart --trees --all", units: ALL },
  { line: "restart --trees --all --no-deps", units: SERVICES },
  { line: "restart --trees --project a", units: "a:api a:web a:worker" },
  { line: "restart --trees a", units: "a:api a:web a:worker" },
  {
    line: "restart --trees --project a --entire-system",
    units: "a:api a:postgres a:web a:worker",
  },
  { line: "restart --trees a+web", units: "a:web" },
  { line: "restart --trees a+api", units: "a:api", dependents: "a:web" },
  { line: "restart --trees a+api --ignore-service-deps", units: "a:api" },
  {
    line: "restart --trees --service api",
    units: "a:api b:api",
    dependents: "a:web b:web",
  },
  { line: "restart --trees a+api a+web", units: "a:api a:web" },
  {
    line: "restart --trees a+postgres",
    units: "a:postgres",
    dependents: "a:api a:web",
  },
  {
    line: "restart --trees redis",
    units: "Main:redis",
    dependents: "a:worker b:worker",
  },
  {
    line: "restart --trees --project a --dependencies",
    units: "a:postgres",
    dependents: "a:api a:web",
  },
  {
    line: "restart --trees --without redis",
    units: ALL.replace("Main:redis ", ""),
    dependents: "",
  },
])("$line restarts $units, and with it $dependents", (row) => {
  const { line, units, dependents = "" } = row;
  const chosen = selectForRestart(routeOf(line), run, graph);
  assert(chosen.kind === "chosen");
  assertEquals(keys(chosen.units), units);
  assertEquals(keys(chosen.dependents), dependents);
});

Deno.test("what a person has stopped is not restarted with another one", () => {
  const services = run.services.map((one) =>
    one.name === "a web" ? { ...one, identity: undefined } : one
  );
  const chosen = selectForRestart(
    routeOf("restart --trees a+api"),
    { ...run, services },
    graph,
  );
  assert(chosen.kind === "chosen");
  assertEquals(keys(chosen.dependents), "");
});

Deno.test("a restart of nobody is refused", () => {
  const line = "restart --trees a+api nobody";
  const chosen = selectForRestart(routeOf(line), run, graph);
  assert(chosen.kind === "faults");
  assertEquals(chosen.faults.map(describeSelectionFault), [
    "Nothing matches nobody; there are api, postgres, redis, web, worker",
  ]);
});

Deno.test.each<{ line: string; is: string }>([
  { line: "start", is: "everything" },
  { line: "start --trees", is: "fault" },
  { line: "stop --trees", is: "everything" },
  { line: "explain-startup --trees", is: "fault" },
  { line: "explain-startup restart --trees", is: "everything" },
  { line: "plan", is: "fault" },
])("for $line nothing named means $is", ({ line, is }) => {
  assertEquals(whenNothingNamed(routeOf(line)), is);
});

const old = [
  ...unitsOfRun(run).filter(({ project }) => project !== "b"),
  { kind: "service", project: "a", id: "gone", displayName: "Gone" },
  { kind: "dependency", project: "a", id: "n8n", displayName: "n8n" },
] as const;

Deno.test("a stop ends dependents first, and knows no longer known ones", () => {
  assertEquals(stopOrder(old, graph).map(keys), [
    "a:gone",
    "a:web a:worker",
    "Main:redis a:api",
    "a:postgres",
    "a:n8n",
  ]);
});

Deno.test("without a sound graph services end before dependencies", () => {
  assertEquals(stopOrder(old, undefined).map(keys), [
    "a:api a:gone a:web a:worker",
    "Main:redis a:n8n a:postgres",
  ]);
});
