import { assert, assertEquals } from "@std/assert";
import {
  LOGS,
  sampleDependency,
  sampleRun,
  sampleService,
} from "#support/observed_units.ts";
import type { SelectableUnit } from "../environment/selectable_units.ts";
import {
  type Snapshot,
  snapshotJson,
  snapshotText,
  unitsText,
} from "./environment_status_text.ts";

const MAIL: SelectableUnit = {
  kind: "service",
  project: "Main",
  id: "mail",
  displayName: "Mail",
};

const SNAPSHOT: Snapshot = {
  mode: undefined,
  overall: "unhealthy",
  runs: [
    sampleRun([
      sampleDependency(),
      sampleService("api"),
      sampleService("web", {
        status: "stale",
        evidence: [{ fact: "gone", text: "it has ended" }],
        actualPort: undefined,
      }),
    ]),
  ],
  notStarted: [MAIL],
  unfinished: { units: [], holder: undefined },
  isIncomplete: false,
  at: 125_000,
};

Deno.test("snapshotText() shows each unit, its trouble and what is not up", () => {
  assertEquals(
    snapshotText(SNAPSHOT, 80).split("\n"),
    [
      "run_id: run-20260101000000-0123abcd",
      "mode main, begun 2 min ago: 2 running, 1 stale",
      "",
      "Main  /r",
      "     NAME   STATUS        PID  ADDRESS                LOG",
      "  ✓  redis  running      4711  port 6379              Main_redis.log",
      "  ✓  Api    running      4711  http://localhost:8000  Main_api.log",
      "  ✗  Web    stale           -  (port 8000)            Main_web.log",
      "     it has ended",
      "  ○  Mail   not started     -  -                      -",
      "",
      `Logs: ${LOGS}`,
      "The environment is unhealthy. Why: reeve errors, reeve logs web",
      "Bring back what is missing: reeve resume",
    ],
  );
});

Deno.test.each([
  { file: "features%5Fcheckout-1_api.log", is: "features_checkout-1_api.log" },
  { file: "50%.log", is: "50%.log" },
])("the log $file is shown as $is", ({ file, is }) => {
  const record = { logPath: `${LOGS}/${file}` };
  const text = unitsText([sampleService("api", {}, { record })], [], 200);
  assert(text.split("\n")[1]?.endsWith(`  ${is}`), text);
});

Deno.test("snapshotText() fits a narrow terminal", () => {
  const lines = snapshotText(SNAPSHOT, 60).split("\n");
  const table = lines.filter((line) => /^ {2}\S/.test(line));
  assertEquals(table.filter((line) => line.length > 60), []);
});

Deno.test.each([
  { mode: undefined, is: "Nothing is up.\nBring it up: reeve start" },
  {
    mode: "trees" as const,
    is: "Nothing is up in mode trees.\nBring it up: reeve start --trees",
  },
])("snapshotText() of nothing in mode $mode says so", ({ mode, is }) => {
  const empty = { ...SNAPSHOT, mode, runs: [], overall: undefined };
  assertEquals(snapshotText(empty, 80), is);
});

const BEGUN = [{ project: "Main", id: "api" }, { project: "Main", id: "web" }];

Deno.test.each([
  {
    text: "was killed",
    unfinished: { units: BEGUN, holder: undefined },
    says: "A command was killed while it started Main api, Main web.\n" +
      "The next one settles what it left: reeve start, or reeve stop",
    atWork: null,
  },
  {
    text: "is at work",
    unfinished: { units: BEGUN, holder: { pid: 9, purpose: "reeve start" } },
    says: "Process 9 is at work (reeve start) and starts Main api, Main web.",
    atWork: { "pid": 9, "purpose": "reeve start" },
  },
])("a snapshot tells that a command $text", ({ atWork, says, unfinished }) => {
  const one = { ...SNAPSHOT, unfinished };
  assert(snapshotText(one, 80).includes(`\n\n${says}\n\n`));
  assertEquals(
    snapshotText({ ...one, runs: [] }, 80),
    `Nothing is recorded as up.\n${says}`,
  );
  const json = snapshotJson(one);
  assertEquals([json["unfinished"], json["at_work"]], [BEGUN, atWork]);
});

Deno.test("snapshotText() of nothing does not say so when something is lost", () => {
  const lost = {
    ...SNAPSHOT,
    runs: [],
    overall: undefined,
    isIncomplete: true,
  };
  assertEquals(snapshotText(lost, 80), "Nothing is recorded as up.");
});

Deno.test("snapshotText() says that a start failed", () => {
  const failed = sampleRun([], { failure: "api: no such file" });
  const text = snapshotText({ ...SNAPSHOT, runs: [failed] }, 80);
  assert(text.includes("\nIts last start failed: api: no such file"), text);
});

Deno.test("snapshotJson() holds what the text shows", () => {
  const json = snapshotJson(SNAPSHOT);
  assertEquals(json["not_started"], [{
    "kind": "service",
    "project": "Main",
    "id": "mail",
    "name": "Main Mail",
  }]);
  assertEquals(json["generated_at"], "1970-01-01T00:02:05.000Z");
  const text = JSON.stringify(json["runs"]);
  assert(text.includes('"status":"stale"'), text);
});
