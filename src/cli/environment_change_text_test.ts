import { assert, assertEquals } from "@std/assert";
import { sampleRun, sampleService } from "#support/observed_units.ts";
import type { StartReport } from "../environment/start.ts";
import {
  failureNotes,
  startExit,
  startJson,
  startText,
} from "./environment_change_text.ts";

const OBSERVED = sampleRun([sampleService("api")]);
const { run } = OBSERVED;

const QUIET = { command: "start", warnings: [] };

function reportOf(kind: StartReport["kind"], rest: Partial<StartReport> = {}) {
  const report: StartReport = { kind, run, degraded: [], ...rest };
  return report;
}

Deno.test.each([
  { kind: "started" as const, is: 0 },
  { kind: "resumed" as const, is: 0 },
  { kind: "nothing_to_resume" as const, is: 0 },
  { kind: "failed" as const, is: 1 },
  { kind: "interrupted" as const, is: 2 },
])("startExit() of $kind is $is", ({ kind, is }) => {
  const outcome = {
    command: "start",
    observed: OBSERVED,
    report: reportOf(kind),
    warnings: ["odd"],
  };
  assertEquals(startExit(outcome), is);
  const json = startJson(outcome);
  assertEquals([json["exit_code"], json["ok"]], [is, is === 0]);
});

Deno.test("startExit() of a resume without a run is 1", () => {
  const report = reportOf("nothing_to_resume", { run: undefined });
  assertEquals(startExit({ report }), 1);
});

Deno.test("startExit() tells SIGTERM from what a person does", () => {
  const report = reportOf("interrupted");
  assertEquals(startExit({ report, signal: "SIGTERM" }), 143);
  assertEquals(startExit({ report, signal: "SIGHUP" }), 2);
});

Deno.test("startText() begins with the run and shows addresses", () => {
  const report = reportOf("started", { degraded: ["mail has ended"] });
  const text = startText({ ...QUIET, report, observed: OBSERVED }, 80);
  const lines = text.split("\n");
  assertEquals(lines.slice(0, 2), [`run_id: ${run.runId}`, "Started."]);
  assert(text.includes("http://localhost:8000"), text);
  assertEquals(lines.at(-1), "Without: mail has ended");
});

Deno.test.each([
  {
    text: "its cause and the next step",
    rest: { failure: "api has ended", hint: "See: reeve logs api" },
    is: ["error: api has ended", "hint: See: reeve logs api"],
  },
  {
    text: "something even without a cause",
    rest: { failure: " " },
    is: [
      "error: The start failed without saying why",
      "hint: See: reeve errors",
    ],
  },
])("failureNotes() say $text", ({ rest, is }) => {
  assertEquals(failureNotes(reportOf("failed", rest)), [...is]);
  assertEquals(failureNotes(reportOf("started", rest)), []);
});

Deno.test("startText() tells once what a unit goes without", () => {
  const failure = "mail has ended";
  const observed = sampleRun([
    sampleService("mail", { status: "stale", actualPort: undefined }, {
      isCritical: false,
      record: { failure },
    }),
  ]);
  const report = reportOf("started", { degraded: [failure] });
  const text = startText({ ...QUIET, report, observed }, 80);
  assertEquals(text.split(failure).length, 2, text);
});
