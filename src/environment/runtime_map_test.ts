import { assertEquals } from "@std/assert";
import { runOf, SCOPE, serviceOf } from "#support/environment_runs.ts";
import type { RunState, ServiceStatus } from "./model.ts";
import { runtimeMapOf } from "./runtime_map.ts";

// deno-lint-ignore no-explicit-any -- a test looks deep into a document
function mapOf(facts: Partial<RunState>, projects = ["Main"]): any {
  return runtimeMapOf(SCOPE, runOf(1, projects, facts));
}

Deno.test("the map shows a run as tools read it", () => {
  const map = mapOf({
    services: [
      serviceOf("Main", "backend", {
        publicUrl: "https://shop.test",
        healthUrl: "http://localhost:8003/health",
        actualPort: 8003,
      }),
      serviceOf("Main", "worker", {
        requestedPort: undefined,
        actualPort: undefined,
        expectsListener: false,
      }),
    ],
  });
  assertEquals(map.projection, {
    Main: {
      "backend_port": 8003,
      "frontend_port": null,
      "backend_url": "http://localhost:8003",
      "frontend_url": null,
      "backend_status": "running",
      "frontend_status": null,
      services: {
        backend: {
          port: 8003,
          url: "http://localhost:8003",
          "public_url": "https://shop.test",
          "health_url": "http://localhost:8003/health",
          status: "running",
        },
        worker: {
          port: null,
          url: null,
          "public_url": null,
          "health_url": null,
          status: "running",
        },
      },
    },
  });
  assertEquals(map.port_to_service, { "8003": "Main backend" });
  assertEquals(map.service_to_actual_port, {
    "Main backend": 8003,
    "Main worker": null,
  });
  assertEquals(map.service_to_public_url["Main backend"], "https://shop.test");
  assertEquals(map.projects.Main.services.backend.requested_port, 8000);
});

const STATUSES: readonly (readonly [ServiceStatus, boolean])[] = [
  ["running", true],
  ["starting", true],
  ["degraded", false],
  ["finished", false],
  ["stale", false],
  ["stopped", false],
  ["termination_failed", false],
  ["unreachable", false],
  ["unverified", false],
];

Deno.test.each(
  STATUSES.map(([status, has]) => ({ status, has })),
)("a service that is $status has addresses: $has", ({ status, has }) => {
  const service = serviceOf("Main", "backend", {
    status,
    publicUrl: "https://a.test",
    healthUrl: "http://localhost:8000/h",
  });
  const map = mapOf({ services: [service] });
  const view = map.projection.Main.services.backend;
  const shown = [
    view.url,
    view.public_url,
    view.health_url,
    map.projection.Main.backend_url,
    map.service_to_url["Main backend"],
    map.service_to_public_url["Main backend"],
    map.service_to_health_url["Main backend"],
    map.projects.Main.services.backend.url,
  ].map((url) => url !== null);
  assertEquals(new Set(shown), new Set([has]));
  assertEquals("8000" in map.port_to_service, has);
  assertEquals(view.status, status);
});

Deno.test("a project is matched exactly", () => {
  const map = mapOf({
    services: [serviceOf("a-1", "api"), serviceOf("a-10", "web")],
  }, ["a-1", "a-10"]);
  assertEquals(Object.keys(map.projection["a-1"].services), ["api"]);
  assertEquals(Object.keys(map.projection["a-10"].services), ["web"]);
});

Deno.test("of two records of a service the more believable has its name", () => {
  const map = mapOf({
    services: [
      serviceOf("Main", "api", { name: "old", status: "stale" }),
      serviceOf("Main", "api", { name: "new", actualPort: 8001 }),
      serviceOf("Main", "api", { name: "old", status: "stopped" }),
    ],
  });
  const { services } = map.projects.Main;
  assertEquals(Object.keys(services), ["api", "api@old", "api@old@2"]);
  assertEquals(services.api.name, "new");
  assertEquals(services["api@old"].status, "stopped");
});

Deno.test("a project may be called like a key that objects have", () => {
  const map = mapOf({ services: [] }, ["__proto__", "constructor"]);
  assertEquals(Object.keys(map.projection), ["__proto__", "constructor"]);
});
