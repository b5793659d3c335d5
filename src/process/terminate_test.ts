import { assert, assertEquals } from "@std/assert";
import type { SignalName } from "../host/processes.ts";
import {
  type FakeHostOptions,
  type FakeProcessSpec,
  FakeWorld,
} from "#support/fake_host.ts";
import {
  type Proof,
  terminate,
  type TerminateOptions,
  waitForExit,
} from "./terminate.ts";

const PROVED: Proof = { kind: "proved" };
const REFUSED: Proof = { kind: "refused", reason: "it has changed" };

async function open(spec: FakeProcessSpec, options: FakeHostOptions = {}) {
  const world = new FakeWorld();
  const process = world.addProcess({ pid: 5001, ...spec });
  const host = world.host({ pid: 900, ...options });
  const hold = await host.processes.hold(process.pid);
  assert(typeof hold === "object");
  return { world, host, hold, process };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Runs terminate() and tells what it did, in one comparable value. */
async function run(
  opened: Opened,
  prove: (signalsSent: number) => Proof = () => PROVED,
  options: TerminateOptions = {},
) {
  const { world, host, hold } = opened;
  const proofs: number[] = [];
  const asked = (signalsSent: number) => {
    proofs.push(signalsSent);
    return Promise.resolve(prove(signalsSent));
  };
  const outcome = await terminate(host, hold, asked, options);
  return { outcome, proofs, signals: sent(world), ms: world.clock.elapsed() };
}

function sent({ signals }: FakeWorld): readonly string[] {
  return signals.map(({ name, at, outcome }) => `${name} ${at} ${outcome}`);
}

const TERM = "SIGTERM 0 sent";
const KILL = "SIGKILL 1000 sent";

const behaviours = [
  {
    name: "polite",
    spec: { onSignal: "polite" },
    outcome: { kind: "terminated" },
    signals: [TERM],
    ms: 0,
  },
  {
    name: "slow",
    spec: { delayMs: 900 },
    outcome: { kind: "terminated" },
    signals: [TERM],
    ms: 900,
  },
  {
    name: "too slow",
    spec: { delayMs: 1001 },
    outcome: { kind: "killed" },
    signals: [TERM, KILL],
    ms: 1000,
  },
  {
    name: "stubborn",
    spec: { onSignal: "stubborn" },
    outcome: { kind: "killed" },
    signals: [TERM, KILL],
    ms: 1000,
  },
  {
    name: "stopped",
    spec: { state: "stopped" },
    outcome: { kind: "killed" },
    signals: [TERM, KILL],
    ms: 1000,
  },
  {
    name: "immortal",
    spec: { onSignal: "immortal" },
    outcome: { kind: "survived" },
    signals: [TERM, KILL],
    ms: 2000,
  },
  {
    name: "denied",
    spec: { onSignal: "denied" },
    outcome: { kind: "denied", signal: "SIGTERM" },
    signals: ["SIGTERM 0 denied"],
    ms: 0,
  },
  {
    name: "denied on SIGKILL",
    spec: {
      onSignal: (name: SignalName) => name === "SIGTERM" ? "sent" : "denied",
    },
    outcome: { kind: "denied", signal: "SIGKILL" },
    signals: [TERM, "SIGKILL 1000 denied"],
    ms: 1000,
  },
  {
    name: "zombie_after_term",
    spec: { onSignal: "zombie_after_term" },
    outcome: { kind: "terminated" },
    signals: [TERM],
    ms: 0,
  },
] as const;

Deno.test.each([...behaviours])(
  "terminate() of a process that is $name",
  async ({ spec, outcome, signals, ms }) => {
    const proofs = signals.map((_, at) => at);
    for (const isPinned of [true, false]) {
      const { ms: took, ...done } = await run(await open(spec, { isPinned }));
      assertEquals<unknown>(done, { outcome, proofs, signals });
      // The longest pause between two looks.
      assert(took >= ms && took <= ms + 4, `${took} ms`);
    }
  },
);

Deno.test("terminate() waits as long as it is told to", async () => {
  const limits = { graceMs: 50, killWaitMs: 300 };
  const immortal = await open({ onSignal: "immortal" });
  const done = await run(immortal, () => PROVED, limits);
  assertEquals(done, {
    outcome: { kind: "survived" },
    proofs: [0, 1],
    signals: [TERM, "SIGKILL 50 sent"],
    ms: 350,
  });
});

Deno.test("terminate() sees an exit some time after SIGKILL", async () => {
  const opened = await open({ onSignal: "immortal" });
  const { world } = opened;
  world.clock.sleep(1400).then(() => world.endProcess(5001));
  const { outcome, ms } = await run(opened);
  assertEquals(outcome, { kind: "killed" });
  assert(ms >= 1400 && ms <= 1408, `it took ${ms} ms`);
});

Deno.test.each([
  {
    name: "gone before SIGTERM",
    prove: (): Proof => ({ kind: "gone" }),
    outcome: { kind: "already_gone" },
    proofs: [0],
    signals: [],
  },
  {
    name: "gone before SIGKILL",
    prove: (sent: number): Proof => sent === 0 ? PROVED : { kind: "gone" },
    outcome: { kind: "terminated" },
    proofs: [0, 1],
    signals: [TERM],
  },
  {
    name: "refused before SIGTERM",
    prove: () => REFUSED,
    outcome: REFUSED,
    proofs: [0],
    signals: [],
  },
  {
    name: "refused before SIGKILL",
    prove: (sent: number) => sent === 0 ? PROVED : REFUSED,
    outcome: REFUSED,
    proofs: [0, 1],
    signals: [TERM],
  },
])(
  "terminate() sends nothing more when its proof is $name",
  async ({ prove, outcome, proofs, signals }) => {
    const done = await run(await open({ onSignal: "stubborn" }), prove);
    const { ms } = done;
    assertEquals<unknown>(done, { outcome, proofs, signals, ms });
  },
);

Deno.test.each([
  { before: 0, kind: "already_gone", signals: [] },
  { before: 1, kind: "terminated", signals: [TERM] },
])(
  "terminate() of a process that ends between proof $before and its signal",
  async ({ before, kind, signals }) => {
    for (const isPinned of [true, false]) {
      const opened = await open({ onSignal: "stubborn" }, { isPinned });
      const done = await run(opened, (sent) => {
        if (sent === before) opened.world.endProcess(5001);
        return PROVED;
      });
      assertEquals<unknown>(done.outcome, { kind });
      assertEquals(done.signals, signals);
    }
  },
);

Deno.test("terminate() that is interrupted before begins nothing", async () => {
  const opened = await open({});
  const done = await run(opened, () => PROVED, {
    interrupt: AbortSignal.abort(),
  });
  assertEquals(done, {
    outcome: { kind: "interrupted" },
    proofs: [],
    signals: [],
    ms: 0,
  });
});

Deno.test("terminate() that is interrupted in the grace sends no SIGKILL", async () => {
  const opened = await open({ onSignal: "stubborn" });
  const late = new AbortController();
  opened.world.clock.sleep(200).then(() => late.abort());
  const done = await run(opened, () => PROVED, { interrupt: late.signal });
  assertEquals(done, {
    outcome: { kind: "interrupted" },
    proofs: [0],
    signals: [TERM],
    ms: 1000,
  });
});

Deno.test("terminate() ends a step that was begun before the interrupt", async () => {
  const opened = await open({ delayMs: 300 });
  const late = new AbortController();
  opened.world.clock.sleep(200).then(() => late.abort());
  const done = await run(opened, () => PROVED, { interrupt: late.signal });
  assertEquals(done.outcome, { kind: "terminated" });
});

Deno.test("terminate() shows every signal to onSignal", async () => {
  const seen: string[] = [];
  const done = await run(await open({ onSignal: "stubborn" }), () => PROVED, {
    onSignal: async (name, send) => {
      seen.push(`${name} begins`);
      const outcome = await send();
      seen.push(`${name} ${outcome}`);
      return outcome;
    },
  });
  assertEquals(seen, [
    "SIGTERM begins",
    "SIGTERM sent",
    "SIGKILL begins",
    "SIGKILL sent",
  ]);
  assertEquals(done.signals, [TERM, KILL]);
});

Deno.test("terminate() asks first in the way that it is told", async () => {
  const opened = await open({ onSignal: "stubborn" });
  const done = await run(opened, () => PROVED, { firstSignal: "SIGINT" });
  assertEquals(done.signals, ["SIGINT 0 sent", KILL]);
});

Deno.test("terminate() leaves the sending to onSignal", async () => {
  const done = await run(await open({}), () => PROVED, {
    onSignal: () => Promise.resolve("denied"),
  });
  assertEquals(done.outcome, { kind: "denied", signal: "SIGTERM" });
  assertEquals(done.signals, []);
});

Deno.test("waitForExit() ends within a poll of the exit", async () => {
  for (let delayMs = 1; delayMs <= 60; delayMs++) {
    const { world, host, hold } = await open({});
    world.clock.sleep(delayMs).then(() => world.endProcess(5001));
    assert(await waitForExit(host, hold, 1000));
    const lateMs = world.clock.elapsed() - delayMs;
    assert(lateMs >= 0 && lateMs <= 8, `${delayMs}: ${lateMs} ms late`);
  }
});

Deno.test.each([
  { waitMs: 0, looks: 1 },
  { waitMs: 1, looks: 2 },
  { waitMs: 7, looks: 8 },
  { waitMs: 10, looks: 10 },
  { waitMs: 1000, looks: 257 },
])(
  "waitForExit() gives up after $waitMs ms and $looks looks",
  async ({ waitMs, looks }) => {
    let looked = 0;
    const { world, host, hold } = await open({}, {
      gate: (operation) => {
        if (operation === "hasExited 5001") looked++;
        return Promise.resolve();
      },
    });
    assert(!await waitForExit(host, hold, waitMs));
    assertEquals([world.clock.elapsed(), looked], [waitMs, looks]);
  },
);
