import { assert, assertEquals } from "@std/assert";
import { fakeRuntime } from "#support/fake_runtime.ts";
import { webReply } from "#support/fake_host.ts";
import type { RuntimeSocket } from "./runtime_options.ts";

const MINUTE_MS = 60_000;
const THERE = true;
const GONE = false;

Deno.test("a runtime that is only made does nothing", async () => {
  const program = await fakeRuntime({ hasConsent: false });
  const { runtime, world, tokens } = program;
  assertEquals(runtime.state, { kind: "idle" });
  assert(!runtime.hasNews);
  assertEquals([world.writes, world.web.requests, tokens.asked], [[], [], 0]);
});

Deno.test("what is emitted is delivered soon, by itself", async () => {
  const program = await fakeRuntime();
  const { runtime, world, server } = program;
  await runtime.start();
  for (let at = 0; at < 3; at++) program.emit(`t${at}`);
  await world.advance(100);
  assertEquals(server.stored.size, 3);
  for (let at = 3; at < 6; at++) program.emit(`t${at}`);
  await world.advance(4999);
  assertEquals(server.batches.length, 1);
  await world.advance(1);
  assertEquals([server.stored.size, server.batches.length], [6, 2]);
  await runtime.stop();
});

Deno.test("what was captured before the start is delivered with it", async () => {
  const program = await fakeRuntime();
  const { runtime, world, server } = program;
  program.emit();
  assert(runtime.hasNews);
  await runtime.start();
  await world.advance(100);
  assertEquals(server.stored.size, 1);
  await runtime.stop();
});

Deno.test("emit() captures in every state of the runtime", async () => {
  const program = await fakeRuntime();
  const { runtime, world } = program;
  const kinds = [program.emit().kind];
  const starting = runtime.start();
  assertEquals(runtime.state, { kind: "starting" });
  kinds.push(program.emit().kind);
  await starting;
  kinds.push(program.emit().kind);
  await world.advance(100);
  kinds.push(program.emit().kind);
  const stopping = runtime.stop();
  assertEquals(runtime.state, { kind: "stopping" });
  kinds.push(program.emit().kind);
  assertEquals(new Set(kinds), new Set(["captured"]));
  await stopping;
  assertEquals(runtime.state, { kind: "stopped" });
  assertEquals(program.emit().kind, "failed");
});

Deno.test("emit() captures while the server is down, slow or rude", async () => {
  const program = await fakeRuntime();
  const { runtime, world, server } = program;
  await runtime.start();
  const answers = [
    () => webReply(500),
    () => new Promise<never>(() => {}),
    () => webReply(200, "<p>Welcome"),
    () => webReply(302),
  ];
  for (const answer of answers) {
    server.answer = answer;
    assertEquals(program.emit().kind, "captured");
    await world.advance(MINUTE_MS);
  }
  server.answer = (batch) => server.store(batch);
  await world.advance(2 * 60 * MINUTE_MS);
  assertEquals(server.stored.size, answers.length);
  assertEquals(program.warnings, []);
  await runtime.stop();
});

Deno.test("attachEmitter() counts each emitter once and wakes delivery", async () => {
  const program = await fakeRuntime();
  const { runtime, world, server } = program;
  await runtime.start();
  await world.advance(MINUTE_MS);
  const { emitter } = runtime;
  assertEquals(emitter, runtime.emitter);
  assert(runtime.attachEmitter(emitter));
  assert(!runtime.attachEmitter(emitter));
  assert(runtime.attachEmitter({}));
  assertEquals(server.batches, []);
  await runtime.stop();
});

Deno.test("trouble of a pass is told once about each", async () => {
  const program = await fakeRuntime();
  const { runtime, world, server } = program;
  await runtime.start();
  const { lock } = program.paths;
  const heal = world.failFiles(lock, "permission_denied", {
    operation: "tryLock",
  });
  for (let at = 0; at < 4; at++) {
    program.emit();
    await world.advance(10_000);
  }
  assertEquals(program.warnings.length, 1, program.warnings.join("\n"));
  heal();
  program.emit();
  await world.advance(10_000);
  assertEquals(server.stored.size, 5);
  await runtime.stop();
});

Deno.test("a person who cannot be told does not end delivery", async () => {
  const warn = () => {
    throw new Error("nobody listens");
  };
  const program = await fakeRuntime({ warn });
  const { runtime, world, server } = program;
  await runtime.start();
  const { lock } = program.paths;
  const heal = world.failFiles(lock, "permission_denied", {
    operation: "tryLock",
  });
  program.emit();
  await world.advance(10_000);
  heal();
  program.emit();
  await world.advance(10_000);
  assertEquals(server.stored.size, 2);
  await runtime.stop();
});

/** A socket that takes everything at once. */
function openSocket(taken: string[]): RuntimeSocket {
  return {
    isOpen: true,
    target: {
      url: "http://127.0.0.1:8080",
      workspace: "acme",
      account: "ada",
    },
    publish: (events) => {
      taken.push(...events.map(({ eventId }) => eventId));
      const verdict = { kind: "delivered" } as const;
      return Promise.resolve(events.map((event) => ({ event, verdict })));
    },
    stop: () => Promise.resolve(),
  };
}

Deno.test("with an open socket an event goes at once and without a gap", async () => {
  const taken: string[] = [];
  const program = await fakeRuntime({ openLive: () => openSocket(taken) });
  const { runtime, world, server } = program;
  await runtime.start();
  for (let at = 1; at <= 5; at++) {
    program.emit(`t${at}`);
    await world.advance(2);
    assertEquals(taken.length, at);
  }
  assertEquals(server.batches, []);
  await runtime.stop();
});

Deno.test("while a daemon runs, it is told and nothing goes from here", async () => {
  const nudges: number[] = [];
  const nudgeDaemon = () => {
    nudges.push(nudges.length);
    return Promise.resolve(THERE);
  };
  const openLive = () => openSocket([]);
  const program = await fakeRuntime({ nudgeDaemon, openLive });
  const { runtime, world, server } = program;
  assertEquals<unknown>(await runtime.start(), {
    kind: "running",
    mode: "delegated",
  });
  assert(!runtime.hasSocket && !runtime.hasBackground);
  program.emit();
  await world.advance(MINUTE_MS);
  assert(nudges.length >= 2);
  await runtime.stop();
  assertEquals(server.batches, []);
});

Deno.test.each([
  { name: "is gone", there: () => Promise.resolve(GONE) },
  { name: "cannot be asked", there: () => Promise.reject(new Error("no")) },
])("when the daemon $name, delivery is ours again", async ({ there }) => {
  let isThere: () => Promise<boolean> = () => Promise.resolve(THERE);
  const nudgeDaemon = () => isThere();
  const program = await fakeRuntime({ nudgeDaemon });
  const { runtime, world, server } = program;
  await runtime.start();
  isThere = there;
  program.emit();
  await world.advance(10_000);
  assertEquals(server.stored.size, 1);
  assertEquals<unknown>(runtime.state, { kind: "running", mode: "batch" });
  await runtime.stop();
});

Deno.test("a daemon that cannot be asked does not stop the start", async () => {
  const nudgeDaemon = () => Promise.reject(new Error("no state root"));
  const program = await fakeRuntime({ nudgeDaemon });
  const { runtime, world, server } = program;
  assertEquals<unknown>(await runtime.start(), {
    kind: "running",
    mode: "batch",
  });
  program.emit();
  await world.advance(10_000);
  assertEquals(server.stored.size, 1);
  await runtime.stop();
});

Deno.test("a daemon that is gone and a queue that is closed end nothing", async () => {
  let isThere = true;
  const nudgeDaemon = () => Promise.resolve(isThere);
  const program = await fakeRuntime({ nudgeDaemon });
  const { runtime, world } = program;
  program.emit();
  await runtime.start();
  isThere = false;
  runtime.close();
  world.failFiles(program.paths.queue, "io", { operation: "openDatabase" });
  runtime.wake();
  await world.advance(10_000);
  await runtime.stop();
  assert(program.warnings.length <= 1);
});
