import { assert, assertEquals } from "@std/assert";
import { KILL, open, PROVED, run, TERM } from "#support/terminate_run.ts";
import type { SignalName } from "../host/processes.ts";
import type { Proof } from "./terminate.ts";

const REFUSED: Proof = { kind: "refused", reason: "it has changed" };

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
