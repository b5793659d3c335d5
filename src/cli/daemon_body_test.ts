import { assert, assertEquals } from "@std/assert";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import { FakeReceiver, SERVER } from "#support/fake_receiver.ts";
import { queueHostOf } from "#support/fake_queue.ts";
import { ORIGIN, PROJECT_ID, ROOT, TASK_TYPES } from "#support/tasks.ts";
import type { Log } from "../host/host.ts";
import { DEFAULT_LIMITS } from "../queue/capacity.ts";
import { optIn } from "../queue/consent.ts";
import { Emitter } from "../queue/emitter.ts";
import { createRegistry } from "../queue/registry.ts";
import { ProjectSink } from "../queue/sink.ts";
import { openStore } from "../queue/store.ts";
import { statePaths } from "../state/paths.ts";
import { projectPaths } from "../state/project_paths.ts";
import { LazyBody } from "./daemon_body.ts";
// Loaded here, so that no fake time passes while it is read from disk.
import "./daemon_courier.ts";

const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const PATHS = projectPaths({ root: ROOT }, PROJECT_ID);

/** A daemon's body, its log and its server. */
class Played {
  readonly host: FakeHost;
  readonly lines: string[] = [];
  readonly server = new FakeReceiver();
  readonly body: LazyBody;
  /** Whether SQLite can be loaded. */
  isBroken = false;
  /** How often somebody has asked for it. */
  loads = 0;

  constructor() {
    this.host = createFakeHost({
      env: { REEVE_TOKEN: "token", REEVE_SERVER_URL: SERVER },
      gate: async (operation) => {
        if (operation !== "databases") return;
        this.loads++;
        if (this.isBroken) throw new Error("no SQLite here");
        await Promise.resolve();
      },
    });
    this.host.world.web.respond = this.server.respond;
    this.host.world.disk.put(
      `${ROOT}/config.json`,
      JSON.stringify({ "schema_version": 1, sync: { workspace: "acme" } }),
    );
    const note = (message: string) => void this.lines.push(message);
    const log: Log = {
      info: note,
      warn: note,
      error: note,
      close: () => Promise.resolve(),
    };
    this.body = new LazyBody(this.host, statePaths(ROOT), log);
  }

  /** Captures one event as another program does, and gives its id. */
  async emit(): Promise<string> {
    const host = await queueHostOf(this.host.world.host());
    const options = { root: ROOT, projectId: PROJECT_ID, paths: PATHS };
    const opening = openStore(host, options);
    if (opening.kind !== "open") throw new Error(opening.kind);
    optIn(opening.store, "ada", host.clock.now());
    const sink = new ProjectSink(host, {
      ...options,
      limits: DEFAULT_LIMITS,
      overflow: "spill",
    });
    const outcome = new Emitter(host, {
      registry: createRegistry(TASK_TYPES),
      sink,
      origin: () => ORIGIN,
      isOff: false,
      warn: () => {},
    }).emit("TaskChanged", { aggregateId: "t", payload: {} });
    sink.close();
    if (outcome.kind !== "captured") throw new Error(outcome.kind);
    return outcome.eventId;
  }

  /** Lets time pass. */
  advance(ms: number): Promise<void> {
    return this.host.world.advance(ms);
  }
}

Deno.test("LazyBody loads nothing while nothing waits", async () => {
  const played = new Played();
  const { body } = played;
  body.start();
  await played.advance(3_600_000);
  assertEquals([played.loads, body.hasWork(), body.lastWorkAt()], [
    0,
    false,
    0,
  ]);
  assert(body.health().isRunning);
  await body.stop();
});

Deno.test("LazyBody delivers what waits when it begins", async () => {
  const played = new Played();
  const { body, server } = played;
  await played.emit();
  body.start();
  await played.advance(1000);
  assertEquals([played.loads, server.stored.size], [1, 1]);
  assert(body.lastWorkAt() > 0);
  await body.stop();
});

Deno.test("LazyBody finds a mark within half a minute", async () => {
  const played = new Played();
  const { body, server } = played;
  body.start();
  await played.advance(1000);
  await played.emit();
  await played.advance(30_000);
  assertEquals(server.stored.size, 1);
  await body.stop();
});

Deno.test("LazyBody loads with the first trigger, and only once", async () => {
  const played = new Played();
  const { body, server } = played;
  body.start();
  await played.emit();
  for (let at = 0; at < 5; at++) body.trigger(PROJECT_ID);
  assert(body.hasWork());
  await played.advance(1000);
  assertEquals([played.loads, server.stored.size], [1, 1]);
  await body.stop();
});

Deno.test("LazyBody publishes what is stored, and queues what is not", async () => {
  const played = new Played();
  const { body } = played;
  body.start();
  const id = await played.emit();
  const known = { project: PROJECT_ID, id };
  assertEquals(await body.publish(known), "published");
  assertEquals(await body.publish({ project: PROJECT_ID, id: ID }), "queued");
  await body.stop();
});

Deno.test("LazyBody does nothing before it begins or after it ends", async () => {
  const played = new Played();
  const { body, server } = played;
  await played.emit();
  const event = { project: PROJECT_ID, id: ID };
  const probe = async () => {
    body.trigger(PROJECT_ID);
    assertEquals(await body.publish(event), "queued");
    await played.advance(60_000);
    assert(!body.health().isRunning && !body.hasWork());
    assertEquals(server.batches, []);
  };
  await probe();
  body.start();
  await body.stop();
  await probe();
  await body.stop();
});

Deno.test("LazyBody stops what it is about to load", async () => {
  const played = new Played();
  const { body, server } = played;
  await played.emit();
  body.start();
  const stopping = body.stop();
  await stopping;
  await played.advance(600_000);
  assertEquals([server.batches, body.hasWork()], [[], false]);
});

Deno.test("LazyBody stops a delivery under way at once", async () => {
  const played = new Played();
  const { body, server, host } = played;
  server.answer = () => new Promise(() => {});
  await played.emit();
  body.start();
  await played.advance(1000);
  assert(body.hasWork());
  const before = host.clock.elapsed();
  await body.stop();
  assertEquals(host.clock.elapsed(), before);
  assertEquals(server.batches.length, 1);
});

Deno.test("LazyBody that cannot load says so, and tries again", async () => {
  const played = new Played();
  const { body, server } = played;
  await played.emit();
  played.isBroken = true;
  body.start();
  await played.advance(1000);
  assertEquals(played.lines, ["delivery cannot start: no SQLite here"]);
  // It must neither keep the daemon alive nor take what it cannot deliver.
  const { isRunning, failures } = body.health();
  assertEquals([body.hasWork(), isRunning, failures], [false, false, 1]);
  const event = { project: PROJECT_ID, id: ID };
  assertEquals(await body.publish(event), "queued");
  played.isBroken = false;
  await played.advance(30_000);
  assertEquals(server.stored.size, 1);
  assert(body.health().isRunning);
  await body.stop();
});

Deno.test("LazyBody outlives a state root that cannot be read", async () => {
  const played = new Played();
  const { body, host, server } = played;
  await played.emit();
  const heal = host.world.failFiles(`${ROOT}/pending`, "permission_denied", {
    operation: "list",
  });
  body.start();
  await played.advance(60_000);
  assertEquals(played.loads, 0);
  heal();
  await played.advance(31_000);
  assertEquals(server.stored.size, 1);
  await body.stop();
});
