import { assertEquals } from "@std/assert";
import { type FakeDelivery, fakeDelivery } from "#support/fake_delivery.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A server that says a word about some events and stores the others. */
function say(
  { server }: FakeDelivery,
  ids: readonly string[],
  words: { readonly status: string; readonly code?: string },
): void {
  server.answer = (batch) =>
    server.store(batch, (id) => ids.includes(id) ? words : undefined);
}

Deno.test("a refused event is tried five times, then given up", async () => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  const [id = ""] = delivery.emit(3);
  const code = "schema_mismatch";
  say(delivery, [id], { status: "rejected", code });
  const tries = () =>
    server.batches.filter(({ ids }) => ids.includes(id)).length;
  const waits = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR];
  for (const [at, waitMs] of waits.entries()) {
    const report = await delivery.drainBehind();
    assertEquals([report.retried, report.dead, tries()], [1, 0, at + 1]);
    assertEquals(
      report.counts?.nextRetryAt,
      delivery.host.clock.now() + waitMs,
    );
    await world.advance(waitMs - 1);
    await delivery.drain();
    assertEquals(tries(), at + 1);
    await world.advance(1);
  }
  const report = await delivery.drainBehind();
  assertEquals([report.dead, report.counts?.dead], [1, { [code]: 1 }]);
  await world.advance(24 * HOUR);
  await delivery.drain();
  assertEquals(tries(), 5);
  assertEquals(server.stored.size, 2);
});

Deno.test.each([
  { code: "refused", dead: { refused: 1 }, parked: {} },
  { code: "id_conflict", dead: { "id_conflict": 1 }, parked: {} },
  { code: "oversized_event", dead: { "oversized_event": 1 }, parked: {} },
  { code: "not_admitted", dead: {}, parked: { "not_admitted": 1 } },
  { code: "forbidden", dead: {}, parked: { forbidden: 1 } },
  { code: "workspace_missing", dead: {}, parked: { "workspace_missing": 1 } },
])("an event rejected for $code ends where that belongs", async (row) => {
  const delivery = await fakeDelivery();
  const [id = ""] = delivery.emit(2);
  say(delivery, [id], { status: "rejected", code: row.code });
  const { counts, stoppedBecause } = await delivery.drain();
  assertEquals<unknown>([stoppedBecause, counts?.dead, counts?.parked], [
    "done",
    row.dead,
    row.parked,
  ]);
});

Deno.test("a parked event goes when a person asks, else after ten minutes", async () => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  const ids = delivery.emit(1);
  say(delivery, ids, { status: "rejected", code: "not_admitted" });
  await delivery.drain();
  say(delivery, [], { status: "" });
  await delivery.drainBehind();
  assertEquals(server.batches.length, 1);
  const asked = await fakeDelivery({ world, hasConsent: false });
  assertEquals((await asked.drain()).accepted, 1);
});

Deno.test("a parked event goes by itself after ten minutes", async () => {
  const delivery = await fakeDelivery();
  const ids = delivery.emit(1);
  say(delivery, ids, { status: "rejected", code: "not_admitted" });
  await delivery.drain();
  say(delivery, [], { status: "" });
  await delivery.world.advance(10 * MINUTE);
  assertEquals((await delivery.drainBehind()).accepted, 1);
});

Deno.test("an event that the server has queued is asked about again", async () => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  delivery.emit(2);
  server.answer = (batch) => server.store(batch, () => ({ status: "pending" }));
  const report = await delivery.drain();
  assertEquals([report.stoppedBecause, report.pending], ["done", 2]);
  assertEquals(report.counts?.pendingRemote, 2);
  server.answer = (batch) => server.store(batch);
  await world.advance(MINUTE);
  assertEquals((await delivery.drainBehind()).accepted, 2);
});

Deno.test("a result that is missing is asked for again, and costs no attempt", async () => {
  const delivery = await fakeDelivery();
  const { server, world, queue } = delivery;
  const [id = ""] = delivery.emit(2);
  server.answer = (batch) => {
    const reply = server.store(batch);
    if (reply.kind !== "reply") return reply;
    const { results } = JSON.parse(reply.body);
    const rest = results.filter((one: { "event_id": string }) =>
      one.event_id !== id
    );
    return { ...reply, body: JSON.stringify({ results: rest }) };
  };
  const report = await delivery.drain();
  assertEquals([report.accepted, report.counts?.retry], [1, 1]);
  assertEquals(
    queue.rows<{ attempts: number }>(
      "SELECT attempts FROM deliveries WHERE state = 'retry'",
    ).map(({ attempts }) => attempts),
    [0],
  );
  server.answer = (batch) => server.store(batch);
  await world.advance(30 * SECOND);
  const again = await delivery.drainBehind();
  assertEquals([again.duplicate, again.counts?.retry], [1, 0]);
});

Deno.test("what changes a refused creation waits for it, others do not", async () => {
  const delivery = await fakeDelivery();
  const { queue, server, world } = delivery;
  const created = queue.emit("TaskCreated", "held");
  if (created.kind !== "captured") throw new Error(created.kind);
  queue.change("held");
  queue.change("free");
  say(delivery, [created.eventId], {
    status: "rejected",
    code: "schema_mismatch",
  });
  // Together they go in one request, so only what comes later is held.
  await delivery.drain({ size: { maxEvents: 1, maxBytes: 200_000 } });
  assertEquals(server.stored.size, 1);
  say(delivery, [], { status: "" });
  await world.advance(30 * SECOND);
  await delivery.drainBehind();
  const order = [...server.stored.values()].map((body) => {
    const { aggregate_id: id, event_type: type } = JSON.parse(body);
    return `${type} ${id}`;
  });
  assertEquals(order, [
    "TaskChanged free",
    "TaskCreated held",
    "TaskChanged held",
  ]);
});

Deno.test("no event is chosen twice in one pass, whatever is answered", async () => {
  const delivery = await fakeDelivery();
  const { server } = delivery;
  const ids = delivery.emit(40);
  const words = ["rejected", "queued", "odd", "warning", "duplicate"];
  server.answer = (batch) =>
    server.store(batch, (id) => ({
      status: words[ids.indexOf(id) % words.length] ?? "",
    }));
  await delivery.drain({ size: { maxEvents: 7, maxBytes: 200_000 } });
  const sent = server.batches.flatMap(({ ids }) => ids);
  assertEquals(new Set(sent).size, sent.length);
  assertEquals(sent.length, 40);
});
