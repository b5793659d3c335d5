import { assert, assertEquals, assertRejects } from "@std/assert";
import { type FakeHost, FakeWorld } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { portLedgerPaths } from "../state/environment_paths.ts";
import { isAlive, type PortOwner } from "./port_entry.ts";
import {
  forgetProjects,
  handOverPorts,
  previewPorts,
  releasePorts,
  reservePorts,
  viewPorts,
} from "./port_ledger.ts";

const ROOT = { root: "/home/ada/.reeve" };
const LEDGER = portLedgerPaths(ROOT).ledger;
const A = "repo-aaaaaaaaaaaa";
const B = "repo-bbbbbbbbbbbb";
const UNITS = [{ unit: "api", base: 8000 }, { unit: "web", base: 3000 }];

function request(scope: string, projects = ["Main"], units = UNITS) {
  const wishes = projects.flatMap((project) =>
    units.map(({ unit }) => ({ project, unit }))
  );
  return { scope, projects, units, wishes };
}

async function reserve(host: FakeHost, scope = A, projects = ["Main"]) {
  const plans = await reservePorts(host, ROOT, request(scope, projects));
  return plans.map(({ assigned }) => assigned);
}

function identityOf(host: FakeHost, pid: number) {
  const startStamp = host.world.table.find(pid)?.startStamp ?? "";
  const { bootId, pidNamespace } = host.world.machine;
  return { pid, startStamp, bootId, pidNamespace };
}

const API = { scope: A, project: "Main", unit: "api" };

Deno.test("what one command reserves no other one gets", async () => {
  const world = new FakeWorld();
  assertEquals(await reserve(world.host(), A), [8000, 3000]);
  assertEquals(await reserve(world.host(), B), [8001, 3001]);
  assertEquals(await reserve(world.host(), A), [8002, 3002]);
});

Deno.test("a command gets its own reservation again", async () => {
  const world = new FakeWorld();
  const host = world.host();
  assertEquals(await reserve(host), [8000, 3000]);
  assertEquals(await reserve(host), [8000, 3000]);
  assertEquals((await viewPorts(host, ROOT)).entries.length, 2);
});

Deno.test("a reservation ends with its command", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host);
  world.endProcess(host.env.pid);
  assertEquals(await reserve(world.host(), B), [8000, 3000]);
});

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

Deno.test("a stranger's port is passed over and named when it is set", async () => {
  const world = new FakeWorld();
  const stranger = world.addProcess();
  stranger.listen({ port: 8000 });
  const host = world.host();
  const [api] = await reservePorts(host, ROOT, request(A));
  assertEquals([api?.assigned, api?.source, api?.retries], [8001, "retry", 1]);
  const fixed = (port: number) => ({
    ...request(B),
    wishes: [{ project: "Main", unit: "api", fixed: port }],
  });
  await assertRejects(
    () => reservePorts(host, ROOT, fixed(8000)),
    KnownError,
    `: process ${stranger.pid} (`,
  );
  await assertRejects(
    () => reservePorts(host, ROOT, fixed(8001)),
    KnownError,
    `Main api of ${A} (the command ${host.env.pid}) has it`,
  );
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

Deno.test("a preview is what a start then reserves, and changes nothing", async () => {
  const world = new FakeWorld();
  world.addProcess().listen({ port: 8020 });
  const projects = ["Main", "a", "b"];
  const shown = await previewPorts(world.host(), ROOT, request(A, projects));
  assertEquals(world.disk.texts(), {});
  // Only the last one starts: it has the slot that the preview showed.
  const one = {
    ...request(A, projects),
    wishes: [{ project: "b", unit: "api" }],
  };
  const [plan] = await reservePorts(world.host(), ROOT, one);
  assertEquals(plan, shown.find(({ project }) => project === "b"));
  assertEquals(plan?.assigned, 8040);
  const again = await previewPorts(world.host(), ROOT, request(A, projects));
  assertEquals(
    again.map(({ assigned }) => assigned),
    shown.map(({ assigned }) => assigned),
  );
});

Deno.test("a unit that runs is shown with the port that it has", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host);
  const { pid } = world.addProcess();
  world.table.find(pid)?.listen({ port: 8004 });
  const identity = identityOf(host, pid);
  await handOverPorts(host, ROOT, [{ ...API, port: 8004, identity }]);
  const [api] = await previewPorts(world.host(), ROOT, request(A));
  assertEquals(api?.assigned, 8004);
});

Deno.test("twenty projects at once have ports that differ and stay", async () => {
  const world = new FakeWorld();
  const projects = Array.from({ length: 20 }, (_, n) => `feat-${n}`);
  const start = async (): Promise<readonly number[]> => {
    const starts = projects.map((project) =>
      reservePorts(world.host(), ROOT, {
        ...request(A, [project]),
        projects,
      })
    );
    await world.advance(60_000);
    const plans = (await Promise.all(starts)).flat();
    return plans.map(({ assigned }) => assigned);
  };
  const ports = await start();
  assertEquals(new Set(ports).size, 40);
  for (const process of world.table.all()) world.endProcess(process.pid);
  assertEquals(await start(), ports);
});

Deno.test("a slot that was given back is given again", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host, A, ["a", "b"]);
  await forgetProjects(host, ROOT, A, ["a"]);
  assertEquals(await reserve(world.host(), A, ["c"]), [8020 + 1, 3020 + 1]);
});

Deno.test.each([
  { text: "" },
  { text: "{}" },
  {
    text:
      '{"schema":"port_ledger","schema_version":1,"slots":[],"entries":[{}]}',
  },
  { text: "\0" },
])("a damaged ledger is put aside: $text", async ({ text }) => {
  const world = new FakeWorld();
  world.disk.putDirectory("/home/ada/.reeve/environments", 0o700);
  world.disk.put(LEDGER, text);
  const view = await viewPorts(world.host(), ROOT);
  assert(view.problem?.startsWith(LEDGER));
  assertEquals(await reserve(world.host()), [8000, 3000]);
  const aside = Object.keys(world.disk.texts()).find((path) =>
    path.startsWith(`${LEDGER}.damaged-`)
  );
  assertEquals(world.disk.textOf(aside ?? ""), text);
});

Deno.test("a ledger of a newer reeve is left alone", async () => {
  const world = new FakeWorld();
  const text = '{"schema":"port_ledger","schema_version":2}';
  world.disk.putDirectory("/home/ada/.reeve/environments", 0o700);
  world.disk.put(LEDGER, text);
  const error = await assertRejects(() => reserve(world.host()), KnownError);
  assertEquals([error.code, world.disk.textOf(LEDGER)], ["newer_file", text]);
});

Deno.test("a command that cannot see itself reserves nothing", async () => {
  const world = new FakeWorld();
  const host = world.host();
  world.hideProcess(host.env.pid);
  await assertRejects(() => reserve(host), KnownError, "our own process");
});

const HERE = { host: "ada", bootId: "boot-1", pidNamespace: "pid:[1]" };
const OWNER: PortOwner = { kind: "unit", pid: 7, startStamp: "s", ...HERE };
const SAME = {
  kind: "found",
  facts: {
    pid: 7,
    parentPid: 1,
    uid: 1000,
    startStamp: "s",
    startedAt: 0,
    state: "running",
    argv: undefined,
    executable: undefined,
  },
} as const;
const GONE = { kind: "gone" } as const;
const UNKNOWN = { kind: "unknown", reason: "denied" } as const;

Deno.test.each([
  { title: "the same process", is: true, owner: {}, seen: SAME },
  { title: "one that is gone", is: false, owner: {}, seen: GONE },
  { title: "one that cannot be seen", is: true, owner: {}, seen: UNKNOWN },
  { title: "one nobody looked for", is: true, owner: {}, seen: undefined },
  {
    title: "a reused pid",
    is: false,
    owner: { startStamp: "other" },
    seen: SAME,
  },
  {
    title: "one of an earlier boot",
    is: false,
    owner: { bootId: "boot-0" },
    seen: SAME,
  },
  {
    title: "one of another machine",
    is: true,
    owner: { bootId: "boot-0", host: "bob" },
    seen: GONE,
  },
  {
    title: "one of another namespace",
    is: true,
    owner: { pidNamespace: "pid:[2]" },
    seen: GONE,
  },
  {
    title: "one without a boot",
    is: false,
    owner: { bootId: undefined },
    seen: GONE,
  },
  {
    title: "one without a boot elsewhere",
    is: true,
    owner: { bootId: undefined, host: "bob" },
    seen: GONE,
  },
])("a port of $title is kept: $is", ({ is, owner, seen }) => {
  assertEquals(isAlive({ ...OWNER, ...owner }, HERE, seen), is);
});
