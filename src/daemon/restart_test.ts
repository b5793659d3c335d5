import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { daemonContext } from "./context.ts";
import { readJournal } from "./journal.ts";
import { restartDaemon } from "./restart.ts";
import { startDaemon, type StartOptions } from "./start.ts";
import {
  type FakeProcess,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const FORCED: StartOptions = { isForced: true };

function createWorld() {
  return new FakeWorld({ onSpawn: () => ({ run: runReal }) });
}

function hostOf(world: FakeWorld, version: string) {
  const env = { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: version };
  return world.host({ env });
}

async function restart(
  world: FakeWorld,
  options: StartOptions = {},
  version = "3.2.4",
) {
  const host = hostOf(world, version);
  return await restartDaemon(host, await daemonContext(host), options);
}

async function openRunning(version = "3.2.4") {
  const world = createWorld();
  const host = hostOf(world, version);
  const { pid } = await startDaemon(host, await daemonContext(host));
  const daemon = world.table.find(pid);
  assert(daemon !== undefined);
  return { world, daemon, host };
}

function endAll(world: FakeWorld): void {
  for (const { pid } of world.table.all()) world.endProcess(pid);
  assertEquals(world.crashes, []);
}

function setProtocol(daemon: FakeProcess, protocol: number): void {
  daemon.sockets = daemon.sockets.map((socket) => ({
    ...socket,
    respond: async (request) => {
      const reply = await socket.respond?.(request) ?? { kind: "reset" };
      if (reply.kind !== "reply" || request.method === "POST") return reply;
      const health = JSON.parse(reply.body);
      return healthReply({ ...health, "protocol_version": protocol });
    },
  }));
}

Deno.test("restartDaemon() stops the daemon and starts another", async () => {
  const { world, daemon, host } = await openRunning();
  const { status, previousPid, start } = await restart(world);
  assertEquals([status, previousPid], ["restarted", daemon.pid]);
  assertEquals([start.action, start.port], ["started", 9400]);
  assert(daemon.hasEnded && start.pid !== daemon.pid);
  assertEquals(world.signals, []);
  const { entries } = await readJournal(host, `${SCOPE}/signals.jsonl`);
  assertEquals(
    entries.map((one) => `${one.asked_by.command}: ${one.step} ${one.outcome}`),
    ["null", "accepted"].map((outcome) =>
      `daemon restart: http_shutdown ${outcome}`
    ),
  );
  endAll(world);
});

Deno.test("restartDaemon() without a daemon starts one", async () => {
  const world = createWorld();
  const { status, previousPid, start } = await restart(world);
  assertEquals([status, previousPid], ["started", undefined]);
  assertEquals([start.action, world.signals], ["started", []]);
  endAll(world);
});

Deno.test("restartDaemon() clears a record that names an innocent", async () => {
  const world = createWorld();
  world.addProcess({ pid: 7001, ports: [9400] });
  const lines = ["http://127.0.0.1:9400", 9400, TOKEN, 7001];
  world.disk.put(STATE, lines.join("\n"));
  const { status, previousPid, start } = await restart(world);
  assertEquals([status, previousPid], ["stale_owner_cleaned", undefined]);
  assertEquals([start.action, start.port], ["started", 9401]);
  assertEquals(world.signals, []);
  assertEquals(world.requests.filter(({ method }) => method === "POST"), []);
  assert(world.table.find(7001)?.hasEnded === false);
  endAll(world);
});

Deno.test("restartDaemon() ends a silent daemon", async () => {
  const { world, daemon } = await openRunning();
  daemon.state = "stopped";
  const { status, previousPid } = await restart(world);
  assertEquals([status, previousPid], ["restarted", daemon.pid]);
  const { pid } = daemon;
  assertEquals(
    world.signals.map((one) => `${one.name} ${one.pid}`),
    [`SIGTERM ${pid}`, `SIGKILL ${pid}`],
  );
  endAll(world);
});

Deno.test("restartDaemon() replaces an older daemon", async () => {
  const { world } = await openRunning("3.2.3");
  const { status, start } = await restart(world);
  assertEquals([status, start.version], ["restarted", "3.2.4"]);
  endAll(world);
});

Deno.test.each([
  { name: "version", version: "3.2.5", protocol: 1 },
  { name: "protocol", version: "3.2.4", protocol: 2 },
])(
  "restartDaemon() refuses a daemon of a newer $name unless it is forced",
  async ({ version, protocol }) => {
    const { world, daemon } = await openRunning(version);
    setProtocol(daemon, protocol);
    const state = world.disk.textOf(STATE);
    world.requests.length = 0;
    const error = await assertRejects(() => restart(world), KnownError);
    assertEquals(error.code, "newer_daemon");
    assertEquals([world.disk.textOf(STATE), daemon.hasEnded], [state, false]);
    const asked = world.requests.filter(({ method }) => method === "POST");
    assertEquals([asked, world.signals, world.commands.length], [[], [], 1]);
    const { status, start } = await restart(world, FORCED);
    assertEquals([status, start.version], ["restarted", "3.2.4"]);
    assert(daemon.hasEnded);
    endAll(world);
  },
);

Deno.test("restartDaemon() starts nothing when it cannot stop the old one", async () => {
  const { world, daemon } = await openRunning();
  world.disk.take(`${SCOPE}/sync/daemon/owner-9400.json`);
  const error = await assertRejects(() => restart(world), KnownError);
  assertEquals(error.code, "stop_failed");
  assertEquals([world.commands.length, world.signals], [1, []]);
  assert(!daemon.hasEnded);
  endAll(world);
});

Deno.test("restartDaemon() tells why the new one could not be started", async () => {
  const { world, daemon } = await openRunning();
  world.onSpawn = () => new HostError("not_found", "/opt/reeve");
  const error = await assertRejects(() => restart(world), KnownError);
  assertEquals(error.code, "start_failed");
  assert(daemon.hasEnded);
  assertEquals(world.disk.textOf(STATE), undefined);
  const { status } = await openAgain(world);
  assertEquals(status, "started");
  endAll(world);
});

async function openAgain(world: FakeWorld) {
  world.onSpawn = () => ({ run: runReal });
  return await restart(world);
}

Deno.test("restartDaemon() keeps the lock from the first step to the last", async () => {
  const { world } = await openRunning();
  const locks: string[] = [];
  const other = hostOf(world, "3.2.4");
  const host = world.host({
    env: { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: "3.2.4" },
    gate: async (operation) => {
      if (!/^(?:POST|spawn|remove|writeAtomic)/.test(operation)) return;
      const lock = await other.files.tryLock(`${STATE}.lock`, NO_CREATE);
      locks.push(typeof lock === "string" ? lock : operation);
      if (typeof lock === "object") lock[Symbol.dispose]();
    },
  });
  await restartDaemon(host, await daemonContext(host));
  assert(locks.length >= 4 && locks.every((lock) => lock === "held"));
  endAll(world);
});

const NO_CREATE = { create: false };
