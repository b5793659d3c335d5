import { assert, assertEquals } from "@std/assert";
import { fakeDelivery } from "#support/fake_delivery.ts";
import { webReply } from "#support/fake_host.ts";
import { SERVER, TOKEN } from "#support/fake_receiver.ts";
import { optOut } from "../queue/consent.ts";

const LATER = { maxEvents: 3, maxBytes: 200_000 };

Deno.test("drain() delivers everything in the order of its capture", async () => {
  const delivery = await fakeDelivery();
  const { server } = delivery;
  const ids = delivery.emit(5);
  const report = await delivery.drain({ size: LATER });
  assertEquals(server.batches.map(({ ids }) => ids), [
    ids.slice(0, 3),
    ids.slice(3),
  ]);
  assertEquals(report.stoppedBecause, "done");
  const { claimed, accepted, requests, counts } = report;
  assertEquals([claimed, accepted, requests], [5, 5, 2]);
  assertEquals([counts?.ready, counts?.delivered], [0, 5]);
  assertEquals(delivery.states(), { delivered: 5 });
  assertEquals(
    report.bytes,
    server.batches.reduce((sum, { text }) => sum + text.length, 0),
  );
});

Deno.test("drain() with nothing to send asks for no events", async () => {
  const delivery = await fakeDelivery();
  const report = await delivery.drain();
  assertEquals([report.stoppedBecause, report.claimed], ["done", 0]);
  assertEquals(delivery.server.batches, []);
});

Deno.test("drain() tells of each batch", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(7);
  const seen: number[] = [];
  await delivery.drain({
    size: LATER,
    onProgress: ({ accepted }) => void seen.push(accepted),
  });
  assertEquals(seen, [3, 6, 7]);
});

Deno.test.each([
  { name: "batches", limit: { maxBatches: 2 }, sent: 6, reason: "limit" },
  { name: "events", limit: { maxEvents: 4 }, sent: 4, reason: "limit" },
  {
    name: "all of the events",
    limit: { maxEvents: 9 },
    sent: 9,
    reason: "limit",
  },
  { name: "time", limit: { deadlineMs: 250 }, sent: 9, reason: "deadline" },
])("drain() ends at its limit of $name", async ({ limit, sent, reason }) => {
  const delivery = await fakeDelivery();
  const { server, world } = delivery;
  server.answer = async (batch) => {
    await world.clock.sleep(100);
    return server.store(batch);
  };
  delivery.emit(9);
  const report = await delivery.drain({ size: LATER, ...limit });
  assertEquals<unknown>([report.stoppedBecause, server.stored.size], [
    reason,
    sent,
  ]);
  assertEquals(delivery.states()["inflight"], undefined);
});

Deno.test("drain() leaves the queue to whoever delivers already", async () => {
  const delivery = await fakeDelivery();
  const { world, server, queue } = delivery;
  delivery.emit(1);
  const answered = Promise.withResolvers<void>();
  server.answer = async (batch) => {
    await answered.promise;
    return server.store(batch);
  };
  const first = delivery.drain();
  await world.advance(10);
  const second = await delivery.drainBehind();
  assertEquals(second.stoppedBecause, "busy");
  assertEquals(second.detail, `process ${queue.host.env.pid}`);
  assertEquals(second.counts?.inflight, 1);
  const late = delivery.drain({ leaseWaitMs: 10_000 });
  await world.advance(5000);
  answered.resolve();
  assertEquals((await first).accepted, 1);
  assertEquals((await late).stoppedBecause, "done");
  assertEquals(server.batches.length, 1);
});

Deno.test("drain() sends nothing of a project that has not opted in", async () => {
  const delivery = await fakeDelivery({ hasConsent: false });
  delivery.emit(3);
  const report = await delivery.drain();
  assertEquals(report.stoppedBecause, "no_consent");
  assertEquals([delivery.server.batches, delivery.server.asked], [[], 0]);
  assertEquals([delivery.tokens.asked, delivery.target.url], [0, null]);
  assertEquals(delivery.states(), { new: 3 });
});

Deno.test("drain() sends nothing that was captured before the opt-in", async () => {
  const delivery = await fakeDelivery();
  const { queue, server } = delivery;
  const before = delivery.emit(2);
  optOut(queue.store, "ada", queue.host.clock.now());
  const sealed = await delivery.drain();
  assertEquals(sealed.stoppedBecause, "no_consent");
  assertEquals(server.stored.size, 0);
  assertEquals(before.length, 2);
});

Deno.test("an opt-out during a pass ends it behind the batch", async () => {
  const delivery = await fakeDelivery();
  const { queue, server } = delivery;
  server.answer = (batch) => {
    optOut(queue.store, "ada", queue.host.clock.now());
    return server.store(batch);
  };
  delivery.emit(9);
  const report = await delivery.drain({ size: LATER });
  assertEquals([report.accepted, server.stored.size], [3, 3]);
  assertEquals(delivery.states(), { delivered: 3, new: 6 });
});

Deno.test.each(
  [
    "auth_required",
    "auth_unreadable",
    "transient",
    "workspace_missing",
  ] as const,
)("drain() without a token for %s asks nobody", async (reason) => {
  const delivery = await fakeDelivery();
  delivery.tokens.given = { reason, detail: "so it is" };
  delivery.emit(2);
  const report = await delivery.drain();
  assertEquals([report.stoppedBecause, report.detail], [reason, "so it is"]);
  assertEquals([delivery.server.asked, delivery.server.batches], [0, []]);
  assertEquals(delivery.states(), { new: 2 });
  assertEquals(delivery.target.paused_reason, null);
  assert(delivery.isMarked);
});

Deno.test("drain() writes down who receives before it sends", async () => {
  const delivery = await fakeDelivery();
  delivery.emit(1);
  const { url, workspace, account } = delivery.target;
  assertEquals([url, workspace, account], [null, null, null]);
  await delivery.drain();
  const { target } = delivery;
  assertEquals([target.url, target.workspace, target.account], [
    SERVER,
    "acme",
    "ada",
  ]);
  const rows = delivery.queue.rows(
    "SELECT url, workspace, account FROM batches",
  );
  assertEquals<unknown>(rows.map((row) => ({ ...row })), [
    { url: SERVER, workspace: "acme", account: "ada" },
  ]);
});

Deno.test("another person or workspace gets what is left, with an audit row", async () => {
  const delivery = await fakeDelivery();
  const { server, tokens } = delivery;
  delivery.emit(2);
  server.answer = () => webReply(503);
  await delivery.drain();
  assertEquals(delivery.target.failures, 1);
  server.answer = (batch) => server.store(batch);
  tokens.given = { ...TOKEN, account: "bob", workspace: "other" };
  const report = await delivery.drain();
  // Nothing is known of the new place, so nothing is held against it.
  assertEquals([report.accepted, server.batches.at(-1)?.ids.length], [2, 2]);
  assertEquals(
    server.batches.at(-1)?.headers["X-Reeve-Workspace"],
    "other",
  );
  const audits = delivery.queue.rows<{ details: string }>(
    "SELECT details FROM audit WHERE action = 'bind_target' ORDER BY a_id",
  );
  assertEquals(audits.map(({ details }) => JSON.parse(details).account), [
    "ada",
    "bob",
  ]);
  const projects = [...server.stored.values()]
    .map((body) => JSON.parse(body).project_uuid);
  assertEquals(new Set(projects), new Set([delivery.queue.store.projectId]));
});

Deno.test("drain() brings in what waits in the overflow file", async () => {
  const delivery = await fakeDelivery();
  const { queue, server } = delivery;
  const end = delivery.world.failDatabase(queue.paths.queue, "busy", {
    times: 3,
  });
  for (let at = 0; at < 3; at++) {
    assertEquals(queue.emit("TaskChanged", `t${at}`).kind, "spilled");
  }
  end();
  const report = await delivery.drain();
  assertEquals([report.imported, report.accepted], [3, 3]);
  assertEquals([server.stored.size, report.counts?.overflowBytes], [3, 0]);
});

Deno.test("drain() makes room for what waits in the overflow file", async () => {
  const delivery = await fakeDelivery({ limits: { maxRows: 10 } });
  const { queue, server } = delivery;
  delivery.emit(10);
  for (let at = 0; at < 25; at++) {
    assertEquals(queue.emit("TaskChanged", `s${at}`).kind, "spilled");
  }
  const report = await delivery.drain();
  assertEquals(report.stoppedBecause, "done");
  assertEquals([server.stored.size, report.accepted], [35, 35]);
  assertEquals(report.counts?.overflowBytes, 0);
});

Deno.test("drain() gives up bodies that were delivered long ago", async () => {
  const delivery = await fakeDelivery();
  const { world, queue } = delivery;
  const bodies = () =>
    queue.rows<{ n: number }>("SELECT count(body) AS n FROM events")[0]?.n;
  delivery.emit(3);
  await delivery.drain();
  await world.advance(5_000);
  delivery.emit(2);
  await delivery.drain({ keepBodiesMs: 5_001 });
  assertEquals(bodies(), 5);
  await world.advance(1);
  await delivery.drain();
  assertEquals(bodies(), 5);
  await delivery.drain({ keepBodiesMs: 5_001 });
  assertEquals(bodies(), 2);
});
