import { assert, assertEquals, fail } from "@std/assert";
import fc from "fast-check";
import { daemonContext } from "../../src/daemon/context.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { stopDaemon } from "../../src/daemon/stop.ts";
import { parseState } from "../../src/daemon/state_file.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const RUNS = 400;

/** Runs the real daemon as a process of the fake world. */
function createWorld(): FakeWorld {
  return new FakeWorld({ onSpawn: () => ({ run: runReal }) });
}

function starter(world: FakeWorld, version: string, gate: () => Promise<void>) {
  return world.host({
    env: { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: version },
    gate,
  });
}

function livingDaemons(world: FakeWorld) {
  return world.table.all().filter((process) =>
    !process.hasEnded && process.argv?.includes("daemon") === true
  );
}

async function checkOne(world: FakeWorld, version: string): Promise<void> {
  const living = livingDaemons(world);
  assertEquals(living.length, 1, `${living.length} daemons are left`);
  const plain = world.host({ env: { REEVE_HOME: SCOPE } });
  const read = parseState(await plain.files.readText(`${SCOPE}/sync-daemon`));
  assert(read.kind === "found");
  assertEquals(read.state.pid, living[0]?.pid);
  const owner = await plain.files.readText(
    `${SCOPE}/sync/daemon/owner-${read.state.port}.json`,
  );
  assertEquals(JSON.parse(owner).package_version, version);
  assertEquals(world.crashes, []);
}

function endAll(world: FakeWorld): void {
  for (const { pid } of livingDaemons(world)) world.endProcess(pid);
}

Deno.test("startDaemon() leaves one daemon however starters of two versions interleave", async () => {
  const property = fc.asyncProperty(fc.scheduler(), async (s) => {
    const world = createWorld();
    const gate = async () => void await s.schedule(Promise.resolve());
    const all = ["3.2.4", "3.2.5"].map(async (version) => {
      const host = starter(world, version, gate);
      return await startDaemon(host, await daemonContext(host));
    });
    const outcomes = await s.waitFor(Promise.all(all));
    for (const { pid } of outcomes.slice(1)) {
      assert(world.table.find(pid)?.hasEnded === false);
    }
    await checkOne(world, "3.2.5");
    endAll(world);
  });
  await fc.assert(property, { numRuns: RUNS });
});

Deno.test("startDaemon() leaves one daemon when five of a version start at once", async () => {
  const property = fc.asyncProperty(fc.scheduler(), async (s) => {
    const world = createWorld();
    const gate = async () => void await s.schedule(Promise.resolve());
    const all = Array.from({ length: 5 }, async () => {
      const host = starter(world, "3.2.4", gate);
      return await startDaemon(host, await daemonContext(host));
    });
    const outcomes = await s.waitFor(Promise.all(all));
    assertEquals(new Set(outcomes.map(({ pid }) => pid)).size, 1);
    await checkOne(world, "3.2.4");
    assertEquals(world.signals, []);
    endAll(world);
  });
  await fc.assert(property, { numRuns: 100 });
});

Deno.test("startDaemon() and stopDaemon() never end with a daemon that is not known", async () => {
  const property = fc.asyncProperty(fc.scheduler(), async (s) => {
    const world = createWorld();
    const gate = async () => void await s.schedule(Promise.resolve());
    const first = starter(world, "3.2.4", () => Promise.resolve());
    await startDaemon(first, await daemonContext(first));
    const starting = starter(world, "3.2.5", gate);
    const stopping = starter(world, "3.2.4", gate);
    await s.waitFor(Promise.all([
      daemonContext(starting).then((context) => startDaemon(starting, context)),
      daemonContext(stopping).then((context) => stopDaemon(stopping, context)),
    ]));
    const living = livingDaemons(world);
    assert(living.length <= 1, `${living.length} daemons are left`);
    const isNamed = world.disk.textOf(`${SCOPE}/sync-daemon`) !== undefined;
    assertEquals(isNamed, living.length === 1);
    endAll(world);
  });
  await fc.assert(property, { numRuns: 100 });
});

/** Lets a start die at every step in turn, and the next one repair. */
async function dieEverywhere(prepare: (world: FakeWorld) => Promise<void>) {
  for (let step = 1; step < 600; step++) {
    const world = createWorld();
    await prepare(world);
    let operations = 0;
    const dying = starter(world, "3.2.5", () => {
      operations++;
      if (operations === step) world.endProcess(dying.process.pid);
      return Promise.resolve();
    });
    const done = daemonContext(dying)
      .then((context) => startDaemon(dying, context))
      .then(() => "done" as const);
    const ended = dying.process.exited.then(() => "died" as const);
    const how = await Promise.race([done, ended]);
    const next = starter(world, "3.2.5", () => Promise.resolve());
    await startDaemon(next, await daemonContext(next));
    await checkOne(world, "3.2.5");
    endAll(world);
    if (how === "done") return step;
  }
  fail("a start never came to its end");
}

Deno.test("startDaemon() that dies at any step leaves nothing that the next start does not repair", async () => {
  const steps = await dieEverywhere(() => Promise.resolve());
  assert(steps > 30, `only ${steps} steps were tried`);
});

Deno.test("startDaemon() that dies at any step of a hand-off is repaired by the next start", async () => {
  const steps = await dieEverywhere(async (world) => {
    const old = starter(world, "3.2.4", () => Promise.resolve());
    await startDaemon(old, await daemonContext(old));
  });
  assert(steps > 60, `only ${steps} steps were tried`);
});
