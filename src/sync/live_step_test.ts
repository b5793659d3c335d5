import { assertEquals } from "@std/assert";
import { initialLive, type LiveEvent, type LiveState } from "./live_state.ts";
import {
  FAST_ATTEMPTS,
  PROBE_MS,
  retryWaitMs,
  STABLE_MS,
  stepLive,
} from "./live_step.ts";

const NOW = 1_000_000;
const HALF = { nowMs: NOW, fraction: 0.5 };
const ERROR = { code: "transport", detail: "refused" };

function live(changes: Partial<LiveState>): LiveState {
  return { ...initialLive(NOW - 1000), ...changes };
}

const STATES = {
  "unopened": live({}),
  "connecting": live({ name: "Connecting", attempt: 1 }),
  "connecting, refreshed": live({
    name: "Connecting",
    attempt: 2,
    hasRefreshed: true,
  }),
  "connecting, in doubt": live({
    name: "Connecting",
    attempt: 1,
    isInDoubt: true,
  }),
  "waiting": live({ name: "Reconnecting", attempt: 3, nextTryAt: NOW + 1 }),
  "waiting, in doubt": live({
    name: "Reconnecting",
    attempt: 3,
    nextTryAt: NOW + 1,
    isInDoubt: true,
  }),
  "reconnecting": live({ name: "Reconnecting", attempt: 3 }),
  "reconnecting for the last time": live({ name: "Reconnecting", attempt: 10 }),
  "patient": live({
    name: "OfflineBatchMode",
    attempt: 10,
    nextTryAt: NOW + 1,
  }),
  "probing": live({ name: "OfflineBatchMode", attempt: 11 }),
  "connected": live({ name: "Connected", attempt: 3 }),
  "connected after a refresh": live({
    name: "Connected",
    attempt: 3,
    hasRefreshed: true,
  }),
  "connected and stable": live({
    name: "Connected",
    attempt: 12,
    hasRefreshed: true,
    sinceAt: NOW - STABLE_MS,
  }),
  "parked": live({ halted: "parked" }),
  "signed out": live({ halted: "signed_out" }),
  "stopped": live({ halted: "stopped" }),
} as const satisfies Readonly<Record<string, LiveState>>;

const wake = { kind: "wake" } as const;
const due = { kind: "due" } as const;
const slept = { kind: "slept" } as const;
const snapshot = { kind: "snapshot" } as const;
const moved = { kind: "moved" } as const;
const stop = { kind: "stop" } as const;
const failed = { kind: "failed", error: ERROR } as const;
const throttled = {
  kind: "failed",
  error: { code: "throttled", detail: "HTTP 429" },
} as const;
const unauthorized = { kind: "unauthorized", error: ERROR } as const;
const denied = { kind: "denied", error: ERROR } as const;
const signedOut = { kind: "signed_out", error: ERROR } as const;
const noToken = { kind: "no_token", error: ERROR } as const;
const noted = { kind: "noted", error: ERROR } as const;
const after = (retryAfterMs: number) => ({ ...failed, retryAfterMs }) as const;
const closed = (code: number) =>
  ({ kind: "closed", code, detail: "" }) as const;

type Row = readonly [
  from: keyof typeof STATES,
  event: LiveEvent,
  outcome: string,
];

/** State, number of the try, act with its figure; `!` is why it is halted. */
const ROWS: readonly Row[] = [
  ["unopened", wake, "Connecting 1 connect"],
  ["connecting", wake, "Connecting 1 none doubt"],
  ["connecting, refreshed", wake, "Connecting 1 none doubt"],
  ["waiting", wake, "Reconnecting 1 connect"],
  ["reconnecting", wake, "Reconnecting 1 none doubt"],
  ["patient", wake, "Reconnecting 1 connect"],
  ["probing", wake, "OfflineBatchMode 1 none doubt"],
  ["connected", wake, "Connected 3 check"],
  ["parked", wake, "Connecting 1 connect"],
  ["signed out", wake, "Connecting 1 connect"],
  ["stopped", wake, "Offline 0 none !stopped"],

  ["waiting", due, "Reconnecting 4 connect"],
  ["waiting, in doubt", due, "Reconnecting 4 connect"],
  ["patient", due, "OfflineBatchMode 11 connect"],
  ["connected", due, "Connected 3 none"],
  ["connecting", due, "Connecting 1 none"],
  ["parked", due, "Offline 0 none !parked"],

  ["connecting", slept, "Connecting 1 connect slept"],
  ["waiting", slept, "Reconnecting 1 connect slept"],
  ["patient", slept, "Reconnecting 1 connect slept"],
  ["connected", slept, "Reconnecting 1 connect slept"],
  ["signed out", slept, "Offline 0 none !signed_out"],

  ["connecting", snapshot, "Connected 1 none"],
  ["connecting, in doubt", snapshot, "Connected 1 check"],
  ["reconnecting", snapshot, "Connected 3 none"],
  ["probing", snapshot, "Connected 11 none"],

  ["connected", moved, "Reconnecting 1 connect moved"],

  ["connecting", failed, "Reconnecting 1 wait 250 transport"],
  ["reconnecting", failed, "Reconnecting 3 wait 1000 transport"],
  [
    "reconnecting for the last time",
    failed,
    "OfflineBatchMode 10 wait 300000 transport",
  ],
  ["probing", failed, "OfflineBatchMode 11 wait 300000 transport"],
  ["connected", failed, "Reconnecting 3 wait 1000 transport"],
  ["connected and stable", failed, "Reconnecting 0 wait 250 transport"],
  ["parked", failed, "Offline 0 none !parked"],
  ["reconnecting", after(7000), "Reconnecting 3 wait 7000 transport"],
  ["reconnecting", after(10), "Reconnecting 3 wait 1000 transport"],
  ["reconnecting", after(9e9), "Reconnecting 3 wait 3600000 transport"],
  ["reconnecting", throttled, "Reconnecting 3 wait 17500 throttled"],

  ["connected", closed(1000), "Reconnecting 3 wait 1000 closed_1000"],
  ["connected", closed(1001), "Reconnecting 3 wait 1000 closed_1001"],
  ["connecting", closed(1006), "Reconnecting 1 wait 250 closed_1006"],
  ["connected", closed(4000), "Reconnecting 3 wait 1000 closed_4000"],
  ["connected", closed(1008), "Offline 3 halt !parked closed_1008"],
  ["connected", closed(4403), "Offline 3 halt !parked closed_4403"],
  ["connected", closed(1012), "Reconnecting 3 wait 17500 closed_1012"],
  ["connected", closed(1013), "Reconnecting 3 wait 17500 closed_1013"],
  ["connected", closed(4401), "Reconnecting 4 refresh closed_4401"],
  [
    "connected after a refresh",
    closed(4401),
    "Offline 3 halt !signed_out closed_4401",
  ],
  ["connected and stable", closed(4401), "Reconnecting 1 refresh closed_4401"],

  ["connecting", unauthorized, "Connecting 2 refresh transport"],
  [
    "connecting, refreshed",
    unauthorized,
    "Offline 2 halt !signed_out transport",
  ],
  ["probing", unauthorized, "OfflineBatchMode 12 refresh transport"],

  ["connecting", denied, "Offline 1 halt !parked transport"],
  ["connecting", signedOut, "Offline 1 halt !signed_out transport"],
  ["connecting", noToken, "Reconnecting 1 wait 250 transport"],
  ["connected", noted, "Connected 3 none transport"],

  ["connected", stop, "Offline 3 halt !stopped"],
  ["patient", stop, "Offline 10 halt !stopped"],
  ["parked", stop, "Offline 0 halt !stopped"],
  ["stopped", stop, "Offline 0 none !stopped"],
];

function outcomeOf(from: LiveState, event: LiveEvent): string {
  const { state, act } = stepLive(from, event, HALF);
  const refresh = act.kind === "connect" && act.refresh;
  return [
    state.name,
    state.attempt,
    refresh ? "refresh" : act.kind,
    ...act.kind === "wait" ? [act.ms] : [],
    ...state.halted === undefined ? [] : [`!${state.halted}`],
    ...state.isInDoubt ? ["doubt"] : [],
    ...state.lastError === undefined ? [] : [state.lastError.code],
  ].join(" ");
}

Deno.test.each(
  ROWS.map(([from, event, outcome]) => {
    const code = event.kind === "closed" ? ` ${event.code}` : "";
    return { from, event, outcome, what: event.kind + code };
  }),
)("stepLive() leads from $from by $what to $outcome", (row) => {
  assertEquals(outcomeOf(STATES[row.from], row.event), row.outcome);
});

Deno.test("stepLive() says until when it waits and since when it is so", () => {
  const { state } = stepLive(STATES.connected, failed, HALF);
  assertEquals([state.sinceAt, state.nextTryAt], [NOW, NOW + 1000]);
  const again = stepLive(state, due, { ...HALF, nowMs: NOW + 1000 }).state;
  assertEquals([again.sinceAt, again.nextTryAt], [NOW, undefined]);
});

Deno.test("stepLive() gives another refresh when the first was not possible", () => {
  const refreshing = stepLive(STATES.connecting, unauthorized, HALF).state;
  const waiting = stepLive(refreshing, noToken, HALF).state;
  const woken = stepLive(refreshing, wake, HALF).state;
  const states = [refreshing, waiting, woken];
  assertEquals(states.map(({ hasRefreshed }) => hasRefreshed), [
    true,
    false,
    false,
  ]);
});

Deno.test.each([
  { attempt: 0, least: 0, most: 500 },
  { attempt: 1, least: 0, most: 500 },
  { attempt: 2, least: 0, most: 1000 },
  { attempt: 6, least: 0, most: 16_000 },
  { attempt: 7, least: 0, most: 30_000 },
  { attempt: FAST_ATTEMPTS - 1, least: 0, most: 30_000 },
  { attempt: FAST_ATTEMPTS, least: PROBE_MS, most: PROBE_MS },
  { attempt: 1000, least: PROBE_MS, most: PROBE_MS },
])("retryWaitMs() is $least to $most ms after $attempt tries", (row) => {
  const { attempt, least, most } = row;
  assertEquals([retryWaitMs(attempt, 0), retryWaitMs(attempt, 1)], [
    least,
    most,
  ]);
});
