import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { createFakeHost, FakeWorld } from "#support/fake_host.ts";
import { acquireLock } from "../../src/state/lock.ts";
import { holdOf } from "./tried_processes.ts";

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
