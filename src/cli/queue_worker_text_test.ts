import { assert, assertEquals } from "@std/assert";
import {
  blockText,
  deadText,
  lineText,
  startedText,
  stoppingText,
  totalsJson,
  totalsText,
  type WorkTotals,
} from "./queue_worker_text.ts";

const COUNTS = { completed: 3, dead: 0, lost: 0, retried: 0, returned: 0 };
const TOTALS: WorkTotals = {
  backend: "sqlite",
  endedBy: "signal",
  ms: 65_000.4,
  queues: [
    { tenant: "_default", queue: "mail", counts: COUNTS },
    { tenant: "acme", queue: "mail", counts: { ...COUNTS, dead: 1 } },
  ],
};

Deno.test("totalsText() tells only what there was", () => {
  assertEquals(
    totalsText(TOTALS),
    "Stopped after 1 min: 6 completed, 1 dead.",
  );
  const counts = { completed: 0, dead: 0, lost: 1, retried: 2, returned: 3 };
  assertEquals(
    totalsText({
      ...TOTALS,
      endedBy: "empty",
      queues: [{ tenant: "a", queue: "b", counts }],
    }),
    "No job is left after 1 min: 0 completed, 2 to be tried again, " +
      "3 sent back unfinished, 1 lost to other workers.",
  );
});

Deno.test("totalsJson() adds up over tenants", () => {
  const { totals, ms, queues } = totalsJson(TOTALS);
  assertEquals([totals, ms], [{ ...COUNTS, completed: 6, dead: 1 }, 65_000]);
  assertEquals(queues, [
    { tenant: "_default", queue: "mail", ...COUNTS },
    { tenant: "acme", queue: "mail", ...COUNTS, dead: 1 },
  ]);
});

Deno.test.each([
  {
    text: lineText("_default", { kind: "log", queue: "q", id: "a", text: "x" }),
    is: "q a: x",
  },
  {
    text: lineText("acme", {
      kind: "log",
      queue: "q",
      id: "a",
      text: "x\n\u001by",
    }),
    is: "acme/q a: x??y",
  },
  {
    text: lineText("_default", { kind: "trouble", queue: "q", text: "x" }),
    is: "Trouble with q: x",
  },
  {
    text: deadText("acme", { queue: "q", id: "a" }),
    is: "acme/q a is dead. See: reeve queue dead show q a --tenant acme",
  },
  {
    text: startedText(["a", "b"], 1),
    is: "Working on a, b, at most 1 job at a time; Ctrl-C ends it.",
  },
  {
    text: stoppingText(2, 10_000),
    is:
      "Stopping: 2 jobs may go on for 10 s; Ctrl-C again sends them back at once.",
  },
])("a worker says: $is", ({ text, is }) => {
  assertEquals(text, is);
});

Deno.test("blockText() shows some queues and no line that is too wide", () => {
  const queues = Array.from({ length: 20 }, (_, n) => ({
    tenant: "_default",
    queue: `queue-${n}-${"x".repeat(40)}`,
    isPaused: false,
    counts: { ready: 1, scheduled: 0, active: 0, completed: 0, dead: 0 },
    oldestReadyAt: 0,
    nextRunAt: undefined,
  }));
  const facts = { queues, rate: 1.25, running: 2, concurrency: 4 };
  const lines = blockText(facts, { nowMs: 0, width: 60 }).split("\n");
  assertEquals(lines.length, 1 + 15 + 2);
  assertEquals(lines.at(-2), "and 5 more queues");
  assertEquals(lines.at(-1), "1.3 jobs/s, 2 of 4 running; Ctrl-C ends it");
  for (const line of lines) assert(line.length < 60, line);
});
