import { assert, assertEquals } from "@std/assert";
import { fakeDelivery } from "#support/fake_delivery.ts";
import { webReply } from "#support/fake_host.ts";

const SMALL = { maxEvents: 2, maxBytes: 200_000 };

Deno.test("an interruption in the middle of a request leaves all ready", async () => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  delivery.emit(6);
  const { answer } = server;
  server.answer = (batch) =>
    server.batches.length < 2 ? answer(batch) : new Promise(() => {});
  const abort = new AbortController();
  const draining = delivery.drain({ size: SMALL, signal: abort.signal });
  await world.advance(100);
  assertEquals(delivery.states(), { delivered: 2, inflight: 2, new: 2 });
  abort.abort();
  const report = await draining;
  assertEquals(report.stoppedBecause, "interrupted");
  assertEquals(delivery.states(), { delivered: 2, new: 2, ready: 2 });
  assertEquals([report.accepted, report.counts?.ready], [2, 4]);
  const { target } = delivery;
  assertEquals([target.circuit, target.paused_reason], ["closed", null]);
  assert(delivery.isMarked);
});

Deno.test("a pass that is interrupted before it begins does nothing", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(1);
  const signal = AbortSignal.abort();
  const report = await delivery.drain({ signal });
  assertEquals(report.stoppedBecause, "interrupted");
  const { server, tokens } = delivery;
  assertEquals([server.batches, server.asked, tokens.asked], [[], 0, 0]);
  assertEquals(delivery.states(), { new: 1 });
});

Deno.test("an interruption beats the time that a server asks for", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(1);
  const seconds = { "retry-after": "30" };
  delivery.server.answer = () => webReply(429, "", seconds);
  await delivery.drain();
  const signal = AbortSignal.abort();
  const report = await delivery.drain({ signal });
  assertEquals(report.stoppedBecause, "interrupted");
});

Deno.test("an interruption while the limits are asked for sends nothing", async () => {
  const delivery = await fakeDelivery();
  const { world } = delivery;
  delivery.emit(1);
  world.web.respond = () => new Promise(() => {});
  const abort = new AbortController();
  const draining = delivery.drain({ signal: abort.signal });
  await world.advance(100);
  abort.abort();
  assertEquals((await draining).stoppedBecause, "interrupted");
  assertEquals(world.web.requests.length, 1);
});

Deno.test("who lost the lease during a request writes nothing of it", async () => {
  const delivery = await fakeDelivery();
  const { server, queue } = delivery;
  delivery.emit(3);
  server.answer = (batch) => {
    queue.takeLease();
    return server.store(batch);
  };
  const report = await delivery.drain();
  assertEquals(report.stoppedBecause, "lease_lost");
  assertEquals([report.accepted, delivery.states()], [0, { inflight: 3 }]);
  const { target } = delivery;
  assertEquals([target.last_pass_at, target.clean_batches], [null, 0]);
  assertEquals(queue.meta()["delivered"], 0);
  const ends = queue.rows<{ outcome: string | null }>(
    "SELECT outcome FROM batches",
  );
  assertEquals(ends.map(({ outcome }) => outcome), [null]);
  assert(delivery.isMarked);
});

Deno.test("who lost the lease to a failure does not open the circuit", async () => {
  const delivery = await fakeDelivery();
  const { server, queue } = delivery;
  delivery.emit(3);
  server.answer = () => {
    queue.takeLease();
    return webReply(500);
  };
  const report = await delivery.drain();
  assertEquals(report.stoppedBecause, "lease_lost");
  assertEquals(delivery.target.circuit, "closed");
});

Deno.test("who takes over sends again what was in flight, and counts once", async () => {
  const delivery = await fakeDelivery();
  const { server, queue } = delivery;
  const { answer } = server;
  delivery.emit(3);
  server.answer = (batch) => {
    queue.takeLease();
    return server.store(batch);
  };
  await delivery.drain();
  server.answer = answer;
  const report = await delivery.drain();
  assertEquals([report.accepted, report.duplicate], [0, 3]);
  assertEquals(delivery.states(), { duplicate: 3 });
  assertEquals(queue.meta()["delivered"], 3);
  const ends = queue.rows<{ outcome: string | null }>(
    "SELECT outcome FROM batches ORDER BY sent_at, batch_id",
  );
  assertEquals(ends.map(({ outcome }) => outcome), ["ambiguous", "settled"]);
});

Deno.test("a process that ends in the middle leaves the lease to the next", async () => {
  const delivery = await fakeDelivery();
  const { server, world, queue } = delivery;
  delivery.emit(3);
  server.answer = () => new Promise(() => {});
  delivery.drain();
  await world.advance(100);
  world.endProcess(queue.host.env.pid);
  const heir = await fakeDelivery({ world, hasConsent: false });
  const report = await heir.drain();
  assertEquals([report.stoppedBecause, report.accepted], ["done", 3]);
  assertEquals(heir.states(), { delivered: 3 });
});

Deno.test("the mark goes when nothing waits any more", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(3);
  assert(delivery.isMarked);
  await delivery.drain({ maxEvents: 2 });
  assert(delivery.isMarked);
  await delivery.drain();
  assert(!delivery.isMarked);
  assert(delivery.target.last_success_at !== null);
});

Deno.test("the mark stays for an event that the server has only queued", async () => {
  const delivery = await fakeDelivery();
  delivery.server.answer = (batch) =>
    delivery.server.store(batch, () => ({ status: "queued" }));
  delivery.emit(1);
  const report = await delivery.drain();
  assertEquals([report.stoppedBecause, report.pending], ["done", 1]);
  assert(delivery.isMarked);
});

Deno.test("an event that comes during the last request is marked again", async () => {
  const delivery = await fakeDelivery();
  const { server, queue } = delivery;
  delivery.emit(1);
  server.answer = (batch) => {
    // Within the second in which an emitter sets its mark only once.
    if (server.batches.length === 1) queue.change("late");
    return server.store(batch);
  };
  const report = await delivery.drain({ maxBatches: 1 });
  assertEquals([report.accepted, report.counts?.ready], [1, 1]);
  assert(delivery.isMarked);
});

Deno.test("the mark keeps its age while nothing goes forward", async () => {
  const delivery = await fakeDelivery();
  const { server, world, queue } = delivery;
  const { blocking } = queue.host;
  const age = () => blocking.stat(queue.paths.pending)?.modifiedAt;
  delivery.emit(4);
  const since = age();
  server.answer = () => webReply(502);
  await world.advance(60_000);
  await delivery.drain();
  assertEquals(age(), since);
  server.answer = (batch) => server.store(batch);
  await delivery.drain({ maxEvents: 1 });
  assertEquals(age(), delivery.host.clock.now());
});

Deno.test("drain() writes its report down for status and doctor", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(2);
  await delivery.drain();
  const { last_pass_at: at, last_pass: text } = delivery.target;
  assertEquals(at, delivery.host.clock.now());
  const facts = JSON.parse(text ?? "{}");
  assertEquals([facts.stoppedBecause, facts.accepted], ["done", 2]);
  delivery.tokens.given = { reason: "auth_required", detail: "" };
  await delivery.drain();
  const { last_success_at: good } = delivery.target;
  assertEquals(good, at);
  const last = JSON.parse(delivery.target.last_pass ?? "{}");
  assertEquals(last.stoppedBecause, "auth_required");
});

Deno.test("what the queue refuses ends the pass and keeps the lock free", async () => {
  const delivery = await fakeDelivery();
  const { world, queue, server } = delivery;
  delivery.emit(2);
  const { answer } = server;
  server.answer = (batch) => {
    world.failDatabase(queue.paths.queue, "no_space");
    return server.store(batch);
  };
  const error = await delivery.drain().then(() => "none", ({ code }) => code);
  assertEquals(error, "no_space");
  server.answer = answer;
  const report = await delivery.drain();
  assertEquals([report.duplicate, report.stoppedBecause], [2, "done"]);
});
