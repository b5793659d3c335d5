import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { wantedDependency, wantedService } from "#support/wanted_units.ts";
import {
  dependentsOf,
  describeGraphFault,
  graphOf,
  neededBy,
  type ServiceGraph,
  startLayers,
  stopLayers,
  withImpliedNeeds,
} from "./service_graph.ts";

/** `a:b,c` is a service a that needs b and c. */
function servicesOf(text: string) {
  return text.split(" ").filter((word) => word !== "").map((word) => {
    const [slug = "", needs = ""] = word.split(":");
    const dependsOn = needs.split(",").filter((name) => name !== "");
    return wantedService(slug, { dependsOn });
  });
}

function graphFrom(services: string, dependencies: readonly string[]) {
  return graphOf({
    services: servicesOf(services),
    dependencies: dependencies.map((id) => wantedDependency(id)),
  }, "main");
}

function soundGraph(services: string, ...dependencies: string[]): ServiceGraph {
  const result = graphFrom(services, dependencies);
  if (result.kind === "graph") return result.graph;
  throw new Error(result.faults.map(describeGraphFault).join("\n"));
}

function layersIn(text: readonly (readonly string[])[]): string {
  return text.map((layer) => layer.join(" ")).join(" | ");
}

Deno.test("layers follow readiness from the database to the worker", () => {
  const graph = soundGraph(
    "worker:frontend frontend:backend backend:postgres lone",
    "postgres",
  );
  const ids = new Set(graph.nodes.keys());
  assertEquals(
    layersIn(startLayers(graph, ids)),
    "postgres lone | backend | frontend | worker",
  );
  assertEquals(
    layersIn(stopLayers(graph, ids)),
    "worker lone | frontend | backend | postgres",
  );
});

Deno.test("edges to those that take no part do not count", () => {
  const graph = soundGraph("c:b b:a a");
  assertEquals(layersIn(startLayers(graph, new Set(["a", "c"]))), "c a");
});

Deno.test.each<{ services: string; says: readonly string[] }>([
  { services: "a:a", says: ["Services wait for each other: a → a"] },
  {
    services: "z:a a:b b:c c:a",
    says: ["Services wait for each other: a → b → c → a"],
  },
  {
    services: "a:redis,b b:nobody",
    says: [
      "a depends on redis, which there is not; there are a, b, postgres",
      "b depends on nobody, which there is not; there are a, b, postgres",
    ],
  },
  {
    services: "a a postgres",
    says: [
      "Two services or dependencies have the name a",
      "Two services or dependencies have the name postgres",
    ],
  },
])("graphOf refuses $services", ({ services, says }) => {
  const result = graphFrom(services, ["postgres"]);
  assert(result.kind === "faults");
  assertEquals(result.faults.map(describeGraphFault), says);
});

Deno.test("an edge to what is off in the mode is dropped and told", () => {
  const settings = {
    services: [
      wantedService("web", { dependsOn: ["redis", "api"] }),
      wantedService("api"),
    ],
    dependencies: [wantedDependency("redis", { modes: ["main"] })],
  };
  const result = graphOf(settings, "trees");
  assert(result.kind === "graph");
  assertEquals(result.graph.dropped, [{ from: "web", to: "redis" }]);
  assertEquals(result.graph.nodes.get("web")?.after, ["api"]);
});

Deno.test("a cycle among what is off in the mode harms nobody", () => {
  const modes = ["main"] as const;
  const settings = {
    services: [
      wantedService("a", { dependsOn: ["b"], modes }),
      wantedService("b", { dependsOn: ["a"] }),
    ],
    dependencies: [],
  };
  assertEquals(graphOf(settings, "trees").kind, "graph");
  assertEquals(graphOf(settings, "main").kind, "faults");
});

Deno.test.each<{ of: string; dependents: string; needs: string }>([
  { of: "postgres", dependents: "api job web", needs: "" },
  { of: "api", dependents: "job web", needs: "postgres" },
  { of: "web", dependents: "", needs: "api postgres" },
  { of: "web job", dependents: "", needs: "api postgres" },
  { of: "lone", dependents: "", needs: "" },
])("who needs $of, and whom it needs", ({ of, dependents, needs }) => {
  const graph = soundGraph("web:api job:api api:postgres lone", "postgres");
  const ids = of.split(" ");
  assertEquals([...dependentsOf(graph, ids)].sort().join(" "), dependents);
  assertEquals([...neededBy(graph, ids)].sort().join(" "), needs);
});

Deno.test("a service may wait for every dependency of the mode", () => {
  const settings = withImpliedNeeds({
    services: servicesOf("api:dependencies web:api lone mail:web,dependencies"),
    dependencies: [
      wantedDependency("postgres"),
      wantedDependency("redis", { modes: ["trees"] }),
    ],
  }, "main");
  assertEquals(settings.services.map(({ dependsOn }) => dependsOn), [
    ["postgres"],
    ["api"],
    [],
    ["web", "postgres"],
  ]);
});

/** Services of which each needs only earlier ones, in any order. */
const acyclic = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), {
  minLength: 1,
  maxLength: 15,
}).chain((rows) => {
  const services = rows.map((needs, at) =>
    wantedService(`s${at}`, {
      dependsOn: at === 0 ? [] : needs.map((to) => `s${to % at}`),
    })
  );
  return fc.shuffledSubarray(services, { minLength: services.length });
});

Deno.test("in any sound graph everybody comes after those it needs", () => {
  fc.assert(fc.property(acyclic, (services) => {
    const result = graphOf({ services, dependencies: [] }, "main");
    assert(result.kind === "graph");
    const ids = new Set(result.graph.nodes.keys());
    const starts = startLayers(result.graph, ids);
    const stops = stopLayers(result.graph, ids);
    const layerIn = (layers: typeof starts, id: string) =>
      layers.findIndex((layer) => layer.includes(id));
    assertEquals(starts.flat().toSorted(), [...ids].sort());
    assertEquals(stops.flat().toSorted(), [...ids].sort());
    for (const { slug, dependsOn } of services) {
      for (const to of dependsOn) {
        assert(layerIn(starts, to) < layerIn(starts, slug));
        assert(layerIn(stops, slug) < layerIn(stops, to));
        assert(neededBy(result.graph, [slug]).has(to));
        assert(dependentsOf(result.graph, [to]).has(slug));
      }
    }
  }));
});

Deno.test("a way back is found wherever it is, and is a way", () => {
  fc.assert(
    fc.property(acyclic, fc.nat(14), fc.nat(14), (services, a, b) => {
      const from = services[a % services.length]?.slug ?? "";
      const to = services[b % services.length]?.slug ?? "";
      const before = graphOf({ services, dependencies: [] }, "main");
      assert(before.kind === "graph");
      const closes = from === to || neededBy(before.graph, [to]).has(from);
      const after = services.map((one) =>
        one.slug === from ? { ...one, dependsOn: [...one.dependsOn, to] } : one
      );
      const result = graphOf({ services: after, dependencies: [] }, "main");
      assertEquals(result.kind === "faults", closes);
      if (result.kind !== "faults") return;
      const [fault] = result.faults;
      assert(fault?.kind === "cycle");
      assertEquals(fault.path.at(0), fault.path.at(-1));
      fault.path.slice(1).forEach((next, at) => {
        const one = after.find(({ slug }) => slug === fault.path[at]);
        assert(one?.dependsOn.includes(next));
      });
    }),
  );
});

Deno.test("ways beyond number between many are looked at once", () => {
  const services = Array.from({ length: 80 }, (_, at) => {
    const layer = Math.floor(at / 2) * 2;
    return wantedService(`s${at}`, {
      dependsOn: layer >= 78 ? [] : [`s${layer + 2}`, `s${layer + 3}`],
    });
  });
  assertEquals(graphOf({ services, dependencies: [] }, "main").kind, "graph");
});

Deno.test("a chain of thousands does not exhaust the stack", () => {
  const services = Array.from(
    { length: 5000 },
    (_, at) =>
      wantedService(`s${at}`, { dependsOn: at === 4999 ? [] : [`s${at + 1}`] }),
  );
  assertEquals(graphOf({ services, dependencies: [] }, "main").kind, "graph");
});
