/** A command that stands still, at any step and for long, costs no daemon. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { DaemonBody } from "./body.ts";
import { daemonContext } from "./context.ts";
import { readCurrent } from "./current.ts";
import { runDaemon } from "./daemon_process.ts";
import { startDaemon } from "./start.ts";
import {
  type FakeProcess,
  FakeWorld,
  type OnSpawn,
} from "#support/fake_host.ts";
import { silentLog } from "#support/run_daemon.ts";
import { addStaleDaemon } from "#support/stale_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const WRITE = `writeAtomic ${STATE}`;
/** Longer than the time between two looks of a daemon at itself. */
const LONG_MS = 40_000;

const runReal = {
  async run(host: Host): Promise<number> {
    await runDaemon(host, await daemonContext(host), silentLog);
    return 0;
  },
};

function createWorld(onSpawn: OnSpawn = () => runReal) {
  return new FakeWorld({ onSpawn });
}

/** Starts, and lets something happen before some operations. */
async function start(
  world: FakeWorld,
  version: string,
  before: (operation: string, count: number) => Promise<void> = async () => {},
) {
  let count = 0;
  const own = world.host({
    env: { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: version },
    gate: (operation) => before(operation, count++),
  });
  const outcome = startDaemon(own, await daemonContext(own));
  return { outcome, count: () => count };
}

/** What stops still at one kind of operation, so many times. */
function stillAt(world: FakeWorld, wanted: string, times: number) {
  let left = times;
  return async (operation: string) => {
    if (operation === wanted && left-- > 0) await world.clock.sleep(LONG_MS);
  };
}

function daemonsIn(world: FakeWorld): readonly FakeProcess[] {
  return world.table.all().filter(({ hasEnded, sockets }) =>
    !hasEnded && sockets.length > 0
  );
}

function namedIn(world: FakeWorld): number {
  return Number((world.disk.textOf(STATE) ?? "").split("\n")[3]);
}

function endAll(world: FakeWorld): void {
  for (const { pid } of world.table.all()) world.endProcess(pid);
}

/** A daemon whose work takes so long to end. */
function slowToEnd(ms: number) {
  return {
    async run(host: Host): Promise<number> {
      const body: DaemonBody = {
        start: () => {},
        stop: () => host.clock.sleep(ms),
        hasWork: () => false,
        lastWorkAt: () => 0,
        trigger: () => {},
        publish: () => Promise.resolve("queued"),
        health: () => ({
          isRunning: true,
          lastSyncAt: undefined,
          failures: 0,
          socket: "Offline",
        }),
      };
      const context = await daemonContext(host);
      await runDaemon(host, context, silentLog, { body });
      return 0;
    },
  };
}

Deno.test("a command that stands still before the state file tries again", async () => {
  const world = createWorld();
  await (await start(world, "3.2.4")).outcome;
  // A start ends it.
  addStaleDaemon(world, { scope: SCOPE, pid: 7001, port: 9410 });
  const { outcome } = await start(world, "3.2.5", stillAt(world, WRITE, 1));
  const { action, pid, port, notes, cleaned } = await outcome;
  assertEquals(cleaned.swept.map((row) => row.port), [9410]);
  assertEquals([action, port], ["replaced", 9401]);
  assertEquals(notes.length, 1);
  assert(
    /^Daemon \d+ was lost before it had its place: its health answer is refused\. It was tried again\.$/
      .test(notes[0] ?? ""),
  );
  assertEquals(daemonsIn(world).map((one) => one.pid), [pid]);
  assertEquals(namedIn(world), pid);
  assert(world.signals.every((signal) => signal.pid === 7001));
  endAll(world);
});

Deno.test("a command that stands still twice leaves all as it was", async () => {
  const world = createWorld();
  const old = await (await start(world, "3.2.4")).outcome;
  const state = world.disk.textOf(STATE);
  world.requests.length = 0;
  const { outcome } = await start(world, "3.2.5", stillAt(world, WRITE, 3));
  const error = await assertRejects(() => outcome, KnownError);
  assertEquals(error.code, "start_failed");
  assert(
    error.message.includes("was lost before it had its place, as the one"),
  );
  assert(error.hint?.endsWith("start again with: reeve daemon start"));
  assertEquals(world.disk.textOf(STATE), state);
  assertEquals(daemonsIn(world).map((one) => one.pid), [old.pid]);
  const asked = world.requests.filter(({ method }) => method === "POST");
  assertEquals([asked, world.signals], [[], []]);
  endAll(world);
});

Deno.test.each([
  { ms: 1000, reason: "its health answer is refused" },
  { ms: 3000, reason: "it is stopping" },
])(
  "a daemon that takes $ms ms to end is waited for",
  async ({ ms, reason }) => {
    const world = createWorld();
    const old = await (await start(world, "3.2.4")).outcome;
    const left: boolean[] = [];
    world.onSpawn = () => {
      left.push(daemonsIn(world).some(({ pid }) => pid !== old.pid));
      return slowToEnd(ms);
    };
    let isFirst = true;
    const { outcome } = await start(world, "3.2.5", async (operation) => {
      if (operation !== WRITE || !isFirst) return;
      isFirst = false;
      // Its next look is over, and its end is not.
      await world.clock.sleep(30_100);
    });
    const { action, notes } = await outcome;
    assertEquals([action, left], ["replaced", [false, false]]);
    assert(notes[0]?.includes(`: ${reason}.`), notes[0]);
    const asked = world.requests.filter(({ method }) => method === "POST");
    assertEquals(asked.map(({ port }) => port), [9400]);
    endAll(world);
  },
);

Deno.test("a daemon that was told to end says that it is stopping", async () => {
  const world = createWorld(() => slowToEnd(1000));
  const { pid } = await (await start(world, "3.2.4")).outcome;
  const ask = async () => {
    const asker = world.host({ env: { REEVE_HOME: SCOPE } });
    const now = await readCurrent(asker, await daemonContext(asker));
    return now.kind === "unhealthy" ? now.reason : now.kind;
  };
  assertEquals(await ask(), "healthy");
  for (const listener of world.table.find(pid)?.terminationListeners ?? []) {
    listener("SIGTERM");
  }
  assertEquals(await ask(), "it is stopping");
  endAll(world);
});

Deno.test("a first daemon that goes silent before it is recorded is ended and forgotten", async () => {
  const world = createWorld();
  let isFirst = true;
  const { outcome } = await start(world, "3.2.4", async (operation) => {
    if (operation !== WRITE || !isFirst) return;
    isFirst = false;
    for (const one of daemonsIn(world)) one.state = "stopped";
    assertEquals(world.disk.textOf(STATE), undefined);
    await world.clock.sleep(1);
  });
  const { action, pid, notes } = await outcome;
  assertEquals([action, notes.length], ["started", 1]);
  assertEquals(daemonsIn(world).map((one) => one.pid), [pid]);
  const names = world.signals.map(({ name }) => name);
  assertEquals(names, ["SIGTERM", "SIGKILL"]);
  assert(world.signals.every((signal) => signal.pid !== pid));
  assertEquals(namedIn(world), pid);
  endAll(world);
});

Deno.test("a lost daemon that was to be taken back is not taken", async () => {
  const world = createWorld();
  const lost = await (await start(world, "3.2.4")).outcome;
  world.disk.take(STATE);
  const { outcome } = await start(world, "3.2.4", async (operation) => {
    if (operation === WRITE) world.endProcess(lost.pid);
    await Promise.resolve();
  });
  const { action, pid, notes } = await outcome;
  assertEquals([action, notes.length], ["started", 1]);
  assertEquals([namedIn(world), daemonsIn(world).length], [pid, 1]);
  endAll(world);
});

Deno.test("wherever a command stands still, one daemon is left, and it is recorded", async () => {
  const [plain, steps] = await standStillAt(-1);
  assertEquals(plain, "replaced");
  assert(steps > 20, `${steps} steps`);
  const results = new Map<string, number>();
  for (let at = 0; at < steps; at++) {
    const [result] = await standStillAt(at);
    results.set(result, (results.get(result) ?? 0) + 1);
  }
  // Before its first answer the new one may end as well; the old one stays.
  const known = ["replaced", "start_failed"];
  assertEquals([...results.keys()].filter((it) => !known.includes(it)), []);
  assert((results.get("replaced") ?? 0) > steps / 2, JSON.stringify(results));
});

/** Hands over, standing still at one operation. */
async function standStillAt(at: number): Promise<[string, number]> {
  const world = createWorld();
  const old = await (await start(world, "3.2.4")).outcome;
  const { outcome, count } = await start(
    world,
    "3.2.5",
    async (_, step) => {
      if (step === at) await world.clock.sleep(LONG_MS);
    },
  );
  const result = await outcome.then(
    ({ action }) => action,
    (error) => error instanceof KnownError ? error.code : `${error}`,
  );
  // Whoever is superseded notices by now.
  await world.clock.sleep(LONG_MS);
  const left = daemonsIn(world).map(({ pid }) => pid);
  assertEquals(left, [namedIn(world)], `stood still at step ${at}`);
  assertEquals(left[0] === old.pid, result === "start_failed");
  endAll(world);
  return [result, count()];
}
