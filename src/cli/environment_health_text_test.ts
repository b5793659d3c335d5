import { assert, assertEquals } from "@std/assert";
import { sampleRun, sampleService } from "#support/observed_units.ts";
import { healthOf } from "../environment/observe.ts";
import {
  errorsJson,
  errorsText,
  healthJson,
  type HealthReport,
  healthText,
  isFine,
  isWithoutErrors,
} from "./environment_health_text.ts";
import { nextSteps } from "./environment_unit.ts";

const GONE = {
  status: "stale",
  evidence: [{ fact: "gone", text: "it has ended" }],
  actualPort: undefined,
} as const;

const GOOD = sampleService("api");
const BAD = sampleService("web", GONE);
const OPTIONAL = sampleService("mail", GONE, { isCritical: false });

function reportOf(units: readonly ReturnType<typeof sampleService>[]) {
  const runs = [sampleRun(units)];
  const { overall, critical, optional } = healthOf(runs);
  const report: HealthReport = {
    mode: "main",
    runs,
    overall,
    critical,
    optional,
    isFine: overall !== "unhealthy",
  };
  return report;
}

Deno.test.each([
  { overall: "healthy" as const, isStrict: false, is: true },
  { overall: "healthy" as const, isStrict: true, is: true },
  { overall: "degraded" as const, isStrict: false, is: true },
  { overall: "degraded" as const, isStrict: true, is: false },
  { overall: "unhealthy" as const, isStrict: false, is: false },
])("isFine() of $overall, strict $isStrict, is $is", (row) => {
  assertEquals(isFine(row.overall, row.isStrict), row.is);
});

Deno.test("healthText() names each unit once and the verdict", () => {
  assertEquals(healthText(reportOf([GOOD, BAD, OPTIONAL])).split("\n"), [
    "✓ Main Api running",
    "✗ Main Web stale: it has ended",
    "✗ Main Mail (optional) stale: it has ended",
    "",
    "unhealthy",
    "",
    "Why: reeve errors, reeve logs web mail",
    "Bring back what is missing: reeve resume",
  ]);
});

const NEVER = sampleService("late", GONE, {
  record: { identity: undefined, failure: "it needs Main Web" },
});
const MANY = ["a", "b", "c", "d"].map((id) => sampleService(id, GONE));

Deno.test.each([
  { text: "one unit", units: [GOOD, BAD], run: {}, logs: " web", flag: "" },
  {
    text: "one that was never started",
    units: [BAD, NEVER],
    run: {},
    logs: " web",
    flag: "",
  },
  { text: "many", units: MANY, run: {}, logs: "", flag: "" },
  {
    text: "worktrees",
    units: [BAD],
    run: { mode: "trees" as const },
    logs: " web",
    flag: " --trees",
  },
  {
    text: "a failed start",
    units: [GOOD],
    run: { failure: "no" },
    logs: "",
    flag: "",
  },
])("nextSteps() of $text", ({ flag, logs, run, units }) => {
  const fine = sampleRun([GOOD], { mode: flag === "" ? "trees" : "main" });
  assertEquals(
    nextSteps([fine, sampleRun(units, run)]),
    `Why: reeve errors${flag}, reeve logs${logs}${flag}\n` +
      `Bring back what is missing: reeve resume${flag}`,
  );
});

Deno.test("healthJson() has an optional failure in one list only", () => {
  const json = healthJson(reportOf([GOOD, BAD, OPTIONAL]), 0);
  assertEquals(json["critical_failures"], ["Main Web"]);
  assertEquals(json["optional_failures"], ["Main Mail"]);
  assertEquals(json["counts"], {
    "fine": 1,
    "pending": 0,
    "degraded": 1,
    "critical": 1,
  });
  assertEquals([json["ok"], json["overall"]], [false, "unhealthy"]);
});

const ERRORS = {
  mode: "main",
  runs: [sampleRun([GOOD, BAD], { failure: "web has ended" })],
  issues: [{ unit: BAD, lines: ["Error: port in use"] }],
} as const;

Deno.test("errorsText() shows failed starts, units and lines of logs", () => {
  const log = BAD.record.logPath;
  assertEquals(errorsText(ERRORS).split("\n"), [
    "run-20260101000000-0123abcd: its start failed: web has ended",
    "✗ Main Web stale: it has ended",
    `  log ${log}`,
    `In the log of Main Web, ${log}:`,
    "  Error: port in use",
  ]);
});

Deno.test("errorsText() of nothing says so; lines alone are no failure", () => {
  const report = {
    ...ERRORS,
    runs: [sampleRun([GOOD])],
    issues: [{ unit: GOOD, lines: ["an error of long ago"] }],
  };
  assert(isWithoutErrors(report));
  assert(errorsText(report).startsWith("Nothing has failed.\n"));
  const verdicts = [report, ERRORS].map((one) => errorsJson(one, 0)["ok"]);
  assertEquals(verdicts, [true, false]);
});

Deno.test("a failed start counts, and is told once", () => {
  const failure = "Main Web ended with exit code 3";
  const stopped = sampleRun([GOOD], { failure });
  const alone = { mode: "main", runs: [stopped], issues: [] } as const;
  assert(!isWithoutErrors(alone));
  assertEquals(
    errorsText(alone),
    `${stopped.run.runId}: its start failed: ${failure}`,
  );
  const unit = sampleService("web", GONE, { record: { failure } });
  const told = { ...alone, runs: [sampleRun([unit], { failure })] };
  assertEquals(errorsText(told).split(failure).length, 2);
});
