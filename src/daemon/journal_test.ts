import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Files, HostError } from "../host/host.ts";
import { FAMILIES, familyOf } from "./family.ts";
import { openJournal, readJournal } from "./journal.ts";
import type { Target } from "./target.ts";

const target: Target = {
  port: 9401,
  pid: 5001,
  startStamp: "77",
  family: familyOf(FAMILIES, "spec-kitty", "sync"),
  scope: "/own",
};

function unused(): never {
  throw new TypeError("Cannot be used here");
}

/** One journal file in memory; `refusal` is what every append meets. */
function openDisk(
  { content = "", refusal }: { content?: string; refusal?: Error } = {},
) {
  const disk = { content, elapsed: 100, ids: 0 };
  const files: Files = {
    readText: () => Promise.resolve(disk.content),
    writeAtomic: unused,
    append: (_, text) => {
      if (refusal !== undefined) return Promise.reject(refusal);
      disk.content += text;
      return Promise.resolve();
    },
    remove: unused,
    list: unused,
    stat: unused,
    realPath: unused,
    tryLock: unused,
  };
  const host = {
    files,
    clock: {
      now: () => Date.UTC(2026, 0, 1),
      elapsed: () => disk.elapsed,
      sleep: unused,
      later: unused,
    },
    random: { hex: (bytes: number) => `${++disk.ids}`.padStart(2 * bytes) },
    env: {
      get: unused,
      os: "linux",
      home: undefined,
      cwd: "/",
      pid: 42,
      uid: undefined,
      self: { executable: "", args: [] },
    },
  } as const;
  return { disk, host };
}

Deno.test("openJournal() writes a line before and after a step", async () => {
  const { disk, host } = openDisk();
  const journal = openJournal(host, "/j", "auth doctor --reset");
  let linesBefore = 0;
  const outcome = await journal.step(target, "terminate", "It is old.", () => {
    linesBefore = disk.content.split("\n").length - 1;
    disk.elapsed += 12.34;
    return Promise.resolve("sent");
  });
  assertEquals([outcome, linesBefore, journal.problem], ["sent", 1, undefined]);
  const { entries, damagedLines } = await readJournal(host, "/j");
  assertEquals(damagedLines, 0);
  const [before, after] = entries;
  assertEquals<unknown>(before, {
    "schema_version": 1,
    "id": "1".padStart(16),
    "at": "2026-01-01T00:00:00.000Z",
    "phase": "requested",
    "step": "terminate",
    "asked_by": { "command": "auth doctor --reset", "pid": 42 },
    "target": {
      "pid": 5001,
      "port": 9401,
      "start_stamp": "77",
      "product": "spec-kitty",
      "daemon_family": "sync",
      "singleton_scope_id": "/own",
    },
    "reason": "It is old.",
    "outcome": null,
    "duration_ms": null,
  });
  assertEquals<unknown>(after, {
    ...before,
    "phase": "done",
    "outcome": "sent",
    "duration_ms": 12.3,
  });
});

Deno.test.each(
  [
    { step: "http_shutdown", outcome: "accepted" },
    { step: "terminate", outcome: "denied" },
    { step: "kill", outcome: "gone" },
  ] as const,
)("openJournal() passes $outcome of $step on", async (row) => {
  const { host } = openDisk();
  const journal = openJournal(host, "/j", "x");
  const run = () => Promise.resolve(row.outcome);
  assertEquals(await journal.step(target, row.step, "Why.", run), row.outcome);
  const { entries } = await readJournal(host, "/j");
  assertEquals(
    entries.map(({ step, outcome }) => `${step} ${outcome}`),
    [`${row.step} null`, `${row.step} ${row.outcome}`],
  );
});

Deno.test("openJournal() gives every step an id of its own", async () => {
  const { host } = openDisk();
  const journal = openJournal(host, "/j", "x");
  const run = () => Promise.resolve("sent");
  await journal.step(target, "terminate", "Why.", run);
  await journal.step(target, "kill", "Why.", run);
  const { entries } = await readJournal(host, "/j");
  const ids = entries.map((entry) => entry.id.trim());
  assertEquals(ids, ["1", "1", "2", "2"]);
});

Deno.test("openJournal() shows a step that never came back", async () => {
  const { host } = openDisk();
  const journal = openJournal(host, "/j", "x");
  const run = () => Promise.reject(new RangeError("crash"));
  await assertRejects(
    () => journal.step(target, "kill", "Why.", run),
    RangeError,
  );
  const { entries } = await readJournal(host, "/j");
  assertEquals(entries.map((entry) => entry.phase), ["requested"]);
});

Deno.test("openJournal() runs the step although the disk is full", async () => {
  const { host } = openDisk({ refusal: new HostError("no_space", "/j") });
  const journal = openJournal(host, "/j", "x");
  let runs = 0;
  const outcome = await journal.step(target, "kill", "Why.", () => {
    runs++;
    return Promise.resolve("sent");
  });
  assertEquals([outcome, runs], ["sent", 1]);
  assertEquals(journal.problem, "/j: no space");
});

Deno.test("openJournal() runs no step when the fault is ours", async () => {
  const { host } = openDisk({ refusal: new TypeError("bug") });
  const journal = openJournal(host, "/j", "x");
  let runs = 0;
  const run = () => Promise.resolve(`${++runs}`);
  await assertRejects(
    () => journal.step(target, "kill", "Why.", run),
    TypeError,
  );
  assertEquals(runs, 0);
});

const LINE = JSON.stringify({
  "schema_version": 1,
  "id": "1",
  "at": "2026-01-02T03:04:05.000Z",
  "phase": "done",
  "step": "terminate",
  "asked_by": { "command": "auth doctor --reset", "pid": 7 },
  "target": { "pid": 5001, "port": 9401 },
  "reason": "It is stale.",
});

Deno.test.each([
  { name: "nothing", text: "", good: 0, damaged: 0 },
  { name: "blank lines", text: `\n${LINE}\n\n`, good: 1, damaged: 0 },
  { name: "a cut line", text: `${LINE}\n{"schema`, good: 1, damaged: 1 },
  {
    name: "two joined lines",
    text: `{"sch${LINE}\n${LINE}`,
    good: 1,
    damaged: 1,
  },
  {
    name: "values that are no objects",
    text: "null\n[]\n1\n",
    good: 0,
    damaged: 3,
  },
  {
    name: "a newer line",
    text: LINE.replace('version":1', 'version":2'),
    good: 0,
    damaged: 1,
  },
  {
    name: "no id",
    text: LINE.replace('"id"', '"di"'),
    good: 0,
    damaged: 1,
  },
  {
    name: "no target",
    text: LINE.replace('{"pid":5001,"port":9401}', "null"),
    good: 0,
    damaged: 1,
  },
  { name: "binary", text: "\0\uFFFD\n", good: 0, damaged: 1 },
])("readJournal() of $name: $good good, $damaged damaged", async (row) => {
  const { entries, damagedLines } = await readJournal(
    openDisk({ content: row.text }).host,
    "/j",
  );
  assertEquals([entries.length, damagedLines], [row.good, row.damaged]);
});

Deno.test.each(
  [
    { code: "not_found", fails: false },
    { code: "permission_denied", fails: true },
  ] as const,
)("readJournal() when it is $code", async ({ code, fails }) => {
  const { host } = openDisk();
  const readText = () => Promise.reject(new HostError(code, "/j"));
  const refusing = { files: { ...host.files, readText } };
  if (fails) {
    const read = () => readJournal(refusing, "/j");
    const error = await assertRejects(read, HostError);
    assertEquals(error.code, code);
  } else {
    const read = await readJournal(refusing, "/j");
    assert(read.entries.length === 0 && read.damagedLines === 0);
  }
});
