import { assertEquals } from "@std/assert";
import type { QueueCounts } from "../queue/counts.ts";
import { emptyReport, type PassReport } from "../sync/pass_report.ts";
import { STOP_REASONS } from "../sync/stop_text.ts";
import { EXIT } from "./exit_code.ts";
import {
  countsJson,
  events,
  exitOfPass,
  leftLines,
  passJson,
  passText,
  timeJson,
} from "./pass_text.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const EMPTY: QueueCounts = {
  captured: 9,
  delivered: 9,
  ready: 0,
  inflight: 0,
  retry: 0,
  pendingRemote: 0,
  parked: {},
  dead: {},
  skipped: 0,
  sealed: 0,
  liveRows: 9,
  liveBytes: 900,
  quarantined: 0,
  refused: 0,
  dropped: 0,
  coalesced: 0,
  overflowBytes: 0,
  oldestReadyAt: undefined,
  nextRetryAt: undefined,
  lamport: 9,
};

function report(
  changes: Partial<PassReport> = {},
  counts: Partial<QueueCounts> = {},
): PassReport {
  return { ...emptyReport(), counts: { ...EMPTY, ...counts }, ...changes };
}

const LENIENT = false;
const STRICT = true;

Deno.test.each([
  { name: "nothing left", counts: {}, exit: EXIT.ok },
  { name: "an event that is ready", counts: { ready: 1 }, exit: 1 },
  { name: "an event in flight", counts: { inflight: 1 }, exit: 1 },
  { name: "an event to be tried again", counts: { retry: 1 }, exit: 1 },
  {
    name: "an event that the server has queued",
    counts: { pendingRemote: 1 },
    exit: 0,
  },
  {
    name: "a dead letter of before",
    counts: { dead: { refused: 1 } },
    exit: 0,
  },
  { name: "a parked event", counts: { parked: { forbidden: 1 } }, exit: 0 },
  { name: "events of a sealed consent", counts: { sealed: 5 }, exit: 0 },
  { name: "an event that is not valid", counts: { quarantined: 1 }, exit: 0 },
])("exitOfPass() of a good pass with $name is $exit", ({ counts, exit }) => {
  assertEquals(exitOfPass(report({}, counts), LENIENT), exit);
});

Deno.test("exitOfPass() of a pass with a new dead letter asks to act", () => {
  assertEquals(exitOfPass(report({ dead: 1 }), LENIENT), EXIT.actionable);
});

Deno.test("exitOfPass() counts parked events only when it is strict", () => {
  const parked = report({}, { parked: { forbidden: 1 } });
  assertEquals(exitOfPass(parked, STRICT), EXIT.actionable);
  assertEquals(exitOfPass(report(), STRICT), EXIT.ok);
});

const ENDS: Readonly<Record<string, number>> = {
  "auth_required": EXIT.signIn,
  "auth_unreadable": EXIT.signIn,
  gateway: EXIT.notReady,
  interrupted: EXIT.interrupted,
  "not_json": EXIT.notReady,
  "offline_wait": EXIT.notReady,
  "server_error": EXIT.notReady,
  throttled: EXIT.notReady,
  timeout: EXIT.notReady,
  transient: EXIT.notReady,
  transport: EXIT.notReady,
};

Deno.test.each(STOP_REASONS)(
  "exitOfPass() of %s is never 0 with an event left",
  (reason) => {
    const left = report({ stoppedBecause: reason }, { ready: 1 });
    assertEquals(exitOfPass(left, LENIENT), ENDS[reason] ?? EXIT.actionable);
  },
);

Deno.test.each(STOP_REASONS)(
  "exitOfPass() of %s with nothing left is good",
  (reason) => {
    const exit = reason === "interrupted" ? EXIT.interrupted : EXIT.ok;
    assertEquals(exitOfPass(report({ stoppedBecause: reason }), LENIENT), exit);
  },
);

Deno.test("events() counts in words", () => {
  assertEquals([0, 1, 2, 12_345].map(events), [
    "0 events",
    "1 event",
    "2 events",
    "12,345 events",
  ]);
});

Deno.test.each([
  {
    name: "a good one",
    is: report({ accepted: 3, ms: 12 }),
    text: "Delivered 3 events in 12 ms.",
  },
  {
    name: "one with repetitions",
    is: report({ accepted: 1, duplicate: 2, imported: 4 }),
    text: "Delivered 1 event, the server had 2 already, " +
      "4 came from the overflow file in 0 ms.",
  },
  {
    name: "one that failed",
    is: report({
      stoppedBecause: "gateway",
      detail: "HTTP 502",
      nextAttemptAt: NOW + 60_000,
    }, { ready: 2, oldestReadyAt: NOW - 3_600_000 }),
    text: [
      "Delivered 0 events in 0 ms.",
      "Stopped: the server is unavailable; your events are safe (HTTP 502).",
      "2 events wait, the oldest for 1 h.",
      "The server is asked again in 1 min.",
      "Next: reeve sync now",
    ].join("\n"),
  },
  {
    name: "one that ended without a sign-in and with nothing left",
    is: report({ stoppedBecause: "auth_required" }),
    text: "Delivered 0 events in 0 ms.\nStopped: you are not signed in.",
  },
])("passText() of $name", ({ is, text }) => {
  assertEquals(passText(is, NOW), text);
});

Deno.test("leftLines() names every reason and the way to dead letters", () => {
  const lines = leftLines({
    ...EMPTY,
    ready: 1,
    retry: 2,
    nextRetryAt: NOW + 30_000,
    parked: { "not_admitted": 1 },
    dead: { "id_conflict": 2, refused: 1 },
  }, NOW);
  assertEquals(lines, [
    "3 events wait.",
    "2 events of them were refused, next in 30 s.",
    "1 event parked: not admitted.",
    "2 events dead: id conflict.",
    "1 event dead: refused.",
    "See: reeve sync dead list",
  ]);
  assertEquals(leftLines(EMPTY, NOW), []);
});

Deno.test("passJson() and countsJson() have the same keys whatever happened", () => {
  const failed = report({ stoppedBecause: "timeout", nextAttemptAt: NOW });
  assertEquals(Object.keys(passJson(failed)), Object.keys(passJson(report())));
  assertEquals(passJson(failed)["next_attempt_at"], "2026-01-02T03:04:05.000Z");
  const counts = countsJson({ ...EMPTY, ready: 1, inflight: 2, retry: 3 });
  assertEquals(counts["residue"], 6);
  assertEquals([timeJson(null), timeJson(undefined), timeJson(0)], [
    null,
    null,
    "1970-01-01T00:00:00.000Z",
  ]);
});
