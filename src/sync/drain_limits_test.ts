import { assert, assertEquals } from "@std/assert";
import { type FakeDelivery, fakeDelivery } from "#support/fake_delivery.ts";
import { webReply } from "#support/fake_host.ts";

const HOUR_MS = 3_600_000;
const LIMITS = {
  "max_events_per_batch": 4,
  "max_decompressed_bytes_per_batch": 1_000_000,
};

function sizes({ server }: FakeDelivery): readonly number[] {
  return server.batches.map(({ ids }) => ids.length);
}

Deno.test("drain() learns the limits of the server once an hour", async () => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  server.limits = LIMITS;
  delivery.emit(6);
  await delivery.drain();
  assertEquals([sizes(delivery), server.asked], [[4, 2], 1]);
  delivery.emit(3);
  await world.advance(HOUR_MS - 1);
  await delivery.drain();
  assertEquals([sizes(delivery), server.asked], [[4, 2, 3], 1]);
  await world.advance(1);
  server.limits = { ...LIMITS, "max_events_per_batch": 2 };
  delivery.emit(3);
  await delivery.drain();
  assertEquals([sizes(delivery), server.asked], [[4, 2, 3, 2, 1], 2]);
});

Deno.test("drain() learns the limits anew when the clock was set back", async () => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  server.limits = LIMITS;
  delivery.emit(2);
  await delivery.drain({ maxEvents: 1 });
  world.clock.setWall(world.clock.now() - HOUR_MS);
  await delivery.drain();
  assertEquals(server.asked, 2);
});

Deno.test("drain() with nothing to send asks the server nothing", async () => {
  const delivery = await fakeDelivery();
  for (const isAsked of [true, false]) await delivery.drain({ isAsked });
  assertEquals(delivery.world.web.requests, []);
});

Deno.test("drain() asks for no limits when told not to", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(1);
  const report = await delivery.drain({ asksLimits: false });
  assertEquals([report.accepted, delivery.server.asked], [1, 0]);
});

Deno.test("drain() delivers to a server that says nothing of limits", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(1);
  const report = await delivery.drain();
  assertEquals([report.accepted, delivery.target.limits_at], [1, null]);
});

Deno.test("drain() keeps within the bytes that a server allows", async () => {
  const delivery = await fakeDelivery();
  const { server } = delivery;
  delivery.emit(20);
  server.limits = { "max_decompressed_bytes_per_batch": 4000 };
  await delivery.drain();
  assertEquals(server.stored.size, 20);
  for (const { text } of server.batches) assert(text.length <= 3600);
});

/** Refuses more events or bytes than that with 413. */
function refuseAbove(
  { server }: FakeDelivery,
  limit: { readonly events?: number; readonly bytes?: number },
): void {
  const { events = Infinity, bytes = Infinity } = limit;
  server.answer = (batch) =>
    batch.ids.length > events || batch.text.length > bytes
      ? webReply(413, { error: { code: "too_large" } })
      : server.store(batch);
}

Deno.test("413 halves the batches until they fit, and the limit is kept", async () => {
  const delivery = await fakeDelivery();
  refuseAbove(delivery, { events: 3 });
  delivery.emit(10);
  const report = await delivery.drain();
  assertEquals([report.stoppedBecause, report.accepted], ["done", 10]);
  assertEquals(sizes(delivery)[0], 10);
  assert(sizes(delivery).length <= 12, sizes(delivery).join());
  assertEquals(delivery.states(), { delivered: 10 });
  const attempts = delivery.queue.rows(
    "SELECT seq FROM deliveries WHERE attempts > 0",
  );
  assertEquals(attempts, []);
});

Deno.test("what 413 has taught is known to the next pass", async () => {
  const delivery = await fakeDelivery();
  refuseAbove(delivery, { events: 5 });
  delivery.emit(10);
  const report = await delivery.drain({ maxBatches: 1 });
  assertEquals([report.stoppedBecause, report.accepted], ["limit", 0]);
  assertEquals(delivery.target.hint_events, 5);
  await delivery.drain({ maxBatches: 1 });
  assert((sizes(delivery)[1] ?? 10) <= 5);
  assertEquals(delivery.target.clean_batches, 1);
});

Deno.test("a limit of bytes lets few large events through", async () => {
  const delivery = await fakeDelivery();
  refuseAbove(delivery, { bytes: 9000 });
  const { queue, server } = delivery;
  for (let at = 0; at < 30; at++) {
    queue.change(`t${at}`, { payload: { text: "x".repeat((at % 3) * 2000) } });
  }
  const report = await delivery.drain();
  assertEquals([report.accepted, server.stored.size, report.dead], [30, 30, 0]);
});

Deno.test("an event that is too large alone is a dead letter, the rest goes", async () => {
  const delivery = await fakeDelivery();
  refuseAbove(delivery, { bytes: 5000 });
  const { queue } = delivery;
  delivery.emit(3);
  queue.change("large", { payload: { text: "x".repeat(6000) } });
  delivery.emit(3);
  const report = await delivery.drain();
  assertEquals([report.accepted, report.dead], [6, 1]);
  assertEquals(report.counts?.dead, { "oversized_event": 1 });
});

Deno.test("a limit of events that a person sets is kept in spite of 413", async () => {
  const delivery = await fakeDelivery();
  refuseAbove(delivery, { events: 3 });
  delivery.emit(10);
  const report = await delivery.drain({ maxEvents: 6 });
  assertEquals([report.stoppedBecause, report.accepted], ["limit", 6]);
  assertEquals(delivery.server.stored.size, 6);
});

Deno.test("another server starts without what was learned of the former", async () => {
  const delivery = await fakeDelivery();
  const { server, tokens } = delivery;
  server.limits = LIMITS;
  refuseAbove(delivery, { events: 1 });
  delivery.emit(4);
  await delivery.drain();
  server.limits = undefined;
  server.answer = (batch) => server.store(batch);
  if ("accessToken" in tokens.given) {
    tokens.given = { ...tokens.given, workspace: "other" };
  }
  delivery.emit(8);
  server.batches.length = 0;
  await delivery.drain();
  assertEquals(sizes(delivery), [8]);
});

Deno.test("a server that first asks for less and then fails counts as failed", async () => {
  const delivery = await fakeDelivery();
  const { server } = delivery;
  delivery.emit(8);
  server.answer = ({ ids }) => {
    if (ids.length === 8) return webReply(400);
    return webReply(server.batches.length === 2 ? 413 : 502);
  };
  const report = await delivery.drain();
  assertEquals(report.stoppedBecause, "gateway");
  const { target } = delivery;
  assertEquals([target.circuit, target.hint_events], ["open", 2]);
});
