import { assert, assertEquals } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { A, API, B, identityOf, reserve, ROOT } from "#support/port_claims.ts";
import { handOverPorts, releasePorts, viewPorts } from "./port_ledger.ts";

Deno.test("a port that was handed over lives as long as its unit", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host);
  const { pid } = world.addProcess();
  const identity = identityOf(host, pid);
  await handOverPorts(host, ROOT, [{ ...API, port: 8000, identity }]);
  world.endProcess(host.env.pid);
  const other = world.host();
  const { entries } = await viewPorts(other, ROOT);
  assertEquals(
    entries.map(({ port, owner, isAlive }) => [port, owner.pid, isAlive]),
    [[3000, host.env.pid, false], [8000, pid, true]],
  );
  assertEquals(await reserve(other, B), [8001, 3000]);
  world.endProcess(pid);
  assertEquals(await reserve(world.host(), "repo-cccccccccccc"), [8000, 3001]);
});

Deno.test("a reused pid does not keep a port", async () => {
  const world = new FakeWorld();
  const host = world.host();
  const { pid } = world.addProcess();
  const identity = identityOf(host, pid);
  await handOverPorts(host, ROOT, [{ ...API, port: 8000, identity }]);
  world.reusePid(pid);
  assertEquals(await reserve(world.host(), B), [8000, 3000]);
});

Deno.test("a process that cannot be looked at keeps its port", async () => {
  const world = new FakeWorld();
  const host = world.host();
  const { pid } = world.addProcess();
  const identity = identityOf(host, pid);
  await handOverPorts(host, ROOT, [{ ...API, port: 8000, identity }]);
  world.hideProcess(pid);
  assertEquals(await reserve(world.host(), B), [8001, 3000]);
});

Deno.test("a unit that moved to another port keeps that one", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host);
  const identity = identityOf(host, world.addProcess().pid);
  await handOverPorts(host, ROOT, [{ ...API, port: 8000, identity }]);
  await handOverPorts(host, ROOT, [{ ...API, port: 8003, identity }]);
  const { entries } = await viewPorts(host, ROOT);
  assertEquals(entries.map(({ port }) => port), [3000, 8003]);
});

Deno.test("a second process of a unit does not take the port of the first", async () => {
  const world = new FakeWorld();
  const host = world.host();
  const [first, second] = [world.addProcess(), world.addProcess()]
    .map(({ pid }) => identityOf(host, pid));
  assert(first !== undefined && second !== undefined);
  await handOverPorts(host, ROOT, [{ ...API, port: 8000, identity: first }]);
  await handOverPorts(host, ROOT, [{ ...API, port: 8001, identity: second }]);
  const { entries } = await viewPorts(host, ROOT);
  assertEquals(
    entries.map(({ port, owner }) => [port, owner.pid]),
    [[8000, first.pid], [8001, second.pid]],
  );
});

Deno.test("only the one who has a port gives it back", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host);
  const identity = identityOf(host, world.addProcess().pid);
  const stranger = identityOf(host, world.addProcess().pid);
  await handOverPorts(host, ROOT, [{ ...API, port: 8000, identity }]);
  const ports = async () =>
    (await viewPorts(host, ROOT)).entries.map(({ port }) => port);
  const lease = { ...API, port: 8000, identity };
  const wrong = [
    { ...lease, scope: B },
    { ...lease, project: "a" },
    { ...lease, unit: "web" },
    { ...lease, port: 8001 },
    { ...lease, identity: stranger },
    { ...lease, identity: undefined },
  ];
  for (const one of wrong) {
    await releasePorts(host, ROOT, [one]);
    assertEquals(await ports(), [3000, 8000]);
  }
  const web = { scope: A, project: "Main", unit: "web", port: 3000 };
  await releasePorts(world.host(), ROOT, [web]);
  assertEquals(await ports(), [3000, 8000]);
  await releasePorts(host, ROOT, [web, lease]);
  assertEquals(await ports(), []);
});
