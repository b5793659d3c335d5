import { assert, assertEquals, assertRejects } from "@std/assert";
import { createFakeHost, FakeWorld } from "#support/fake_host.ts";
import { HostError } from "../../src/host/host.ts";
import { holdOf } from "./tried_processes.ts";

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
