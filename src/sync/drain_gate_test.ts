import { assert, assertEquals } from "@std/assert";
import { type FakeDelivery, fakeDelivery } from "#support/fake_delivery.ts";
import { webReply } from "#support/fake_host.ts";
import { TOKEN } from "#support/fake_receiver.ts";
import type { WebReply } from "../host/web.ts";

const HOUR_MS = 3_600_000;

const FAILURES: readonly (readonly [string, WebReply | "silence"])[] = [
  ["transport", { kind: "unreachable", reason: "connection refused" }],
  ["timeout", "silence"],
  ["timeout", webReply(408)],
  ["server_error", webReply(500)],
  ["gateway", webReply(502)],
  ["gateway", webReply(503)],
  ["throttled", webReply(429)],
  ["not_json", webReply(200, "<p>Welcome")],
  ["not_json", { kind: "too_large" }],
];

Deno.test.each(FAILURES.map(([reason, reply]) => ({
  reason,
  reply,
  name: reply === "silence"
    ? reply
    : reply.kind === "reply"
    ? `HTTP ${reply.status}`
    : reply.kind,
})))(
  "$name opens the circuit for $reason and touches no event",
  async (row) => {
    const delivery = await fakeDelivery();
    const { server, queue } = delivery;
    delivery.emit(5);
    const { reply } = row;
    server.answer = () => reply === "silence" ? new Promise(() => {}) : reply;
    const report = await delivery.drain();
    assertEquals<unknown>(report.stoppedBecause, row.reason);
    assertEquals(server.batches.length, 1);
    const rows = queue.rows<Record<string, number | string | null>>(
      `SELECT state, attempts, next_attempt_at, reason_code, holds
       FROM deliveries`,
    );
    assertEquals(rows.length, 5);
    for (const one of rows) {
      assertEquals<unknown>({ ...one }, {
        state: "ready",
        attempts: 0,
        "next_attempt_at": null,
        "reason_code": null,
        holds: 0,
      });
    }
    const { target } = delivery;
    assertEquals<unknown>(
      [target.circuit, target.failures, target.last_error_code],
      ["open", 1, row.reason],
    );
    assertEquals(report.nextAttemptAt, target.next_attempt_at);
    assert(delivery.isMarked);
  },
);

/** A delivery whose server has failed, to be tried again in a minute. */
async function failed(
  code = "transport",
  waitMs = 60_000,
): Promise<FakeDelivery> {
  const delivery = await fakeDelivery();
  delivery.emit(5);
  await delivery.drain({ maxEvents: 1 });
  delivery.changeTarget({
    circuit: "open",
    failures: 3,
    "last_error_code": code,
    "last_error": "so it was",
    "next_attempt_at": delivery.host.clock.now() + waitMs,
  });
  delivery.server.batches.length = 0;
  return delivery;
}

Deno.test("in the background an open circuit is left alone", async () => {
  const delivery = await failed();
  const report = await delivery.drainBehind();
  assertEquals<unknown>([report.stoppedBecause, report.detail], [
    "transport",
    "so it was",
  ]);
  assertEquals(report.nextAttemptAt, delivery.target.next_attempt_at);
  assertEquals([delivery.server.batches, report.claimed], [[], 0]);
  assertEquals(delivery.target.failures, 3);
});

Deno.test("the first try after failures is one event, then all go", async () => {
  const delivery = await failed();
  await delivery.world.advance(60_000);
  const report = await delivery.drainBehind();
  assertEquals(delivery.server.batches.map(({ ids }) => ids.length), [1, 3]);
  assertEquals(report.stoppedBecause, "done");
  const { target } = delivery;
  assertEquals(
    [target.circuit, target.failures, target.last_error_code],
    ["closed", 0, null],
  );
});

Deno.test("a person who asks may try at once", async () => {
  const delivery = await failed();
  const report = await delivery.drain();
  assertEquals(delivery.server.batches.map(({ ids }) => ids.length), [1, 3]);
  assertEquals(report.accepted, 4);
});

Deno.test("a first try that fails costs one event and waits longer", async () => {
  const delivery = await failed();
  delivery.server.answer = () => webReply(502);
  const report = await delivery.drain();
  assertEquals(delivery.server.batches.map(({ ids }) => ids.length), [1]);
  assertEquals(report.stoppedBecause, "gateway");
  assertEquals(delivery.target.failures, 4);
});

Deno.test("a server that asks for time gets it, whoever asks", async () => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  delivery.emit(5);
  const seconds = { "retry-after": "30" };
  server.answer = () => webReply(429, "", seconds);
  const report = await delivery.drain();
  const { now } = delivery.host.clock;
  assertEquals(report.nextAttemptAt, now() + 30_000);
  server.answer = (batch) => server.store(batch);
  for (const isAsked of [true, false]) {
    const { stoppedBecause, nextAttemptAt } = await delivery.drain({ isAsked });
    assertEquals(stoppedBecause, "throttled");
    assertEquals(nextAttemptAt, now() + 30_000);
  }
  assertEquals(server.batches.length, 1);
  await world.advance(30_000);
  assertEquals((await delivery.drainBehind()).accepted, 5);
});

Deno.test("a date in Retry-After counts like seconds", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(1);
  const { now } = delivery.host.clock;
  const at = Math.ceil(now() / 1000) * 1000 + 120_000;
  const headers = { "retry-after": new Date(at).toUTCString() };
  delivery.server.answer = () => webReply(503, "", headers);
  const report = await delivery.drain();
  assertEquals([report.stoppedBecause, report.nextAttemptAt], [
    "throttled",
    at,
  ]);
});

Deno.test("a clock that was set back keeps no circuit open", async () => {
  const delivery = await failed("throttled", 2 * HOUR_MS);
  const report = await delivery.drainBehind();
  assertEquals(report.stoppedBecause, "done");
});

Deno.test.each([
  { status: 403, reason: "forbidden" },
  { status: 404, reason: "endpoint_missing" },
  { status: 412, reason: "protocol" },
  { status: 426, reason: "protocol" },
  { status: 308, reason: "redirected" },
])("$status pauses the server for $reason", async ({ status, reason }) => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  delivery.emit(3);
  const error = { error: { message: "Upgrade to 4.0" } };
  server.answer = () => webReply(status, error);
  const report = await delivery.drain();
  assertEquals<unknown>([report.stoppedBecause, report.detail], [
    reason,
    "Upgrade to 4.0",
  ]);
  assertEquals(delivery.states(), { ready: 3 });
  assertEquals(delivery.target.paused_reason, reason);
  assertEquals(delivery.target.circuit, "closed");
  const behind = await delivery.drainBehind();
  assertEquals<unknown>([behind.stoppedBecause, behind.detail], [
    reason,
    "Upgrade to 4.0",
  ]);
  assertEquals(server.batches.length, 1);
  assertEquals(behind.nextAttemptAt, delivery.host.clock.now() + HOUR_MS);
  await world.advance(HOUR_MS);
  server.answer = (batch) => server.store(batch);
  const healed = await delivery.drainBehind();
  assertEquals(server.batches.map(({ ids }) => ids.length), [3, 1, 2]);
  assertEquals([healed.accepted, delivery.target.paused_reason], [3, null]);
});

Deno.test("a person who asks tries a paused server with one event", async () => {
  const delivery = await fakeDelivery();
  const { server } = delivery;
  delivery.emit(3);
  server.answer = () => webReply(404);
  await delivery.drain();
  await delivery.drain();
  assertEquals(server.batches.map(({ ids }) => ids.length), [3, 1]);
  server.answer = (batch) => server.store(batch);
  assertEquals((await delivery.drain()).accepted, 3);
});

Deno.test("a token that is refused is not tried at every nudge", async () => {
  const delivery = await fakeDelivery();
  const { server, tokens } = delivery;
  delivery.emit(3);
  server.answer = () => webReply(401);
  tokens.next = () => ({ reason: "auth_required", detail: "no more" });
  const report = await delivery.drainBehind();
  assertEquals<unknown>([report.stoppedBecause, report.detail], [
    "auth_required",
    "no more",
  ]);
  assertEquals(delivery.states(), { ready: 3 });
  tokens.given = TOKEN;
  for (let nudge = 0; nudge < 5; nudge++) {
    delivery.changeTarget({
      "next_attempt_at": delivery.host.clock.now() + 1000,
    });
    assertEquals(
      (await delivery.drainBehind()).stoppedBecause,
      "auth_required",
    );
  }
  assertEquals(server.batches.length, 1);
  server.answer = (batch) => server.store(batch);
  assertEquals((await delivery.drain()).accepted, 3);
  assertEquals(delivery.target.circuit, "closed");
});
