import { assert, assertEquals } from "@std/assert";
import { type FakeDelivery, fakeDelivery } from "#support/fake_delivery.ts";
import type { TargetChange } from "../queue/target.ts";
import type { Stop } from "./exchange.ts";
import { finishPass, noteStop, noteSuccess, passGate } from "./pass_target.ts";
import { emptyReport, type StopReason } from "./pass_report.ts";

const OWN = { maxEvents: 1000, maxBytes: 200_000 };
const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 5, 1);
const PAUSED: TargetChange = {
  "paused_reason": "protocol",
  "paused_detail": "upgrade",
  "paused_at": NOW - 1000,
};
const OPEN: TargetChange = {
  circuit: "open",
  "next_attempt_at": NOW + 1000,
  "last_error_code": "gateway",
  "last_error": "HTTP 502",
};

Deno.test.each([
  { name: "a good server", change: {}, behind: "open", asked: "open" },
  {
    name: "one that failed",
    change: OPEN,
    behind: "stay gateway HTTP 502 1000",
    asked: "probe",
  },
  {
    name: "one that may be tried again",
    change: { ...OPEN, "next_attempt_at": NOW },
    behind: "probe",
    asked: "probe",
  },
  {
    name: "one that failed for no known reason",
    change: { ...OPEN, "last_error_code": null, "last_error": null },
    behind: "stay offline_wait  1000",
    asked: "probe",
  },
  {
    name: "one that is paused",
    change: PAUSED,
    behind: "stay protocol upgrade 3599000",
    asked: "probe",
  },
  {
    name: "one that was paused an hour ago",
    change: { ...PAUSED, "paused_at": NOW - HOUR_MS },
    behind: "probe",
    asked: "probe",
  },
  {
    name: "one that was paused before the clock was set back",
    change: { ...PAUSED, "paused_at": NOW + 1 },
    behind: "probe",
    asked: "probe",
  },
  {
    name: "one that is paused and asks for time",
    change: { ...PAUSED, ...OPEN, "last_error_code": "throttled" },
    behind: "stay protocol upgrade 3599000",
    asked: "stay throttled HTTP 502 1000",
  },
])("passGate() of $name: $behind, asked: $asked", async (row) => {
  const delivery = await fakeDelivery();
  delivery.changeTarget(row.change);
  const brief = (isAsked: boolean) => {
    const gate = passGate(delivery.queue.store, NOW, isAsked);
    if (gate.kind !== "stay") return gate.kind;
    const { kind, reason, detail, nextAttemptAt = 0 } = gate;
    return [kind, reason, detail, nextAttemptAt - NOW].join(" ");
  };
  assertEquals([false, true].map(brief), [row.behind, row.asked]);
});

/** A host whose random is a fraction from 0 to 1. */
function randomly(fraction: number) {
  const text = Math.round(fraction * 0xffffffff).toString(16);
  return { random: { hex: () => text.padStart(8, "0") } };
}

function stop(reason: StopReason, changes: Partial<Stop> = {}): Stop {
  return { reason, detail: "so it is", isFailure: true, ...changes };
}

Deno.test("noteStop() waits longer with each failure in a row", async () => {
  const { queue: { store } } = await fakeDelivery();
  const waits = Array.from({ length: 12 }, () => {
    const at = noteStop(randomly(1), store, stop("transport"), NOW);
    return (at ?? 0) - NOW;
  });
  assertEquals(waits.slice(0, 4), [1000, 2000, 4000, 8000]);
  assertEquals(waits.at(-1), 300_000);
});

Deno.test("noteStop() draws its wait by chance", async () => {
  const { queue: { store } } = await fakeDelivery();
  const waits = [0, 0.25, 0.5].map((fraction) => {
    const at = noteStop(randomly(fraction), store, stop("transport"), NOW);
    return (at ?? 0) - NOW;
  });
  assertEquals(waits, [0, 500, 2000]);
});

Deno.test("noteStop() keeps the time that a server asks for, at most an hour", async () => {
  const { queue: { store } } = await fakeDelivery();
  for (const [retryAfterMs, waitMs] of [[90_000, 90_000], [1e9, HOUR_MS]]) {
    const asks = stop("throttled", retryAfterMs ? { retryAfterMs } : {});
    assertEquals(noteStop(randomly(0), store, asks, NOW), NOW + (waitMs ?? 0));
  }
});

function factsOf({ target }: FakeDelivery): readonly unknown[] {
  return [target.circuit, target.failures, target.paused_reason];
}

Deno.test.each(
  [
    { reason: "forbidden", is: "forbidden" },
    { reason: "not_admitted", is: "not_admitted" },
    { reason: "workspace_missing", is: "workspace_missing" },
    { reason: "endpoint_missing", is: "endpoint_missing" },
    { reason: "protocol", is: "protocol" },
    { reason: "redirected", is: "redirected" },
    { reason: "interrupted", is: null },
    { reason: "bisect_budget", is: null },
    { reason: "auth_unreadable", is: null },
  ] as const,
)("noteStop() for $reason pauses: $is", async ({ reason, is }) => {
  const delivery = await fakeDelivery();
  const refusal = stop(reason, { isFailure: false });
  const { store } = delivery.queue;
  assertEquals(noteStop(randomly(1), store, refusal, NOW), undefined);
  assertEquals(factsOf(delivery), ["closed", 0, is]);
  assertEquals(delivery.target.paused_at, is === null ? null : NOW);
});

Deno.test("noteSuccess() forgets failures and pauses", async () => {
  const delivery = await fakeDelivery();
  delivery.changeTarget({ ...PAUSED, ...OPEN, failures: 7 });
  noteSuccess(delivery.queue.store, OWN);
  assertEquals(factsOf(delivery), ["closed", 0, null]);
  assertEquals(delivery.target.last_error, null);
});

Deno.test("noteSuccess() writes nothing when there is nothing to forget", async () => {
  const delivery = await fakeDelivery();
  const before = delivery.queue.rows("SELECT total_changes() AS n");
  noteSuccess(delivery.queue.store, OWN);
  assertEquals(delivery.queue.rows("SELECT total_changes() AS n"), before);
});

Deno.test("finishPass() takes no mark away while the overflow file waits", async () => {
  const delivery = await fakeDelivery();
  const { queue, host, world } = delivery;
  world.failDatabase(queue.paths.queue, "busy");
  assertEquals(queue.emit("TaskChanged", "t").kind, "spilled");
  const report = { ...emptyReport(), accepted: 1 };
  finishPass(host, queue.store, report);
  assert(delivery.isMarked);
});

Deno.test("finishPass() takes the mark away of a project that has opted out", async () => {
  const delivery = await fakeDelivery({ hasConsent: false });
  delivery.emit(2);
  blockingOf(delivery).touch(delivery.queue.paths.pending);
  const report = { ...emptyReport(), stoppedBecause: "no_consent" as const };
  finishPass(delivery.host, delivery.queue.store, report);
  assert(!delivery.isMarked);
});

function blockingOf({ queue }: FakeDelivery) {
  const { blocking } = queue.host;
  blocking.makeDirectory(queue.paths.pending.replace(/\/[^/]+$/, ""));
  return blocking;
}
