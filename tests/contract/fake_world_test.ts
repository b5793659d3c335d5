import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  createFakeHost,
  FakeWorld,
  healthReply,
  type SignalBehaviour,
} from "#support/fake_host.ts";
import { type Host, HostError } from "../../src/host/host.ts";
import { acquireLock } from "../../src/state/lock.ts";

async function holdOf({ processes }: Host, pid: number) {
  const held = await processes.hold(pid);
  if (typeof held === "string") throw new Error(`${pid} is ${held}`);
  return held;
}

function probe({ network }: Host, port: number, timeoutMs = 500) {
  return network.request({ port, method: "GET", path: "/", timeoutMs });
}

Deno.test("time passes only when everybody waits", async () => {
  const { clock, files } = createFakeHost();
  const start = clock.now();
  await files.append("/log", "text");
  assertEquals([clock.now() - start, clock.elapsed()], [0, 0]);
  await Promise.all([clock.sleep(20), clock.sleep(10)]);
  assertEquals([clock.now() - start, clock.elapsed()], [20, 20]);
});

Deno.test("no time passes while a computation is under way", async () => {
  const { clock } = createFakeHost();
  const sleep = clock.sleep(1000);
  const bytes = new Uint8Array(4096);
  for (let round = 0; round < 20; round++) {
    await crypto.subtle.digest("SHA-256", bytes);
    assertEquals(clock.elapsed(), 0);
  }
  await sleep;
});

Deno.test("a loop that never ends is found out", async () => {
  const { clock } = createFakeHost();
  const loop = async () => {
    while (true) await clock.sleep(24 * 60 * 60 * 1000);
  };
  await assertRejects(loop, Error, "which loop never ends");
});

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

Deno.test("a process may take time to end and free its port", async () => {
  const host = createFakeHost();
  const { pid, exited } = host.world.addProcess({
    ports: [9400],
    delayMs: 300,
    respond: () => healthReply({ "status": "ok" }),
  });
  using hold = await holdOf(host, pid);
  await hold.signal("SIGTERM");
  assertEquals((await probe(host, 9400)).kind, "reply");
  assertEquals(await exited, 143);
  assertEquals(host.clock.elapsed(), 300);
  assertEquals(await probe(host, 9400), { kind: "refused" });
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

Deno.test("what a test hides is unknown until it is shown", async () => {
  const host = createFakeHost();
  const { world, processes } = host;
  const { pid } = world.addProcess({ ports: [9400], argv: undefined });
  const range = { first: 9400, end: 9450 };
  const rows = async () => {
    const table = await processes.listeners(range);
    return table.kind === "unknown" ? table.reason : table.listeners;
  };
  const row = { port: 9400, address: "127.0.0.1", uid: 1000 };
  world.hideListeners("no lsof");
  assertEquals<unknown>(await rows(), "no lsof");
  world.hideListeners();
  world.table.hideOwner(pid);
  assertEquals<unknown>(await rows(), [{ ...row, pids: [] }]);
  world.table.isComplete = false;
  assertEquals<unknown>(await rows(), []);
  world.hideProcess(pid, "hidepid");
  const hidden = await processes.inspect([pid]);
  assertEquals(hidden.get(pid), { kind: "unknown", reason: "hidepid" });
  world.table.show(pid);
  assertEquals<unknown>(await rows(), [{ ...row, pids: [pid] }]);
  const shown = (await processes.inspect([pid])).get(pid);
  assertEquals(shown?.kind === "found" && shown.facts.argv, undefined);
});

Deno.test("two processes can share a socket", async () => {
  const { world, processes } = createFakeHost();
  const parent = world.addProcess({ ports: [9400] });
  const child = world.addProcess({
    ports: [9400, { port: 9400, address: "::" }],
    parentPid: parent.pid,
  });
  const table = await processes.listeners({ first: 9400, end: 9401 });
  assertEquals<unknown>(table.kind === "table" && table.listeners, [
    {
      port: 9400,
      address: "127.0.0.1",
      pids: [parent.pid, child.pid],
      uid: 1000,
    },
    { port: 9400, address: "::", pids: [child.pid], uid: 1000 },
  ]);
});

Deno.test("dropRights() takes sight and signals away", async () => {
  const host = createFakeHost();
  const { world, processes } = host;
  const { pid } = world.addProcess();
  await processes.dropRights();
  assertEquals((await processes.inspect([pid])).get(pid)?.kind, "unknown");
  const table = await processes.listeners({ first: 1, end: 65536 });
  assertEquals(table.kind, "unknown");
  using hold = await holdOf(host, pid);
  assertEquals(await hold.signal("SIGKILL"), "denied");
  const command = { executable: "/bin/x", args: [], env: {}, cwd: "/" };
  await assertRejects(() => processes.spawn(command), HostError);
});

Deno.test("a full accept queue lets nobody connect", async () => {
  const host = createFakeHost();
  host.world.addProcess({ ports: [9400], acceptQueueFull: true });
  assertEquals(
    await probe(host, 9400, 250),
    { kind: "timeout", connected: false },
  );
  assertEquals(host.clock.elapsed(), 250);
});

Deno.test("a stopped process accepts and stays silent", async () => {
  const host = createFakeHost();
  const { world } = host;
  const respond = () => healthReply({});
  world.addProcess({ ports: [9400], state: "stopped", respond });
  assertEquals(await probe(host, 9400), { kind: "timeout", connected: true });
});

Deno.test("a process that ends resets who waits for it", async () => {
  const host = createFakeHost();
  const { pid } = host.world.addProcess({ ports: [9400] });
  const reply = probe(host, 9400);
  await host.clock.sleep(10);
  host.world.endProcess(pid);
  assertEquals(await reply, { kind: "reset" });
});

Deno.test("a reply arrives although it ends its process", async () => {
  const host = createFakeHost();
  const { world } = host;
  const { pid } = world.addProcess({
    ports: [9400],
    respond({ method, path }) {
      if (method === "POST" && path === "/api/shutdown") world.endProcess(pid);
      return healthReply({ "status": "stopping" });
    },
  });
  const request = {
    port: 9400,
    method: "POST",
    path: "/api/shutdown",
    body: "{}",
    timeoutMs: 500,
  } as const;
  assertEquals<unknown>(await host.network.request(request), {
    kind: "reply",
    status: 200,
    body: '{"status":"stopping"}',
  });
  assertEquals<unknown>(world.requests, [request]);
  assertEquals(await probe(host, 9400), { kind: "refused" });
});

Deno.test("a client reaches the most specific listener", async () => {
  const host = createFakeHost();
  const { world } = host;
  for (const address of ["10.0.0.1", "::1", "::", "0.0.0.0", "127.0.0.1"]) {
    world.addProcess({
      ports: [{ port: 9400, address }],
      respond: () => healthReply({ address }),
    });
    const reply = await probe(host, 9400);
    const isLoopback = !["10.0.0.1", "::1"].includes(address);
    assertEquals<unknown>(
      reply,
      isLoopback ? healthReply({ address }) : { kind: "refused" },
    );
  }
});

Deno.test("file operations fail as a test wants", async () => {
  const { files, world } = createFakeHost();
  const codeOf = (run: () => Promise<unknown>) =>
    run().then(() => "fine", (error) => error.code);
  const stop = world.failFiles("/a/b", "no_space", { operation: "append" });
  assertEquals(await codeOf(() => files.append("/a/b", "x")), "no_space");
  assertEquals(await codeOf(() => files.writeAtomic("/a/b", "x")), "fine");
  stop();
  assertEquals(await codeOf(() => files.append("/a/b", "x")), "fine");
  world.failFiles((path) => path.startsWith("/a"), "io", { times: 1 });
  assertEquals(await codeOf(() => files.stat("/a/b")), "io");
  assertEquals(await codeOf(() => files.stat("/a/b")), "fine");
});

Deno.test("only what a host changes is noted", async () => {
  const { files, world } = createFakeHost();
  world.disk.put("/home/ada/.reeve/file", "text");
  await files.readText("/home/ada/.reeve/file");
  await files.list("/home");
  await files.remove("/none");
  await files.tryLock("/none", { create: false });
  assertEquals(world.writes, []);
  await files.append("/home/ada/.reeve/log/a", "text");
  await files.remove("/home/ada/.reeve/file");
  assertEquals(world.writes, [
    "/home/ada/.reeve/log",
    "/home/ada/.reeve/log/a",
    "/home/ada/.reeve/file",
  ]);
  assertEquals(world.disk.texts(), { "/home/ada/.reeve/log/a": "text" });
});

Deno.test("Windows has other paths and no modes", async () => {
  const { env, files, world } = createFakeHost({ os: "windows" });
  assertEquals(env.home, "C:\\Users\\ada");
  assertEquals(env.uid, undefined);
  await files.writeAtomic("C:\\Users\\ada\\reeve\\file", "text");
  assertEquals(await files.list("C:\\Users\\ada"), ["reeve"]);
  assertEquals(
    await files.realPath("C:\\Users\\ada\\.\\reeve\\x\\..\\file\\"),
    "C:\\Users\\ada\\reeve\\file",
  );
  const facts = await files.stat("C:/Users/ada/reeve/file");
  assertEquals(facts?.mode, undefined);
  assertEquals(world.disk.textOf("C:\\Users\\ada\\reeve\\file"), "text");
});

Deno.test("the hosts of a world share everything but themselves", async () => {
  const world = new FakeWorld();
  const [one, two] = [world.host({ pid: 70 }), world.host({ env: { A: "b" } })];
  await one.files.append("/log", "one");
  assertEquals(await two.files.readText("/log"), "one");
  assertEquals([one.env.get("A"), two.env.get("A")], [undefined, "b"]);
  assert(one.random.hex(8) !== two.random.hex(8));
  assertEquals((await two.processes.inspect([70])).get(70)?.kind, "found");
  assertEquals(await one.processes.hold(70), "denied");
  using hold = await holdOf(two, 70);
  await hold.signal("SIGTERM");
  assert(one.process.hasEnded);
  two.terminal.out("two");
  assertEquals([one.terminal.output, two.terminal.output], ["", "two"]);
});

Deno.test("a process that ends loses its locks and does no more", async () => {
  const world = new FakeWorld();
  const [one, two] = [world.host(), world.host()];
  await one.files.tryLock("/lock", { create: true });
  const options = { create: false };
  assertEquals(await two.files.tryLock("/lock", options), "held");
  const late = one.clock.sleep(50).then(() => one.files.append("/log", ""));
  world.endProcess(one.env.pid);
  const lock = await two.files.tryLock("/lock", options);
  assert(typeof lock === "object");
  const first = await Promise.race([
    late.then(() => "it went on"),
    two.clock.sleep(1000).then(() => "it stopped"),
  ]);
  assertEquals(first, "it stopped");
  assertEquals(world.disk.textOf("/log"), undefined);
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

Deno.test("a started program runs as its own process", async () => {
  const world = new FakeWorld({
    onSpawn: ({ args }) => ({
      async run(host) {
        await host.clock.sleep(30);
        await host.files.append("/log", `${host.env.pid} ${args}\n`);
        if (args[0] === "crash") throw new Error("a bug");
        return host.env.get("CODE") === undefined ? 0 : 9;
      },
    }),
  });
  const host = world.host({ env: { "CODE": "set" } });
  const spawn = (...args: readonly string[]) =>
    host.processes.spawn({ executable: "/x", args, env: {}, cwd: "/" });
  const [fine, crash] = [await spawn("fine"), await spawn("crash")];
  const { pid } = fine;
  const seen = (await host.processes.inspect([pid])).get(pid);
  const facts = seen?.kind === "found" ? seen.facts : undefined;
  assertEquals<unknown>(facts?.argv, ["/x", "fine"]);
  assertEquals(facts?.parentPid, host.env.pid);
  assertEquals([await fine.exited, await crash.exited], [9, 1]);
  assertEquals(world.crashes.length, 1);
  assertEquals(
    world.disk.textOf("/log"),
    `${fine.pid} fine\n${crash.pid} crash\n`,
  );
  assertEquals((await host.processes.inspect([pid])).get(pid)?.kind, "gone");
});

Deno.test("a terminal keeps what is written and asked", async () => {
  const { terminal } = createFakeHost({
    terminal: { isInteractive: true, answers: [true] },
  });
  const answers = [
    await terminal.confirm("Go?"),
    await terminal.confirm("On?"),
  ];
  assertEquals(answers, [true, false]);
  assertEquals(terminal.questions, ["Go?", "On?"]);
  assertEquals(terminal.errors, "Go? [y/N] On? [y/N] ");
  assertEquals([terminal.columns, terminal.isInteractive], [80, true]);
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

Deno.test("a lock excludes in every order of events", async () => {
  await fc.assert(fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const world = new FakeWorld();
    let inside = 0;
    const work = async () => {
      const gate = (operation: string) =>
        scheduler.schedule(Promise.resolve(), operation);
      const host = world.host({ gate });
      const lock = await acquireLock(host, "/state/lock");
      assert(lock !== "not_needed");
      using _ = lock;
      assertEquals(++inside, 1);
      await host.files.append("/state/log", `${host.env.pid}\n`);
      await host.clock.sleep(7);
      inside--;
    };
    await scheduler.waitFor(Promise.all([work(), work(), work()]));
    assertEquals(world.disk.textOf("/state/log")?.split("\n").length, 4);
    assert(world.clock.elapsed() >= 21);
  }));
});
