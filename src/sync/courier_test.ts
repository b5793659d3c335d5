import { assert, assertEquals } from "@std/assert";
import { fakeCourier } from "#support/fake_courier.ts";
import { webReply } from "#support/fake_host.ts";
import { ROOT } from "#support/tasks.ts";

const MINUTE_MS = 60_000;
const GHOST = "6f1c3c1e-6c2b-4f0e-9a55-999999999999";

Deno.test("a courier delivers what is marked, project by project", async () => {
  const fake = await fakeCourier();
  const { courier, server, world } = fake;
  const projects = [fake.project(), fake.project(), fake.project()];
  for (const project of projects) project.emit(2);
  courier.start();
  await world.advance(200);
  assertEquals(projects.map(({ delivered }) => delivered), [2, 2, 2]);
  for (const { isMarked } of projects) assert(!isMarked);
  for (const { text } of server.batches) {
    const ids = JSON.parse(text).events.map((event: Record<string, string>) =>
      event["project_uuid"]
    );
    assertEquals(new Set(ids).size, 1);
  }
  await courier.stop();
});

Deno.test("a courier that has not begun does nothing", async () => {
  const fake = await fakeCourier();
  const { courier, world } = fake;
  fake.project().emit();
  courier.trigger(undefined);
  await world.advance(MINUTE_MS);
  assertEquals(world.web.requests, []);
  assert(!courier.hasWork() && !courier.health().isRunning);
  await courier.stop();
});

Deno.test("a mark that comes later is seen in the next round", async () => {
  const fake = await fakeCourier();
  const { courier, world } = fake;
  const project = fake.project();
  courier.start();
  await world.advance(200);
  project.emit();
  await world.advance(MINUTE_MS);
  assertEquals(project.delivered, 1);
  await courier.stop();
});

Deno.test("trigger() asks for a round soon, at most one each second", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  const project = fake.project();
  courier.start();
  await world.advance(2000);
  for (let at = 1; at <= 5; at++) {
    project.emit();
    courier.trigger(project.id);
  }
  await world.advance(100);
  assertEquals([project.delivered, server.batches.length], [5, 1]);
  project.emit();
  courier.trigger(project.id);
  await world.advance(900);
  assertEquals(project.delivered, 5);
  await world.advance(100);
  assertEquals(project.delivered, 6);
  await courier.stop();
});

Deno.test("a project that is asked for needs no mark", async () => {
  const fake = await fakeCourier();
  const { courier, world, host } = fake;
  const project = fake.project();
  courier.start();
  await world.advance(2000);
  project.emit();
  host.blocking.remove(project.paths.pending);
  courier.trigger(project.id);
  await world.advance(100);
  assertEquals(project.delivered, 1);
  await courier.stop();
});

Deno.test("a project without a mark is found at the start and every 15 minutes", async () => {
  const fake = await fakeCourier();
  const { courier, world, host } = fake;
  const project = fake.project();
  const emitUnmarked = () => {
    project.emit();
    host.blocking.remove(project.paths.pending);
  };
  emitUnmarked();
  courier.start();
  await world.advance(200);
  assertEquals(project.delivered, 1);
  emitUnmarked();
  await world.advance(14 * MINUTE_MS);
  assertEquals(project.delivered, 1);
  await world.advance(2 * MINUTE_MS);
  assertEquals(project.delivered, 2);
  await courier.stop();
});

Deno.test("a mark without a queue goes away and makes no queue", async () => {
  const fake = await fakeCourier();
  const { courier, world, host } = fake;
  const mark = `${ROOT}/pending/${GHOST}`;
  host.blocking.makeDirectory(`${ROOT}/pending`);
  host.blocking.touch(mark);
  const { length } = world.writes;
  courier.start();
  courier.trigger(GHOST);
  await world.advance(200);
  assertEquals(host.blocking.stat(mark), undefined);
  assertEquals(world.writes.slice(length), [mark]);
  assertEquals(world.web.requests, []);
  assert(!courier.hasWork());
  await courier.stop();
});

Deno.test.each(["", "..", "../../x", "_unassigned", GHOST.toUpperCase()])(
  "trigger() of %s opens nothing",
  async (name) => {
    const fake = await fakeCourier();
    const { courier, world, host } = fake;
    host.blocking.makeDirectory(`${ROOT}/pending`);
    if (name.length > 2 && !name.includes("/")) {
      host.blocking.touch(`${ROOT}/pending/${name}`);
    }
    const { length } = world.writes;
    courier.start();
    courier.trigger(name);
    await world.advance(200);
    assertEquals(world.writes.length, length);
    assertEquals(fake.lines, []);
    const event = { project: name, id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" };
    assertEquals(await courier.publish(event), "queued");
    await courier.stop();
  },
);

Deno.test.each([
  { name: "has not opted in", options: { hasConsent: false } },
  { name: "wants no background", options: { allowsBackground: false } },
])("a project that $name is left alone", async ({ options }) => {
  const fake = await fakeCourier();
  const { courier, world } = fake;
  const project = fake.project(options);
  project.emit();
  courier.start();
  for (let round = 0; round < 3; round++) {
    courier.trigger(project.id);
    await world.advance(MINUTE_MS);
  }
  assertEquals([world.web.requests, fake.tokens.asked], [[], 0]);
  assert(!courier.hasWork());
  assertEquals(courier.lastWorkAt(), 0);
  const row = project.open().db.get("SELECT last_pass_at AS at FROM target");
  assertEquals(row?.["at"], null);
  await courier.stop();
});

Deno.test.each(["damaged", "io", "permission_denied"] as const)(
  "a queue that is %s does not block the others",
  async (code) => {
    const fake = await fakeCourier();
    const { courier, world } = fake;
    const broken = fake.project();
    const sound = fake.project();
    broken.emit();
    world.failFiles(broken.paths.queue, code, { operation: "openDatabase" });
    courier.start();
    for (let round = 1; round <= 3; round++) {
      sound.emit();
      courier.trigger(undefined);
      await world.advance(MINUTE_MS);
      assertEquals(sound.delivered, round);
    }
    await courier.stop();
  },
);

Deno.test.each(["tryLock", "stat", "takeLocked"] as const)(
  "a project whose files refuse %s does not block the others",
  async (operation) => {
    const fake = await fakeCourier();
    const { courier, world, host } = fake;
    const broken = fake.project();
    const sound = fake.project();
    broken.emit();
    host.blocking.appendLocked(broken.paths.overflow, "torn\n", 1000);
    const isBroken = (path: string) => path.includes(broken.id);
    const heal = world.failFiles(isBroken, "permission_denied", { operation });
    courier.start();
    for (let round = 1; round <= 3; round++) {
      sound.emit();
      courier.trigger(undefined);
      await world.advance(MINUTE_MS);
      assertEquals(sound.delivered, round);
    }
    assert(fake.lines.some((line) => line.includes(broken.id)), operation);
    heal();
    courier.trigger(broken.id);
    await world.advance(2000);
    assertEquals(broken.delivered, 1);
    await courier.stop();
  },
);

Deno.test("a server that fails for one project does not block the others", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  const one = fake.project();
  const other = fake.project();
  server.answer = (batch) =>
    batch.text.includes(one.id) ? webReply(502) : server.store(batch);
  one.emit();
  other.emit();
  courier.start();
  await world.advance(200);
  assertEquals([one.delivered, other.delivered], [0, 1]);
  assert(courier.hasWork());
  server.answer = (batch) => server.store(batch);
  await world.advance(10 * MINUTE_MS);
  assertEquals(one.delivered, 1);
  assert(!courier.hasWork());
  await courier.stop();
});

Deno.test("many events of one project leave the others their turn", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  server.limits = { "max_events_per_batch": 1 };
  const one = fake.project();
  const other = fake.project();
  one.emit(120);
  other.emit(1);
  courier.start();
  await world.advance(105);
  assertEquals([one.delivered, other.delivered], [50, 1]);
  await world.advance(5000);
  assertEquals(one.delivered, 120);
  await courier.stop();
});

Deno.test("a pass that is slow goes on at once after its time", async () => {
  const fake = await fakeCourier();
  const { courier, world, server } = fake;
  server.limits = { "max_events_per_batch": 1 };
  server.answer = async (batch) => {
    await world.clock.sleep(10_000);
    return server.store(batch);
  };
  const project = fake.project();
  project.emit(9);
  courier.start();
  await world.advance(100_000);
  assertEquals(project.delivered, 9);
  await courier.stop();
});
