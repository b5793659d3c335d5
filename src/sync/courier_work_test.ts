import { assert, assertEquals } from "@std/assert";
import { fakeCourier } from "#support/fake_courier.ts";
import { webReply } from "#support/fake_host.ts";
import { ROOT } from "#support/tasks.ts";

const MINUTE_MS = 60_000;

Deno.test.each([
  { name: "a server that fails", status: 502, body: {}, works: "yes" },
  { name: "a server that throttles", status: 429, body: {}, works: "yes" },
  { name: "a portal", status: 200, body: {}, works: "yes" },
  { name: "another protocol", status: 412, body: {}, works: "no" },
  { name: "a forbidden workspace", status: 403, body: {}, works: "no" },
  { name: "a server elsewhere", status: 302, body: {}, works: "no" },
  { name: "a token that is refused", status: 401, body: {}, works: "no" },
])("$name keeps a daemon alive: $works", async ({ status, body, works }) => {
  const fake = await fakeCourier();
  const { courier, world, server, tokens } = fake;
  tokens.next = () => ({ reason: "auth_required", detail: "" });
  server.answer = () => webReply(status, body);
  fake.project().emit();
  courier.start();
  for (let round = 0; round < 20; round++) {
    await world.advance(MINUTE_MS);
    if (round > 1) assertEquals(courier.hasWork(), works === "yes", `${round}`);
  }
  await courier.stop();
});

Deno.test.each(
  ["auth_required", "auth_unreadable", "workspace_missing"] as const,
)(
  "%s keeps no daemon alive and asks nobody",
  async (reason) => {
    const fake = await fakeCourier();
    const { courier, world, tokens } = fake;
    tokens.given = { reason, detail: "" };
    const project = fake.project();
    project.emit();
    courier.start();
    await world.advance(MINUTE_MS);
    assert(!courier.hasWork());
    assertEquals([world.web.requests, courier.lastWorkAt()], [[], 0]);
    assert(project.isMarked);
    await courier.stop();
  },
);

Deno.test("a sign-in that cannot be refreshed right now keeps it alive", async () => {
  const fake = await fakeCourier();
  const { courier, world, tokens } = fake;
  tokens.given = { reason: "transient", detail: "" };
  fake.project().emit();
  courier.start();
  await world.advance(MINUTE_MS);
  assert(courier.hasWork());
  await courier.stop();
});

Deno.test("work is done while a request is under way, and no longer", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  server.answer = async (batch) => {
    await world.clock.sleep(20_000);
    return server.store(batch);
  };
  fake.project().emit();
  courier.start();
  await world.advance(10_000);
  assert(courier.hasWork());
  await world.advance(11_000);
  assert(!courier.hasWork());
  assert(courier.lastWorkAt() >= 20_000);
  await courier.stop();
  assert(!courier.hasWork());
});

Deno.test("an event that is refused keeps it alive until it is given up", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  server.answer = (batch) =>
    server.store(batch, () => ({ status: "rejected", code: "unknown" }));
  fake.project().emit();
  courier.start();
  await world.advance(MINUTE_MS);
  assert(courier.hasWork());
  await world.advance(24 * 60 * MINUTE_MS);
  assert(!courier.hasWork());
  await courier.stop();
});

Deno.test("a queue that goes away keeps nothing alive", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  server.answer = () => webReply(502);
  const project = fake.project();
  project.emit();
  courier.start();
  await world.advance(MINUTE_MS);
  assert(courier.hasWork());
  world.disk.take(project.paths.queue);
  await world.advance(MINUTE_MS);
  assert(!courier.hasWork());
  await courier.stop();
});

Deno.test("a project that opts out keeps nothing alive", async () => {
  const { optOut } = await import("../queue/consent.ts");
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  server.answer = () => webReply(502);
  const project = fake.project();
  project.emit();
  courier.start();
  await world.advance(MINUTE_MS);
  const store = project.open();
  optOut(store, "ada", world.clock.now());
  store.db.close();
  await world.advance(MINUTE_MS);
  assert(!courier.hasWork());
  await courier.stop();
});

Deno.test("publish() waits a moment and tells what became of the event", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  const project = fake.project();
  courier.start();
  await world.advance(5000);
  const [id = ""] = project.emit();
  const before = world.clock.elapsed();
  const event = { project: project.id, id };
  assertEquals(await courier.publish(event), "published");
  assert(world.clock.elapsed() - before < 400);
  server.answer = () => new Promise(() => {});
  await world.advance(5000);
  const [slow = ""] = project.emit();
  const then = world.clock.elapsed();
  assertEquals(
    await courier.publish({ project: project.id, id: slow }),
    "queued",
  );
  assertEquals(world.clock.elapsed() - then, 400);
  await courier.stop();
});

Deno.test("publish() of an event that is not stored is queued at most", async () => {
  const fake = await fakeCourier();
  const { courier, world } = fake;
  const project = fake.project();
  courier.start();
  await world.advance(5000);
  const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const ghost = "6f1c3c1e-6c2b-4f0e-9a55-999999999999";
  for (const name of [project.id, ghost]) {
    assertEquals(await courier.publish({ project: name, id }), "queued");
  }
  assertEquals(world.web.requests.length, 0);
  await courier.stop();
});

Deno.test("publish() outlives a queue that refuses", async () => {
  const fake = await fakeCourier();
  const { courier, world } = fake;
  const project = fake.project();
  const [id = ""] = project.emit();
  courier.start();
  await world.advance(5000);
  world.failFiles((path) => path.includes(project.id), "permission_denied");
  assertEquals(await courier.publish({ project: project.id, id }), "queued");
  await courier.stop();
});

Deno.test("health() tells of the last delivery and of failures in a row", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  const project = fake.project();
  assertEquals(courier.health().isRunning, Boolean(0));
  courier.start();
  await world.advance(5000);
  project.emit();
  server.answer = () => webReply(502);
  courier.trigger(project.id);
  await world.advance(5 * MINUTE_MS);
  const { failures, isRunning } = courier.health();
  assert(isRunning && failures > 0, `${failures}`);
  server.answer = (batch) => server.store(batch);
  await world.advance(10 * MINUTE_MS);
  const healed = courier.health();
  assertEquals(healed.failures, 0);
  assert((healed.lastSyncAt ?? 0) > world.clock.now() - 11 * MINUTE_MS);
  await courier.stop();
});

Deno.test("stop() ends a round in the middle and leaves the rest ready", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  server.answer = () => new Promise(() => {});
  const one = fake.project();
  const other = fake.project();
  one.emit(2);
  other.emit(2);
  courier.start();
  await world.advance(200);
  const before = world.clock.elapsed();
  await courier.stop();
  assertEquals(world.clock.elapsed(), before);
  assertEquals(server.batches.length, 1);
  const row = one.open().db.get<{ n: number }>(
    "SELECT count(*) AS n FROM deliveries WHERE state = 'ready'",
  );
  assertEquals([row?.n, other.isMarked], [2, true]);
});

Deno.test("the person's settings are read anew for each round", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  const project = fake.project();
  courier.start();
  await world.advance(200);
  world.disk.put(
    `${ROOT}/config.json`,
    JSON.stringify({
      "schema_version": 1,
      sync: { batch: { "max_events": 2 } },
    }),
  );
  project.emit(5);
  await world.advance(MINUTE_MS);
  assertEquals(server.batches.map(({ ids }) => ids.length), [2, 2, 1]);
  await courier.stop();
});
