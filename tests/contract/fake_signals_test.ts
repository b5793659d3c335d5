import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  createFakeHost,
  FakeWorld,
  type SignalBehaviour,
} from "#support/fake_host.ts";
import { holdOf } from "./tried_processes.ts";

Deno.test.each<{
  onSignal: SignalBehaviour;
  answers: readonly string[];
  end: string;
}>([
  { onSignal: "polite", answers: ["sent", "gone"], end: "gone" },
  { onSignal: "stubborn", answers: ["sent", "sent"], end: "gone" },
  { onSignal: "immortal", answers: ["sent", "sent"], end: "running" },
  { onSignal: "denied", answers: ["denied", "denied"], end: "running" },
  { onSignal: "zombie_after_term", answers: ["sent", "gone"], end: "zombie" },
])("a process that is $onSignal ends as $end", async (row) => {
  const host = createFakeHost();
  const { world } = host;
  const { pid, startStamp } = world.addProcess({ onSignal: row.onSignal });
  using hold = await holdOf(host, pid);
  const answers = [await hold.signal("SIGTERM"), await hold.signal("SIGKILL")];
  assertEquals<unknown>(answers, row.answers);
  const now = (await host.processes.inspect([pid])).get(pid);
  assertEquals<unknown>(
    now?.kind === "found" ? now.facts.state : now?.kind,
    row.end,
  );
  assertEquals(await hold.hasExited(), row.end !== "running");
  assertEquals<unknown>(
    world.signals.map(({ name, outcome }) => [name, outcome]),
    [["SIGTERM", answers[0]], ["SIGKILL", answers[1]]]
      .filter(([, answer]) => answer !== "gone"),
  );
  assert(world.signals.every((one) => one.startStamp === startStamp));
});

Deno.test("a custom behaviour sees each signal", async () => {
  const host = createFakeHost();
  const seen: string[] = [];
  const { pid } = host.world.addProcess({
    onSignal(name, process) {
      seen.push(name);
      if (name === "SIGKILL") host.world.endProcess(process.pid);
      return "sent";
    },
  });
  using hold = await holdOf(host, pid);
  await hold.signal("SIGTERM");
  assert(!await hold.hasExited());
  await hold.signal("SIGKILL");
  assert(await hold.hasExited());
  assertEquals(seen, ["SIGTERM", "SIGKILL"]);
});

for (const isPinned of [true, false]) {
  const kind = isPinned ? "a pinned hold" : "a hold by number";

  Deno.test(`${kind} never reaches the next process of its pid`, async () => {
    const host = createFakeHost({ isPinned });
    const { pid } = host.world.addProcess();
    using hold = await holdOf(host, pid);
    assertEquals(hold.pinned, isPinned);
    const next = host.world.reusePid(pid);
    assertEquals(await hold.signal("SIGTERM"), "gone");
    assert(await hold.hasExited());
    assert(!next.hasEnded);
    assertEquals(host.world.signals, []);
  });

  Deno.test(`${kind} is of no use after its release`, async () => {
    const host = createFakeHost({ isPinned });
    const { pid } = host.world.addProcess();
    const hold = await holdOf(host, pid);
    hold[Symbol.dispose]();
    await assertRejects(() => hold.signal("SIGTERM"), TypeError);
    await assertRejects(() => hold.hasExited(), TypeError);
  });
}

Deno.test("a hold by number signals nothing that it cannot see", async () => {
  const host = createFakeHost({ isPinned: false });
  const { pid } = host.world.addProcess();
  using hold = await holdOf(host, pid);
  host.world.hideProcess(pid);
  assertEquals(await hold.signal("SIGTERM"), "denied");
  assert(!await hold.hasExited());
  assertEquals(host.world.signals, []);
});

Deno.test("a termination signal goes to who listens for it", async () => {
  const world = new FakeWorld();
  const [one, two] = [world.host(), world.host()];
  const heard: string[] = [];
  const stop = one.processes.onTermination((name) => heard.push(name));
  one.terminateSelf("SIGINT");
  using hold = await holdOf(two, one.env.pid);
  await hold.signal("SIGTERM");
  assertEquals(heard, ["SIGINT", "SIGTERM"]);
  assert(!one.process.hasEnded);
  stop();
  await hold.signal("SIGTERM");
  assert(one.process.hasEnded);
});

Deno.test("a gate can hold one process back while others go on", async () => {
  const world = new FakeWorld();
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = world.host({
    gate: (operation) =>
      operation === "SIGTERM 7" ? promise : Promise.resolve(),
  });
  const quick = world.host();
  world.addProcess({ pid: 7 });
  using hold = await holdOf(slow, 7);
  const signal = hold.signal("SIGTERM");
  await quick.clock.sleep(1000);
  world.reusePid(7);
  resolve();
  assertEquals(await signal, "gone");
});
