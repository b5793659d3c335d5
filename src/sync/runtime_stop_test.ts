import { assert, assertEquals } from "@std/assert";
import { type FakeRuntime, fakeRuntime } from "#support/fake_runtime.ts";
import { webReply } from "#support/fake_host.ts";
import type { RuntimeOptions, RuntimeSocket } from "./runtime_options.ts";

const THERE = true;

/** A short program that has emitted so many events. */
async function ended(
  emitted: number,
  options: Partial<RuntimeOptions> = {},
): Promise<FakeRuntime> {
  const program = await fakeRuntime({ lifetime: "short", ...options });
  for (let at = 0; at < emitted; at++) program.emit(`t${at}`);
  return program;
}

Deno.test("stop() of a runtime that did nothing does nothing", async () => {
  const program = await fakeRuntime({ hasConsent: false });
  const { flushed, troubles, ms } = await program.runtime.stop();
  assertEquals([flushed, troubles, ms], [undefined, [], 0]);
  assertEquals([program.world.writes, program.world.web.requests], [[], []]);
});

Deno.test("stop() delivers the little that a short program has emitted", async () => {
  const program = await ended(3);
  const { flushed, troubles } = await program.runtime.stop();
  assertEquals([flushed?.accepted, troubles], [3, []]);
  // One request and no other: whoever ends must not wait for more.
  assertEquals(program.world.web.requests.length, 1);
  assertEquals(program.states(), { delivered: 3 });
});

Deno.test.each([
  { name: "201 events", emitted: 201, options: {} },
  { name: "no event", emitted: 0, options: {} },
  {
    name: "a daemon that takes them",
    emitted: 1,
    options: { nudgeDaemon: () => Promise.resolve(THERE) },
  },
])("stop() with $name asks no server", async ({ emitted, options }) => {
  const program = await ended(emitted, options);
  const { flushed } = await program.runtime.stop();
  assertEquals([flushed, program.world.web.requests], [undefined, []]);
});

Deno.test.each([
  { name: "never", config: { "final_flush": "never" } },
  { name: "auto_start=false", config: { "auto_start": false } },
])("stop() asks no server when set to $name", async ({ config }) => {
  const program = await fakeRuntime({ lifetime: "short", config });
  program.emit();
  const { flushed, troubles } = await program.runtime.stop();
  assertEquals([flushed, troubles], [undefined, []]);
  assertEquals(program.world.web.requests, []);
});

Deno.test("stop() without a sign-in asks no server", async () => {
  const program = await ended(1);
  program.tokens.given = { reason: "auth_required", detail: "" };
  const { flushed } = await program.runtime.stop();
  assertEquals([flushed, program.world.web.requests], [undefined, []]);
  assertEquals(program.states(), { new: 1 });
});

Deno.test("stop() after a failure leaves the server alone", async () => {
  const program = await fakeRuntime();
  const { runtime, server, world } = program;
  server.answer = () => webReply(502);
  program.emit();
  await runtime.start();
  await world.advance(100);
  const { length } = world.web.requests;
  const { flushed } = await runtime.stop();
  assertEquals([flushed, world.web.requests.length], [undefined, length]);
});

Deno.test("stop() gives a server that says nothing one second", async () => {
  const program = await ended(2);
  const { runtime, server, world } = program;
  server.answer = () => new Promise(() => {});
  const { troubles, ms } = await runtime.stop();
  assert(ms <= 1200, `${ms}`);
  assertEquals(runtime.state, { kind: "stopped" });
  assert(troubles.every((line) => line.startsWith("last pass: ")));
  await world.advance(60_000);
  const { delivered = 0, ...rest } = program.states();
  assertEquals([delivered, Object.keys(rest)], [0, ["ready"]]);
});

const SILENT: readonly Partial<RuntimeOptions>[] = [
  {},
  { openLive: () => silentSocket() },
  { nudgeDaemon: () => new Promise(() => {}), lifetime: "short" },
];

/** A socket whose server does not even close it. */
function silentSocket(): RuntimeSocket {
  return {
    isOpen: true,
    target: {
      url: "http://127.0.0.1:8080",
      workspace: "acme",
      account: "ada",
    },
    publish: () => new Promise(() => {}),
    stop: () => new Promise(() => {}),
  };
}

Deno.test("stop() takes two seconds at most, whatever is silent", async () => {
  for (const options of SILENT) {
    const program = await fakeRuntime(options);
    const { runtime, server, world } = program;
    server.answer = () => new Promise(() => {});
    if (options.lifetime !== "short") await runtime.start();
    program.emit();
    await world.advance(100);
    program.emit();
    const before = world.clock.elapsed();
    const { ms } = await runtime.stop();
    assert(ms <= 2000, `${ms}`);
    assertEquals(world.clock.elapsed() - before, ms);
    assertEquals(runtime.state, { kind: "stopped" });
  }
});

Deno.test.each([0, 1, 50, 500])(
  "stop() keeps a deadline of %i ms and still tells everybody",
  async (ms) => {
    let closed = 0;
    const socket = {
      ...silentSocket(),
      isOpen: false,
      stop: () => {
        closed++;
        return new Promise<void>(() => {});
      },
    };
    const program = await fakeRuntime({ openLive: () => socket });
    const { runtime, server, world } = program;
    server.answer = () => new Promise(() => {});
    await runtime.start();
    program.emit();
    await world.advance(100);
    assertEquals(program.states(), { inflight: 1 });
    const before = world.clock.elapsed();
    await runtime.stop({ deadlineMs: ms });
    assert(world.clock.elapsed() - before <= Math.max(ms, 2));
    await world.advance(600_000);
    assertEquals([closed, program.states()], [1, { ready: 1 }]);
    assertEquals([server.batches.length < 3, program.warnings], [true, []]);
  },
);

Deno.test("stop() ends a pass under way and leaves its events ready", async () => {
  const program = await fakeRuntime();
  const { runtime, server, world } = program;
  server.answer = () => new Promise(() => {});
  await runtime.start();
  program.emit();
  await world.advance(100);
  assertEquals(program.states(), { inflight: 1 });
  const { troubles } = await runtime.stop();
  // The last pass has tried again, and the server was silent again.
  assertEquals(troubles, ["last pass: not within 900 ms"]);
  assertEquals(program.states(), { ready: 1 });
});

Deno.test("two calls of stop() share one report", async () => {
  const program = await ended(1);
  const { runtime, server } = program;
  const [first, second] = await Promise.all([
    runtime.stop(),
    runtime.stop({ deadlineMs: 1 }),
  ]);
  assertEquals(first, second);
  assertEquals(first, await runtime.stop());
  assertEquals(server.batches.length, 1);
});

Deno.test("stop() during the start ends what the start would have begun", async () => {
  let opened = 0;
  let closed = 0;
  const openLive = (): RuntimeSocket => {
    opened++;
    return {
      ...silentSocket(),
      stop: () => {
        closed++;
        return Promise.resolve();
      },
    };
  };
  const asked = Promise.withResolvers<void>();
  const program = await fakeRuntime({
    openLive,
    nudgeDaemon: async () => {
      await asked.promise;
      return false;
    },
  });
  const { runtime, world } = program;
  const starting = runtime.start();
  await world.advance(1);
  const stopping = runtime.stop();
  await world.advance(1);
  asked.resolve();
  await Promise.all([starting, stopping]);
  await world.advance(600_000);
  assertEquals(opened, closed);
  assertEquals(runtime.state, { kind: "stopped" });
  assertEquals(world.web.requests, []);
});

Deno.test("start() after stop() begins nothing", async () => {
  const program = await fakeRuntime({ openLive: () => silentSocket() });
  const { runtime, world } = program;
  program.emit();
  await runtime.stop();
  const { length } = world.web.requests;
  // Whoever opened the queue now would have to say so.
  world.failFiles(program.paths.queue, "io", { operation: "openDatabase" });
  await runtime.start();
  await world.advance(600_000);
  assertEquals(program.warnings, []);
  assert(!runtime.hasBackground && !runtime.hasSocket);
  assertEquals(runtime.state, { kind: "stopped" });
  assertEquals(world.web.requests.length, length);
});

Deno.test("stop() of a long program that never started opens no socket", async () => {
  let opened = 0;
  const program = await fakeRuntime({
    openLive: () => {
      opened++;
      return silentSocket();
    },
  });
  program.emit();
  const { flushed } = await program.runtime.stop();
  assertEquals([flushed?.accepted, opened], [1, 0]);
});

Deno.test("a daemon that cannot be asked does not keep the last pass", async () => {
  const nudgeDaemon = () => Promise.reject(new Error("no state root"));
  const program = await ended(1, { nudgeDaemon });
  const { flushed, troubles } = await program.runtime.stop();
  assertEquals([flushed?.accepted, troubles], [1, []]);
});

Deno.test("close() at the end of a process loses nothing and may come twice", async () => {
  const program = await ended(2);
  program.runtime.close();
  program.runtime.close();
  assertEquals(program.emit().kind, "failed");
  assertEquals(program.states(), { new: 2 });
  assert(program.host.blocking.stat(program.paths.pending) !== undefined);
});
