import { assert, assertEquals } from "@std/assert";
import { TOKEN } from "#support/fake_receiver.ts";
import { fakeRuntime } from "#support/fake_runtime.ts";
import { PROJECT_ID } from "#support/tasks.ts";
import type { RuntimeSocket } from "./runtime_options.ts";

const ID_LINE = `REEVE_PROJECT_ID=${PROJECT_ID}\n`;
const NOBODY = { reason: "auth_required", detail: "" } as const;

/** A socket that nobody uses. */
function quietSocket(): RuntimeSocket {
  return {
    isOpen: false,
    target: undefined,
    publish: () => Promise.resolve([]),
    stop: () => Promise.resolve(),
  };
}

Deno.test("start() runs once, however often and whenever it is called", async () => {
  const program = await fakeRuntime();
  const { runtime, tokens } = program;
  const states = await Promise.all([runtime.start(), runtime.start()]);
  states.push(await runtime.start());
  for (const state of states) {
    assertEquals<unknown>(state, { kind: "running", mode: "batch" });
  }
  assertEquals([tokens.asked, runtime.hasBackground], [1, true]);
  await runtime.stop();
});

Deno.test.each([
  {
    name: "REEVE_SYNC_DISABLE",
    set: { env: { REEVE_SYNC_DISABLE: "1" } },
    reason: "env_disabled",
  },
  {
    name: "an intent",
    set: { intent: "local_only" as const },
    reason: "intent_local_only",
  },
  {
    name: "no project",
    set: { project: undefined, hasConsent: false },
    reason: "no_project",
  },
  {
    name: "no identity",
    set: { project: "", hasConsent: false },
    reason: "no_project",
  },
  {
    name: "an identity that is none",
    set: { project: "REEVE_PROJECT_ID=nonsense\n", hasConsent: false },
    reason: "config_fault",
  },
  { name: "broken settings", set: { config: "{" }, reason: "config_fault" },
  {
    name: "a mode that is none",
    set: { config: { mode: "telepathy" } },
    reason: "config_fault",
  },
  {
    name: "the person's settings",
    set: { config: { "auto_start": false } },
    reason: "config_off",
  },
  {
    name: "the project's settings",
    set: { project: `${ID_LINE}REEVE_SYNC_AUTO_START=false\n` },
    reason: "config_off",
  },
  { name: "no consent", set: { hasConsent: false }, reason: "no_consent" },
])(
  "start() is denied by $name, and capturing goes on",
  async ({ set, reason }) => {
    const program = await fakeRuntime(set);
    const { runtime, world, tokens } = program;
    const state = await runtime.start();
    assertEquals<unknown>([state.kind, "reason" in state && state.reason], [
      "denied",
      reason,
    ]);
    assert(!runtime.hasBackground && !runtime.hasSocket);
    assert(["captured", "spilled"].includes(program.emit().kind));
    await world.advance(3_600_000);
    assertEquals([world.web.requests, tokens.asked], [[], 0]);
    const { flushed, troubles } = await runtime.stop();
    assertEquals([flushed, troubles, world.web.requests], [undefined, [], []]);
    assertEquals(program.warnings, []);
  },
);

Deno.test.each([
  { name: "without consent", set: { hasConsent: false } },
  {
    name: "that only works locally",
    set: { intent: "local_only" as const, hasConsent: false },
  },
])("start() makes no file for a program $name", async ({ set }) => {
  const program = await fakeRuntime(set);
  await program.runtime.start();
  await program.runtime.stop();
  assert(!program.hasQueue);
  assertEquals(program.world.writes, []);
});

Deno.test("a setting that says so starts without consent, and sends nothing", async () => {
  const program = await fakeRuntime({
    hasConsent: false,
    config: { "auto_start": true },
  });
  const { runtime, world } = program;
  program.emit();
  assertEquals((await runtime.start()).kind, "running");
  await world.advance(10_000);
  assertEquals(world.web.requests, []);
  await runtime.stop();
});

Deno.test("without a sign-in there is a background and no socket", async () => {
  let opened = 0;
  const openLive = () => {
    opened++;
    return quietSocket();
  };
  const program = await fakeRuntime({ openLive });
  const { runtime, tokens, world, server } = program;
  tokens.given = NOBODY;
  const state = await runtime.start();
  assertEquals<unknown>(state, { kind: "running", mode: "queue_only" });
  assert(runtime.hasBackground && !runtime.hasSocket);
  program.emit();
  await world.advance(10_000);
  assertEquals([opened, world.web.requests], [0, []]);
  assertEquals(program.states(), { new: 1 });
  // Whoever signs in later needs no restart.
  tokens.given = TOKEN;
  runtime.wake();
  await world.advance(10_000);
  assertEquals(server.stored.size, 1);
  await runtime.stop();
});

Deno.test("with a sign-in there is a socket, unless it is turned off", async () => {
  const openLive = () => quietSocket();
  const one = await fakeRuntime({ openLive });
  assertEquals<unknown>(await one.runtime.start(), {
    kind: "running",
    mode: "realtime",
  });
  assert(one.runtime.hasSocket);
  await one.runtime.stop();
  const other = await fakeRuntime({ openLive, config: { websocket: false } });
  assertEquals<unknown>(await other.runtime.start(), {
    kind: "running",
    mode: "batch",
  });
  assert(!other.runtime.hasSocket);
  await other.runtime.stop();
});

Deno.test("a short program starts neither socket nor background", async () => {
  const openLive = () => quietSocket();
  const { runtime, tokens } = await fakeRuntime({
    openLive,
    lifetime: "short",
  });
  assertEquals((await runtime.start()).kind, "running");
  assert(!runtime.hasBackground && !runtime.hasSocket);
  assertEquals(tokens.asked, 0);
  await runtime.stop();
});

Deno.test("a queue that cannot be opened is told once, and ends nothing", async () => {
  const program = await fakeRuntime();
  const { runtime, world } = program;
  const heal = world.failFiles(program.paths.queue, "permission_denied", {
    operation: "openDatabase",
  });
  const state = await runtime.start();
  assertEquals<unknown>([state.kind, "reason" in state && state.reason], [
    "denied",
    "runtime_fault",
  ]);
  assertEquals(program.warnings.length, 1);
  heal();
  assertEquals(program.emit().kind, "captured");
  await runtime.stop();
});

Deno.test("a person who cannot be told ends nothing", async () => {
  const warn = () => {
    throw new Error("nobody listens");
  };
  const program = await fakeRuntime({ warn });
  const { runtime, world } = program;
  const heal = world.failFiles(program.paths.queue, "permission_denied", {
    operation: "openDatabase",
  });
  assertEquals((await runtime.start()).kind, "denied");
  heal();
  assertEquals(program.emit().kind, "captured");
  await runtime.stop();
});
