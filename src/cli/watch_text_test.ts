import { assert, assertEquals } from "@std/assert";
import { initialLive, type LiveState } from "../sync/live_state.ts";
import { emptyReport, type PassReport } from "../sync/pass_report.ts";
import {
  newsJson,
  newsText,
  type WatchNews,
  WatchTeller,
} from "./watch_text.ts";
import { COUNTS } from "#support/sync_facts.ts";

const NOW = Date.UTC(2026, 0, 1);

function pass(change: Partial<PassReport> = {}): PassReport {
  return { ...emptyReport(), counts: COUNTS, ...change };
}

function live(change: Partial<LiveState>): LiveState {
  return { ...initialLive(NOW), ...change };
}

function textsOf(news: readonly WatchNews[]): readonly string[] {
  return news.map((one) => newsText(one, NOW));
}

const error = { code: "gateway", detail: "HTTP 503" };

Deno.test("WatchTeller has nothing to tell of a pass that moved nothing", () => {
  assertEquals(new WatchTeller().pass(pass()), []);
});

Deno.test.each(
  [
    { stoppedBecause: "busy" },
    { stoppedBecause: "deadline" },
    { stoppedBecause: "interrupted" },
    { stoppedBecause: "lease_lost" },
    { stoppedBecause: "limit" },
  ] as const,
)("WatchTeller says nothing of $stoppedBecause", (end) => {
  assertEquals(new WatchTeller().pass(pass(end)), []);
});

Deno.test("WatchTeller tells what was delivered and adds it up", () => {
  const teller = new WatchTeller();
  const one = pass({ accepted: 1, duplicate: 2 });
  assertEquals(textsOf(teller.pass(one)), [
    "Delivered 1 event, the server had 2 already; nothing waits.",
  ]);
  const rest = { ...COUNTS, ready: 3 };
  const two = pass({
    retried: 1,
    parked: 1,
    dead: 1,
    pending: 1,
    counts: rest,
  });
  assertEquals(textsOf(teller.pass(two)), [
    "Delivered 0 events, 1 taken but not stored yet, 1 refused for now, " +
    "1 parked, 1 given up; 3 events wait.",
  ]);
  assertEquals(teller.delivered, 3);
});

Deno.test("WatchTeller tells each trouble once, and when it is over", () => {
  const teller = new WatchTeller();
  const failed = pass({
    stoppedBecause: "gateway",
    detail: "HTTP 503",
    nextAttemptAt: NOW + 3000,
    counts: { ...COUNTS, ready: 1 },
  });
  assertEquals(textsOf(teller.pass(failed)), [
    "Trouble: the server is unavailable; your events are safe (HTTP 503); " +
    "1 event waits, next try in 3 s. Next: reeve sync now",
  ]);
  assertEquals(teller.pass(failed), []);
  assertEquals(teller.pass(pass({ stoppedBecause: "interrupted" })), []);
  assertEquals(textsOf(teller.pass(pass({ accepted: 1 }))), [
    "Delivered 1 event; nothing waits.",
    "Delivery works again; nothing waits.",
  ]);
  assertEquals(teller.pass(pass()), []);
  assertEquals(teller.pass(failed).length, 1);
});

Deno.test("WatchTeller tells a warning once", () => {
  const teller = new WatchTeller();
  assertEquals(textsOf(teller.warning("Delivery failed: x")), [
    "Trouble: Delivery failed: x; nothing waits.",
  ]);
  assertEquals(teller.warning("Delivery failed: x"), []);
});

Deno.test("WatchTeller tells where the connection stands, not each try", () => {
  const teller = new WatchTeller();
  const told = (change: Partial<LiveState>) =>
    textsOf(teller.connection(live(change)));
  assertEquals(told({ name: "Connecting" }), []);
  assertEquals(told({ name: "Connected" }), [
    "Connected: events go out at once.",
  ]);
  const lost = { lastError: error, nextTryAt: NOW + 2000 };
  assertEquals(told({ name: "Reconnecting", ...lost }), [
    "No connection right now: HTTP 503, next try in 2 s.",
  ]);
  assertEquals(told({ name: "Reconnecting", ...lost, attempt: 2 }), []);
  assertEquals(told({ name: "OfflineBatchMode", lastError: error }), [
    "No lasting connection: HTTP 503; events go out in batches.",
  ]);
  assertEquals(told({ name: "Connected", lastError: error }), [
    "Connected: events go out at once.",
  ]);
  const out = { halted: "signed_out", lastError: error } as const;
  assertEquals(told({ name: "Offline", ...out }), [
    "Not connected: HTTP 503; events go out in batches.",
  ]);
  assertEquals(told({ name: "Offline", halted: "stopped" }), []);
});

Deno.test.each<{ readonly news: WatchNews; readonly json: object }>([
  {
    news: { kind: "started", project: "app", server: "https://s" },
    json: { kind: "started", "project_slug": "app", server: "https://s" },
  },
  {
    news: {
      kind: "connection",
      state: "Reconnecting",
      detail: "x",
      nextTryAt: NOW,
    },
    json: {
      kind: "connection",
      state: "Reconnecting",
      detail: "x",
      "next_try_at": "2026-01-01T00:00:00.000Z",
    },
  },
  {
    news: {
      kind: "trouble",
      reason: "failed",
      detail: "x",
      command: undefined,
      left: 1,
      nextAttemptAt: undefined,
    },
    json: {
      kind: "trouble",
      reason: "failed",
      detail: "x",
      command: null,
      left: 1,
      "next_attempt_at": null,
    },
  },
  {
    news: { kind: "stopped", delivered: 3 },
    json: { kind: "stopped", delivered: 3 },
  },
])("newsJson() of $news.kind is one line", ({ news, json }) => {
  const line = newsJson(news, NOW);
  assert(!line.includes("\n"));
  assertEquals(JSON.parse(line), {
    schema: "sync_watch",
    "schema_version": 1,
    at: "2026-01-01T00:00:00.000Z",
    ...json,
  });
});

Deno.test("newsText() begins and ends a watch", () => {
  assertEquals(
    textsOf([
      { kind: "started", project: "app", server: "https://s" },
      { kind: "stopped", delivered: 1 },
    ]),
    ["Delivering app to https://s; Ctrl-C ends it.", "Stopped after 1 event."],
  );
});
