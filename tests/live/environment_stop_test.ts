/** Units are ended with all that belongs to them, and nobody else is. */

import { assert, assertEquals } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";
import {
  freePort,
  freePorts,
  makeUnitWorld,
  PYTHON,
  type TestUnit,
  type UnitWorld,
} from "#support/unit_world.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { treeOf } from "../../src/environment/process_tree.ts";

async function membersOf(world: UnitWorld, unit: TestUnit) {
  const tree = treeOf(unit.identity, await world.look([unit]));
  assert(tree.kind === "known");
  return tree.members;
}

async function isAlive(pid: number): Promise<boolean> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" && seen.facts.state !== "zombie";
}

function listens(world: UnitWorld, unit: TestUnit, port: number) {
  return waitUntil(
    `it listens on ${port}`,
    async () => (await world.truth(unit, port)).actualPort === port,
  );
}

/** Somebody else's server. */
async function startStranger(port: number) {
  const child = new Deno.Command(PYTHON, {
    args: ["-S", "tests/programs/unit.py", "listen", String(port)],
    stdin: "null",
    stdout: "null",
  }).spawn();
  await waitUntil("the stranger listens", async () => {
    const range = { first: port, end: port + 1 };
    const table = await denoHost.processes.listeners(range);
    return table.kind === "table" && table.listeners.length > 0;
  });
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

Deno.test("a polite unit ends at once, and a second stop finds nothing", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("listen", String(port));
  await listens(world, unit, port);
  const [first] = await world.stop([unit]);
  assertEquals([first?.kind, first?.wasKilled], ["stopped", false]);
  assertEquals(first?.ended, [unit.identity.pid]);
  const [second] = await world.stop([unit]);
  assertEquals(second?.kind, "already_gone");
});

Deno.test("each signal is written down before and after", async () => {
  await using world = await makeUnitWorld();
  const unit = await world.start("work", "stubborn");
  await waitUntil(
    "it ignores SIGTERM",
    async () => await readArgv(unit.identity.pid) === PYTHON,
  );
  await denoHost.clock.sleep(200);
  await world.stop([unit], 50);
  const lines = (await Deno.readTextFile(`${world.directory}/signals.jsonl`))
    .trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    lines.map(({ step, phase, outcome }) => [step, phase, outcome]),
    [
      ["terminate", "requested", null],
      ["terminate", "done", "sent"],
      ["kill", "requested", null],
      ["kill", "done", "sent"],
    ],
  );
  assert(lines.every(({ target }) => target.pid === unit.identity.pid));
});

async function readArgv(pid: number): Promise<string | undefined> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" ? seen.facts.argv?.[0] : undefined;
}

Deno.test("stopping ends the child of a wrapper", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("wrap", "listen", String(port));
  await listens(world, unit, port);
  const members = await membersOf(world, unit);
  assertEquals(members.length, 2);
  const [result] = await world.stop([unit]);
  assertEquals([result?.kind, result?.ended.length], ["stopped", 2]);
  for (const { row } of members) assert(!await isAlive(row.pid));
});

for (const verb of ["abandon", "forget"]) {
  Deno.test(`stopping ends what a dead unit left behind: ${verb}`, async () => {
    await using world = await makeUnitWorld();
    const port = freePort();
    const unit = await world.start(
      verb,
      "listen",
      String(port),
      "stubborn",
    );
    await listens(world, unit, port);
    assertEquals((await world.truth(unit, port)).status, "running");
    await waitUntil(
      "the leader has ended",
      async () => !await isAlive(unit.identity.pid),
    );
    const members = await membersOf(world, unit);
    assert(members.length > 0);
    const [result] = await world.stop([unit], 100);
    assertEquals([result?.kind, result?.wasKilled], ["stopped", true]);
    for (const { row } of members) assert(!await isAlive(row.pid));
  });
}

async function isAnswering(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("a process that nothing proves any more is left alone", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("scrub", "listen", String(port));
  await waitUntil(
    "the leader has ended",
    async () => !await isAlive(unit.identity.pid),
  );
  // Before that it is a copy of its leader, with the marker.
  await waitUntil("what it left behind listens", () => isAnswering(port));
  const tree = treeOf(unit.identity, await world.look([unit]));
  assert(tree.kind === "known");
  assertEquals(tree.members, []);
  const [suspect] = tree.suspects;
  assert(suspect !== undefined);
  try {
    assertEquals((await world.truth(unit, port)).status, "unverified");
    const [result] = await world.stop([unit]);
    assertEquals(result?.kind, "unverified");
    assert(await isAlive(suspect.pid));
  } finally {
    Deno.kill(suspect.pid, "SIGKILL");
  }
});

Deno.test("a stranger on the port of a dead unit is named and survives", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("listen", String(port));
  await listens(world, unit, port);
  Deno.kill(unit.identity.pid, "SIGKILL");
  await waitUntil(
    "the unit has ended",
    async () => !await isAlive(unit.identity.pid),
  );
  await using stranger = await startStranger(port);
  const truth = await world.truth(unit, port);
  assertEquals(truth.status, "stale");
  assertEquals(truth.foreignOwner?.pid, stranger.pid);
  assertEquals(truth.foreignOwner?.program, "python3");
  assertEquals((await world.stop([unit]))[0]?.kind, "already_gone");
  assert(await isAlive(stranger.pid));
});

Deno.test("a process with the id of a dead unit gets no signal", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("work");
  await world.stop([unit]);
  await using stranger = await startStranger(port);
  const identity = { ...unit.identity, pid: stranger.pid };
  const forged = { ...unit, identity };
  const truth = await world.truth(forged, port);
  assertEquals(truth.status, "stale");
  assertEquals(truth.evidence[0]?.fact, "reused");
  assertEquals((await world.stop([forged]))[0]?.kind, "already_gone");
  assert(await isAlive(stranger.pid));
});

Deno.test("a record of an earlier boot is never acted on", async () => {
  await using world = await makeUnitWorld();
  const unit = await world.start("work");
  const identity = { ...unit.identity, bootId: "another" };
  const old = { ...unit, identity };
  assertEquals((await world.truth(old)).status, "stale");
  assertEquals((await world.stop([old]))[0]?.kind, "already_gone");
  assert(await isAlive(unit.identity.pid));
});

Deno.test("fifty units end together", async () => {
  await using world = await makeUnitWorld();
  const ports = freePorts(50);
  const units = await Promise.all(
    ports.map((port) => world.start("listen", String(port))),
  );
  await Promise.all(
    units.map((unit, at) => listens(world, unit, ports[at] ?? 0)),
  );
  const results = await world.stop(units);
  assert(results.every(({ kind }) => kind === "stopped"));
  const alive = await Promise.all(
    units.map((one) => isAlive(one.identity.pid)),
  );
  assert(alive.every((one) => !one));
});

Deno.test("units that ignore SIGTERM do not wait for one another", async () => {
  await using world = await makeUnitWorld();
  const ports = freePorts(18);
  const units = await Promise.all(
    ports.map((port, at) =>
      world.start("listen", String(port), ...at < 6 ? ["stubborn"] : [])
    ),
  );
  await Promise.all(
    units.map((unit, at) => listens(world, unit, ports[at] ?? 0)),
  );
  const results = await world.stop(units, 500);
  assertEquals(results.filter(({ wasKilled }) => wasKilled).length, 6);
  assert(results.every(({ kind }) => kind === "stopped"));
});
