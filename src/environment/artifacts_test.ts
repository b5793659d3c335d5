import { assertEquals, assertNotEquals } from "@std/assert";
import {
  dependencyOf,
  planOf,
  runOf,
  SCOPE,
  serviceOf,
} from "#support/environment_runs.ts";
import { ARTIFACTS } from "../state/environment_paths.ts";
import { artifactsOf, errorsOf, fingerprintTexts } from "./artifacts.ts";
import type { RunState, ServiceStatus } from "./model.ts";

const NOW = Date.UTC(2026, 0, 2);

function read(run: RunState) {
  const texts = artifactsOf(SCOPE, run, NOW);
  return {
    ports: JSON.parse(texts.ports_manifest),
    errors: JSON.parse(texts.error_report),
    readiness: JSON.parse(texts.readiness_report),
  };
}

Deno.test("every document says what it is", () => {
  const texts = artifactsOf(SCOPE, runOf(1), NOW);
  for (const name of ARTIFACTS) {
    const { schema, schema_version: version, run_id: runId, scope } = JSON
      .parse(texts[name]);
    assertEquals([schema, version, runId, scope], [
      name,
      1,
      runOf(1).runId,
      SCOPE,
    ]);
  }
});

Deno.test("the ports manifest has every planned port", () => {
  const plans = [
    planOf("Main", "api", 8001, {
      requested: 8000,
      source: "retry",
      retries: 1,
    }),
    planOf("shared", "postgres.db", 5432),
  ];
  const { projects } = read(runOf(1, ["Main"], { ports: plans })).ports;
  assertEquals(projects, [
    {
      project: "Main",
      root: "/shop/Main",
      ports: {
        api: {
          requested: 8000,
          assigned: 8001,
          final: 8001,
          source: "retry",
          retries: 1,
        },
      },
    },
    {
      project: "shared",
      root: null,
      ports: {
        "postgres.db": {
          requested: 5432,
          assigned: 5432,
          final: 5432,
          source: "planner",
          retries: 0,
        },
      },
    },
  ]);
});

const STATUSES: readonly (readonly [ServiceStatus, boolean])[] = [
  ["running", false],
  ["starting", false],
  ["finished", false],
  ["stopped", false],
  ["degraded", true],
  ["stale", true],
  ["termination_failed", true],
  ["unreachable", true],
  ["unverified", true],
];

Deno.test.each(
  STATUSES.map(([status, is]) => ({ status, is })),
)("a unit that is $status is an error: $is", ({ status, is }) => {
  const run = runOf(1, ["Main"], {
    services: [serviceOf("Main", "api", { status })],
    dependencies: [dependencyOf("Main", "redis", { status })],
  });
  const words = status.replaceAll("_", " ");
  assertEquals(
    errorsOf(run).map(({ message }) => message),
    is ? [`Main api is ${words}`, `Main redis is ${words}`] : [],
  );
});

Deno.test("a failure is an error whatever the status", () => {
  const run = runOf(1, ["Main"], {
    failure: "api did not come up",
    services: [serviceOf("Main", "api", { failure: "exit code 1" })],
    dependencies: [],
  });
  const { errors, generated_at: at } = read(run).errors;
  assertEquals(at, "2026-01-02T00:00:00.000Z");
  assertEquals(errors, [
    {
      project: null,
      unit: null,
      status: "failed",
      critical: true,
      message: "api did not come up",
      "log_path": null,
    },
    {
      project: "Main",
      unit: "api",
      status: "running",
      critical: true,
      message: "exit code 1",
      "log_path": "/logs/Main_api.log",
    },
  ]);
});

Deno.test.each(
  [
    { title: "all runs", facts: {}, passed: true, errors: 0, warnings: 0 },
    {
      title: "one starts",
      facts: { services: [serviceOf("Main", "api", { status: "starting" })] },
      passed: false,
      errors: 0,
      warnings: 0,
    },
    {
      title: "an optional one is stale",
      facts: {
        services: [
          serviceOf("Main", "a", { status: "stale", isCritical: false }),
        ],
      },
      passed: true,
      errors: 0,
      warnings: 1,
    },
    {
      title: "a critical one is stale",
      facts: { services: [serviceOf("Main", "a", { status: "stale" })] },
      passed: false,
      errors: 1,
      warnings: 0,
    },
    {
      title: "a dependency is stale",
      facts: { dependencies: [dependencyOf("Main", "a", { status: "stale" })] },
      passed: false,
      errors: 1,
      warnings: 0,
    },
    {
      title: "the start failed",
      facts: { failure: "no" },
      passed: false,
      errors: 1,
      warnings: 0,
    },
  ] as const,
)("ready is $passed when $title", (row) => {
  const { readiness } = read(runOf(1, ["Main"], row.facts));
  assertEquals(readiness.passed, row.passed);
  assertEquals(readiness.errors.length, row.errors);
  assertEquals(readiness.warnings.length, row.warnings);
});

Deno.test("every document counts for the fingerprint", async () => {
  const texts = artifactsOf(SCOPE, runOf(1), NOW);
  const whole = await fingerprintTexts(texts);
  assertEquals(await fingerprintTexts({ ...texts }), whole);
  for (const name of ARTIFACTS) {
    const changed = { ...texts, [name]: `${texts[name]} ` };
    assertNotEquals(await fingerprintTexts(changed), whole, name);
  }
  const swapped = {
    ...texts,
    "run_state": texts.runtime_map,
    "runtime_map": texts.run_state,
  };
  assertNotEquals(await fingerprintTexts(swapped), whole);
});
