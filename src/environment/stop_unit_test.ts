import { assert, assertEquals } from "@std/assert";
import {
  type FakeHostOptions,
  type FakeProcessSpec,
  FakeWorld,
} from "#support/fake_host.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import { openSignalJournal, type SignalEntry } from "./signal_journal.ts";
import { stopUnits, type UnitToStop } from "./stop_unit.ts";

const JOURNAL = "/state/signals.jsonl";

function open(options: FakeHostOptions = {}) {
  const world = new FakeWorld();
  const host = world.host({ pid: 900, ...options });
  const marker = "repo-00000000000a.run.unit.0";
  /** Starts a unit; its children join its session. */
  const start = (spec: FakeProcessSpec = {}): UnitToStop => {
    const env = { [MARKER_VARIABLE]: marker };
    const { pid, startStamp } = world.addProcess({ env, ...spec });
    const { bootId, pidNamespace } = world.machine;
    const identity = { pid, startStamp, bootId, pidNamespace, marker };
    return { name: "Main unit", identity, graceMs: 1000 };
  };
  const child = (unit: UnitToStop, spec: FakeProcessSpec = {}) => {
    const { pid } = unit.identity;
    const env = { [MARKER_VARIABLE]: marker };
    const groups = { sessionId: pid, processGroup: pid };
    return world.addProcess({ env, parentPid: pid, ...groups, ...spec });
  };
  const stop = async (...units: readonly UnitToStop[]) => {
    const journal = openSignalJournal(host, JOURNAL, "stop");
    const options = { journal, reason: "a test asked for it" };
    const results = await stopUnits(host, units, options);
    return results.map((result) => ({
      kind: result.kind as string,
      ended: result.ended,
      wasKilled: result.wasKilled,
      why: result.evidence[0]?.text,
    }));
  };
  return { world, host, start, child, stop };
}

function signalsOf({ signals }: FakeWorld): readonly string[] {
  return signals.map(({ name, pid, at }) => `${name} ${pid} ${at}`);
}

Deno.test("a unit ends with its whole session at the same moment", async () => {
  const { world, start, child, stop } = open();
  const unit = start({ pid: 100 });
  child(unit, { pid: 101 });
  child(unit, { pid: 102, parentPid: 101 });
  const [result] = await stop(unit);
  assertEquals(result?.kind, "stopped");
  assertEquals(result?.ended, [100, 101, 102]);
  assertEquals(
    signalsOf(world),
    ["SIGTERM 100 1", "SIGTERM 101 1", "SIGTERM 102 1"],
  );
});

Deno.test("a stubborn child is killed after its leader has ended", async () => {
  const { world, start, child, stop } = open();
  const unit = start({ pid: 100 });
  child(unit, { pid: 101, onSignal: "stubborn" });
  const [result] = await stop(unit);
  assertEquals([result?.kind, result?.wasKilled], ["stopped", true]);
  assertEquals(signalsOf(world).at(-1), "SIGKILL 101 1000");
});

Deno.test("what a process starts while it ends is ended too", async () => {
  const { world, start, child, stop } = open();
  const unit: UnitToStop = start({
    pid: 100,
    onSignal() {
      child(unit, { pid: 103, parentPid: 1 });
      world.endProcess(100);
      return "sent";
    },
  });
  const [result] = await stop(unit);
  assertEquals(result?.ended, [100, 103]);
});

Deno.test("one that multiplies for ever is told of at last", async () => {
  const { world, start, child, stop } = open();
  let last = 100;
  const breed = (): FakeProcessSpec => ({
    onSignal(_, { pid }) {
      child(unit, { ...breed(), pid: ++last, parentPid: 1 });
      world.clock.sleep(200).then(() => world.endProcess(pid));
      return "sent";
    },
  });
  const unit: UnitToStop = start({ pid: last, ...breed() });
  const [result] = await stop(unit);
  assertEquals(result?.kind, "survived");
});

Deno.test.each<{
  what: string;
  spec: FakeProcessSpec;
  kind: string;
  why: string;
}>([
  {
    what: "immortal",
    spec: { onSignal: "immortal" },
    kind: "survived",
    why: "process 100 still runs after SIGKILL",
  },
  {
    what: "somebody else's",
    spec: { onSignal: "denied" },
    kind: "denied",
    why: "process 100 may not be sent SIGTERM",
  },
])("a process that is $what keeps its unit", async ({ spec, kind, why }) => {
  const { start, stop } = open();
  const [result] = await stop(start({ pid: 100, ...spec }));
  assertEquals([result?.kind, result?.why], [kind, why]);
});

Deno.test("units that ignore SIGTERM wait for nobody", async () => {
  const { world, start, stop } = open();
  const units = Array.from(
    { length: 18 },
    (_, at) => start({ onSignal: at < 6 ? "stubborn" : "polite" }),
  );
  // The marker of a test is one for all: only sessions tell them apart.
  const alone = units.map((unit) => ({
    ...unit,
    identity: { ...unit.identity, marker: `m${unit.identity.pid}` },
  }));
  const results = await stop(...alone);
  assert(results.every(({ kind }) => kind === "stopped"));
  assert(world.clock.elapsed() <= 1010);
});

Deno.test("a dead unit needs no signal, whoever has its port", async () => {
  const { world, start, stop } = open();
  const unit = start({ pid: 100 });
  world.endProcess(100);
  world.addProcess({ pid: 500, ports: [3000] });
  const [result] = await stop(unit);
  assertEquals([result?.kind, result?.why], ["already_gone", "it has ended"]);
  assertEquals(world.signals, []);
});

for (const isPinned of [true, false]) {
  Deno.test(`a reused pid gets no signal, pinned: ${isPinned}`, async () => {
    const { world, start, stop } = open({ isPinned });
    const unit = start({ pid: 100 });
    world.reusePid(100, { ports: [3000] });
    assertEquals((await stop(unit))[0]?.kind, "already_gone");
    assertEquals(world.signals, []);
  });

  Deno.test(`a pid reused before its hold gets none, pinned: ${isPinned}`, async () => {
    const opened = open({
      isPinned,
      gate(operation) {
        if (operation === "hold 100") opened.world.reusePid(100);
        return Promise.resolve();
      },
    });
    const unit = opened.start({ pid: 100 });
    assertEquals((await opened.stop(unit))[0]?.kind, "already_gone");
    assertEquals(opened.world.signals, []);
  });

  Deno.test(`a pid reused before SIGKILL gets none, pinned: ${isPinned}`, async () => {
    const { world, start, stop } = open({ isPinned });
    const unit = start({
      pid: 100,
      onSignal(name) {
        if (name === "SIGTERM") {
          world.clock.sleep(500).then(() => world.reusePid(100));
        }
        return "sent";
      },
    });
    assertEquals((await stop(unit))[0]?.kind, "stopped");
    assertEquals(signalsOf(world), ["SIGTERM 100 1"]);
  });
}

Deno.test.each<
  { what: string; change: (opened: ReturnType<typeof open>) => void }
>([
  {
    what: "the processes cannot be known",
    change: ({ world }) => world.hideTable("no /proc"),
  },
  {
    what: "the boot cannot be known",
    change: ({ world }) =>
      world.machine = { ...world.machine, bootId: undefined },
  },
])("nothing is sent while $what", async ({ change }) => {
  const opened = open();
  const unit = opened.start();
  change(opened);
  const [result] = await opened.stop(unit);
  assertEquals(result?.kind, "unverified");
  assertEquals(opened.world.signals, []);
});

Deno.test("a process without proof in its session is left alone", async () => {
  const { world, start, child, stop } = open();
  const unit = start({ pid: 100 });
  child(unit, { pid: 101, env: undefined, parentPid: 1 });
  world.endProcess(100);
  const [result] = await stop(unit);
  assertEquals(result?.kind, "unverified");
  assertEquals(world.signals, []);
});

Deno.test("a command ends nothing that it was started from", async () => {
  const { world, start, stop, host } = open();
  const unit = start({ pid: 100 });
  host.process.parentPid = 100;
  const [result] = await stop(unit);
  assertEquals(result?.kind, "unverified");
  assertEquals(world.signals, []);
});

Deno.test("looks are shared by all units", async () => {
  let looks = 0;
  const { start, stop } = open({
    gate(operation) {
      if (operation === "table") looks++;
      return Promise.resolve();
    },
  });
  await stop(...Array.from({ length: 20 }, () => start()));
  assert(looks <= 4, `${looks} looks`);
});

Deno.test("each signal is written down before it is sent", async () => {
  const { world, start, stop } = open();
  const unit = start({
    pid: 100,
    onSignal(_, process) {
      const lines = (world.disk.textOf(JOURNAL) ?? "").trim().split("\n");
      const entry: SignalEntry = JSON.parse(lines.at(-1) ?? "{}");
      assertEquals([entry.phase, entry.target.pid], ["requested", process.pid]);
      world.endProcess(process.pid);
      return "sent";
    },
  });
  assertEquals((await stop(unit))[0]?.kind, "stopped");
});
