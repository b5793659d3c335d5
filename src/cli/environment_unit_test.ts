import { assertEquals } from "@std/assert";
import { sampleDependency, sampleService } from "#support/observed_units.ts";
import type { ObservedUnit } from "../environment/observe.ts";
import type { Evidence } from "../environment/evidence.ts";
import {
  glyphOf,
  pidOf,
  reasonOf,
  shortReasonOf,
  statusWord,
  unitJson,
  unitUrl,
  whereText,
} from "./environment_unit.ts";

const GONE: readonly Evidence[] = [{ fact: "gone", text: "it has ended" }];
const REBOUND: readonly Evidence[] = [
  { fact: "alive", text: "it runs" },
  { fact: "rebound", text: "it listens on port 8003 instead of 8000" },
];

const NEVER = {
  record: {
    identity: undefined,
    failure: "Main Api was not started: it needs Main Web",
  },
};

Deno.test.each([
  {
    unit: sampleService("api", { status: "stale" }, NEVER),
    is: "✗ not started: it needs Main Web",
  },
  {
    unit: sampleService("api", { status: "degraded" }, {
      ...NEVER,
      isCritical: false,
    }),
    is: "⚠ not started: it needs Main Web",
  },
  {
    unit: sampleService("api", { status: "stale", evidence: GONE }),
    is: "✗ stale: it has ended",
  },
  {
    unit: {
      ...sampleService("api", { status: "stale", evidence: GONE }),
      lastWords: "Error: no memory",
    },
    is: "✗ stale: it has ended; its log says: Error: no memory",
  },
  {
    unit: sampleService("api", { status: "stale", evidence: GONE }, {
      record: { failure: "Main Api ended with exit code 3" },
    }),
    is: "✗ failed: Main Api ended with exit code 3",
  },
  {
    unit: sampleService("api", { status: "stopped" }, {
      record: { identity: undefined },
    }),
    is: "○ stopped: undefined",
  },
  {
    unit: sampleService(
      "api",
      { status: "termination_failed", evidence: [] },
      NEVER,
    ),
    is: "✗ termination failed: Main Api was not started: it needs Main Web",
  },
])("a unit is shown as $is", ({ unit, is }) => {
  assertEquals(`${glyphOf(unit)} ${statusWord(unit)}: ${reasonOf(unit)}`, is);
});

const URL = "http://localhost:8000";

interface Row {
  readonly text: string;
  readonly unit: ObservedUnit;
  readonly url: string | undefined;
  readonly where: string;
  readonly pid: number | undefined;
}

const nobody = { actualPort: undefined } as const;

const ROWS: readonly Row[] = [
  {
    text: "runs",
    unit: sampleService("api"),
    url: URL,
    where: URL,
    pid: 4711,
  },
  {
    text: "has ended",
    unit: sampleService("api", { status: "stale", evidence: GONE, ...nobody }),
    url: undefined,
    where: "(port 8000)",
    pid: undefined,
  },
  {
    text: "was stopped",
    unit: sampleService("api", { status: "stopped", ...nobody }),
    url: undefined,
    where: "(port 8000)",
    pid: undefined,
  },
  {
    text: "runs and does not listen",
    unit: sampleService("api", { status: "unreachable", ...nobody }),
    url: undefined,
    where: "(port 8000)",
    pid: 4711,
  },
  {
    text: "listens elsewhere",
    unit: sampleService("api", { actualPort: 8003, evidence: REBOUND }),
    url: "http://localhost:8003",
    where: "http://localhost:8003",
    pid: 4711,
  },
  {
    text: "is a dependency",
    unit: sampleDependency(),
    url: undefined,
    where: "port 6379",
    pid: 4711,
  },
  {
    text: "listens to nothing",
    unit: sampleService("worker", nobody, {
      record: {
        actualPort: undefined,
        requestedPort: undefined,
        publicUrl: undefined,
      },
    }),
    url: undefined,
    where: "-",
    pid: 4711,
  },
];

Deno.test.each([...ROWS])(
  "a unit that $text has the address $where",
  ({ unit, url, where, pid }) => {
    assertEquals([unitUrl(unit), whereText(unit), pidOf(unit)], [
      url,
      where,
      pid,
    ]);
    const json = unitJson(unit);
    assertEquals([json["url"], json["pid"]], [url ?? null, pid ?? null]);
  },
);

Deno.test.each([
  { text: "one that runs", unit: sampleService("api"), is: undefined },
  {
    text: "one that has ended",
    unit: sampleService("api", { status: "stale", evidence: GONE }),
    is: "it has ended",
  },
  {
    text: "one that failed",
    unit: sampleService("api", { status: "stale", evidence: GONE }, {
      record: { failure: "no such file" },
    }),
    is: "no such file",
  },
  {
    text: "one that failed and is not to be seen",
    unit: sampleService("api", { status: "unreachable", evidence: GONE }, {
      record: { failure: "no such file" },
    }),
    is: "it has ended; no such file",
  },
  {
    text: "one whose failure was seen",
    unit: sampleService("api", { status: "unreachable", evidence: GONE }, {
      record: { failure: "it has ended" },
    }),
    is: "it has ended",
  },
  {
    text: "one that listens elsewhere",
    unit: sampleService("api", { actualPort: 8003, evidence: REBOUND }),
    is: "it runs; it listens on port 8003 instead of 8000",
  },
])("reasonOf() of $text", ({ unit, is }) => {
  assertEquals(reasonOf(unit), is);
});

const FAILED = sampleService("api", { status: "stale", evidence: GONE }, {
  record: {
    failure: "Main Api ended with exit code 3: no table (log: /r/api.log)",
    logPath: "/r/api.log",
  },
});

Deno.test("shortReasonOf() leaves out what is beside it", () => {
  assertEquals(shortReasonOf(FAILED), "ended with exit code 3: no table");
  const named = sampleService("api", { status: "stale" }, {
    record: { failure: "Main Api: it was interrupted" },
  });
  assertEquals(shortReasonOf(named), "it was interrupted");
  assertEquals(shortReasonOf(sampleService("api")), undefined);
});

Deno.test.each([
  { unit: FAILED, is: "failed" },
  { unit: sampleService("api", { status: "stale" }, NEVER), is: "not_started" },
  { unit: sampleService("api", { status: "unreachable" }), is: "unreachable" },
])("documents say $is as the text does", ({ is, unit }) => {
  assertEquals(unitJson(unit)["status"], is);
  assertEquals(statusWord(unit), is.replaceAll("_", " "));
});

Deno.test("unitJson() names whoever has the port", () => {
  const foreignOwner = { pid: 9, uid: 1, program: "nc" };
  const unit = sampleService("api", { status: "stale", foreignOwner });
  assertEquals(unitJson(unit)["foreign_owner"], { "pid": 9, "program": "nc" });
});
