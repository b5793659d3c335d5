import { assert, assertEquals } from "@std/assert";
import type { JsonObject } from "../state/json_value.ts";
import {
  diagnose,
  type DiagnosisFacts,
  diagnosisJson,
  nextData,
  rootCauses,
} from "./debug_diagnosis.ts";
import { summaryOf } from "./debug_summary.ts";
import { startupTimes } from "./debug_times.ts";
import { invocationsOf, timelineOf } from "./debug_timeline.ts";

const UNIT = { project: "Main", unit: "api" };

function at(ms: number, event: string, fields: JsonObject = {}): JsonObject {
  return {
    event,
    "timestamp": new Date(ms).toISOString(),
    "trace_id": "t",
    ...fields,
  };
}

const BEGIN = at(1000, "startup.begin", { command: "start", mode: "main" });
const END = at(2000, "startup.end", {
  outcome: "started",
  "duration_ms": 1000,
});

function factsOf(
  events: readonly JsonObject[],
  more: Partial<DiagnosisFacts> = {},
): DiagnosisFacts {
  return {
    events,
    hasRun: true,
    runId: undefined,
    unwell: [],
    damaged: [],
    damagedLines: 0,
    faults: [],
    isRecorded: false,
    anomalies: [],
    ...more,
  };
}

const SAVED = at(1500, "state.saved", { "run_id": "run-1" });

Deno.test.each<{
  readonly name: string;
  readonly event?: JsonObject;
  readonly more?: Partial<DiagnosisFacts>;
  readonly codes: readonly string[];
}>([
  { name: "nothing odd", codes: [] },
  {
    name: "a service that ended",
    event: at(1, "service.failure", { ...UNIT, reason: "ended" }),
    codes: ["service_ended"],
  },
  {
    name: "a reason that is a sentence",
    event: at(1, "service.failure", { ...UNIT, reason: "It is so." }),
    codes: ["service_failed"],
  },
  {
    name: "a service that is not well any more",
    event: at(1, "service.truth", { ...UNIT, evidence: "it has ended" }),
    codes: ["service_not_well"],
  },
  {
    name: "a dependency",
    event: at(1, "requirements.failure", { ...UNIT, "failure_class": "bind" }),
    codes: ["dependency_failed"],
  },
  {
    name: "another port",
    event: at(1, "port.rebound", { ...UNIT, requested: 1, actual: 2 }),
    codes: ["port_rebound"],
  },
  {
    name: "a port that was taken",
    event: at(1, "port.retried", { ...UNIT, taken: 1, next: 2 }),
    codes: ["port_taken"],
  },
  {
    name: "a variable",
    event: at(1, "service.env_dropped", {
      ...UNIT,
      variable: "A",
      source: "B",
    }),
    codes: ["variable_dropped"],
  },
  {
    name: "a unit that stays",
    event: at(1, "cleanup.kept", { ...UNIT, reason: "It is so." }),
    codes: ["not_ended"],
  },
  {
    name: "orphans",
    event: at(1, "orphan.failed", { pid: 1, reason: "gone" }),
    codes: ["orphan_left"],
  },
  {
    name: "an orphan that is gone",
    event: at(1, "orphan.swept", { pid: 1 }),
    codes: ["orphan_swept"],
  },
  { name: "no run", more: { hasRun: false }, codes: ["nothing_recorded"] },
  { name: "damage", more: { damaged: ["index"] }, codes: ["damaged_state"] },
  { name: "torn lines", more: { damagedLines: 1 }, codes: ["damaged_events"] },
  { name: "faults", more: { faults: ["x"] }, codes: ["bad_settings"] },
  { name: "health", more: { unwell: ["x"] }, codes: ["unit_not_well"] },
  { name: "anomalies", more: { anomalies: ["odd"] }, codes: ["odd"] },
  {
    name: "a run without a word",
    more: { runId: "run-2" },
    codes: ["state_without_event"],
  },
  { name: "a run that is told of", more: { runId: "run-1" }, codes: [] },
])("diagnose() knows $name", ({ event, more, codes }) => {
  const own = event === undefined ? [] : [event];
  const facts = factsOf([BEGIN, SAVED, ...own, END], more);
  assertEquals(diagnose(facts).issues.map(({ code }) => code), codes);
});

Deno.test("a start without an end, or with a bad one, is told of", () => {
  const codes = (events: readonly JsonObject[]) =>
    diagnose(factsOf(events)).issues.map(({ code }) => code);
  assertEquals(codes([BEGIN]), ["startup_cut"]);
  assertEquals(codes([BEGIN, { ...END, outcome: "failed" }]), [
    "startup_failed",
  ]);
  // Only the last start counts.
  const failure = at(1, "service.failure", { ...UNIT, reason: "ended" });
  assertEquals(codes([BEGIN, failure, END, BEGIN, END]), []);
});

const SLOW = [
  BEGIN,
  at(1000, "startup.phase", { phase: "state", "at_ms": 0 }),
  at(1100, "startup.phase", { phase: "units", "at_ms": 100 }),
  at(1900, "requirements.ready", { project: "Main", unit: "postgres" }),
  at(1950, "service.ready", { ...UNIT, "after_ms": 40 }),
  END,
];

Deno.test("the time of a start is told part by part", () => {
  const times = startupTimes(SLOW);
  assertEquals(times, {
    totalMs: 1000,
    phases: [{ phase: "state", ms: 100 }, { phase: "units", ms: 900 }],
    requirementsMs: 800,
    servicesMs: 40,
    unknownMs: 0,
    units: [
      { project: "Main", unit: "postgres", ms: 800 },
      { project: "Main", unit: "api", ms: 40 },
    ],
  });
  assertEquals(startupTimes([END]), undefined);
  const { issues } = diagnose(factsOf(SLOW));
  assertEquals(issues.map(({ code }) => code), ["requirements_dominate"]);
});

Deno.test("causes are what is sure, and next is what helps", () => {
  const failure = at(1, "service.failure", {
    ...UNIT,
    reason: "ended",
    "exit_code": 3,
  });
  const facts = factsOf([BEGIN, failure, END], { damagedLines: 2 });
  const diagnosis = diagnose(facts);
  const cause = "Main api could not be started: ended, exit code 3.";
  assertEquals(rootCauses(diagnosis), [cause]);
  assertEquals(nextData(diagnosis, facts), [
    "Read the log of api in the bundle.",
    "Do it again with REEVE_DEBUG=deep and pack once more.",
  ]);
  assertEquals(nextData(diagnosis, { isRecorded: true }).length, 1);
  const json = diagnosisJson(diagnosis, facts);
  assertEquals(json["probable_root_causes"], [cause]);
  const text = summaryOf({
    title: "t",
    runId: "run-1",
    diagnosis,
    seen: facts,
    notes: ["a note"],
  });
  assert(text.includes(`- ${cause} (service_ended, 95 %)`), text);
});

Deno.test("timeline and commands come from events and recorder alike", () => {
  const recorded = [
    at(1500, "command.begin", { "session_id": "a", command: "status" }),
    at(1600, "command.end", {
      "session_id": "a",
      outcome: "ok",
      "duration_ms": 100,
    }),
    at(3000, "command.begin", { "session_id": "b", command: "logs" }),
  ];
  const events = [BEGIN, END, at(2500, "stop.begin", { mode: "main" })];
  assertEquals(
    timelineOf(events, recorded).map(({ event, source }) => [event, source]),
    [
      ["startup.begin", "events"],
      ["command.begin", "recorder"],
      ["command.end", "recorder"],
      ["startup.end", "events"],
      ["stop.begin", "events"],
      ["command.begin", "recorder"],
    ],
  );
  assertEquals(
    invocationsOf(events, recorded).map(({ command, duration_ms, outcome }) => [
      command,
      outcome,
      duration_ms,
    ]),
    [
      ["start", "started", 1000],
      ["status", "ok", 100],
      ["stop", "no_end", null],
      ["logs", "no_end", null],
    ],
  );
});
