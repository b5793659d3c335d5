import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { daemonContext } from "./context.ts";
import { spawnDaemon } from "./spawn_daemon.ts";
import {
  type FakeProgram,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const LOG = `${SCOPE}/sync-daemon.log`;

async function spawn(world: FakeWorld, readinessMs?: number) {
  const env = { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: "3.2.4" };
  const host = world.host({ pid: 900, env });
  return await spawnDaemon(host, await daemonContext(host), readinessMs);
}

/** A world in which the program does something else. */
function worldOf(program: FakeProgram | HostError) {
  return new FakeWorld({ onSpawn: () => program });
}

const NEVER = () => new Promise<number>(() => {});

Deno.test("spawnDaemon() gives the record of the daemon that answered", async () => {
  const world = worldOf({ run: runReal });
  const record = await spawn(world);
  assertEquals([record.port, record.package_version], [9400, "3.2.4"]);
  const process = world.table.find(record.pid);
  assertEquals(record.start_stamp, process?.startStamp);
  assertEquals(world.commands, [{
    executable: "/opt/reeve",
    args: ["daemon", "run", `--reeve-daemon-root=${SCOPE}`],
    env: {
      "REEVE_HOME": SCOPE,
      "REEVE_CLI_VERSION": "3.2.4",
      "DENO_V8_FLAGS": "--max-semi-space-size=1",
    },
    cwd: "/",
  }]);
  assertEquals(world.signals, []);
  assertEquals(world.writes.filter((path) => path.startsWith(`${SCOPE}/s`)), [
    `${SCOPE}/sync`,
    `${SCOPE}/sync/daemon`,
    `${SCOPE}/sync/daemon/owner-9400.json`,
  ]);
  world.endProcess(record.pid);
});

Deno.test("spawnDaemon() lets the person's own flags win", async () => {
  const world = worldOf({ run: runReal });
  const env = { REEVE_HOME: SCOPE, DENO_V8_FLAGS: "--max-semi-space-size=8" };
  const host = world.host({ pid: 900, env });
  const { pid } = await spawnDaemon(host, await daemonContext(host));
  assertEquals(
    world.commands[0]?.env["DENO_V8_FLAGS"],
    "--max-semi-space-size=1,--max-semi-space-size=8",
  );
  world.endProcess(pid);
});

Deno.test("spawnDaemon() waits for a slow daemon, and no longer", async () => {
  const world = worldOf({
    async run(host) {
      await host.clock.sleep(20_000);
      return await runReal(host);
    },
  });
  const start = world.clock.elapsed();
  const { pid } = await spawn(world);
  const ms = world.clock.elapsed() - start;
  assert(ms >= 20_000 && ms <= 20_025, `it took ${ms} ms`);
  world.endProcess(pid);
});

Deno.test("spawnDaemon() takes another daemon for none of its own", async () => {
  const world = worldOf({ run: runReal });
  const other = await spawn(world);
  world.onSpawn = () => ({ run: NEVER });
  await assertRejects(() => spawn(world, 500), KnownError, "within 500 ms");
  assert(world.table.find(other.pid)?.hasEnded === false);
  world.endProcess(other.pid);
});

Deno.test("spawnDaemon() says why the program cannot be started", async () => {
  const world = worldOf(new HostError("permission_denied", "/opt/reeve"));
  const error = await assertRejects(() => spawn(world), KnownError);
  assertEquals(error.code, "start_failed");
  assertEquals(
    error.message,
    "Cannot start the daemon: /opt/reeve: permission denied",
  );
  assert(error.hint?.includes("/opt/reeve"));
  assertEquals([world.clock.elapsed(), world.signals], [0, []]);
});

Deno.test("spawnDaemon() passes on what it does not know", async () => {
  const world = new FakeWorld({
    onSpawn: () => {
      throw new TypeError("odd");
    },
  });
  await assertRejects(() => spawn(world), TypeError, "odd");
});

const logOf = (...lines: readonly object[]) =>
  lines.map((line) => JSON.stringify(line)).join("\n") + "\n";

Deno.test.each([
  { name: "nothing", log: "", why: "" },
  {
    name: "its last line",
    log: logOf(
      { message: "first", pid: 5000 },
      { message: "all ports are taken", pid: 5000 },
      { message: "somebody else", pid: 50001 },
    ),
    why: ": all ports are taken",
  },
  {
    name: "lines of others",
    log: logOf({ message: "somebody else", pid: 50001 }),
    why: "",
  },
])(
  "spawnDaemon() whose child ends early tells $name of its log",
  async (row) => {
    const world = worldOf({ pid: 5000, run: () => Promise.resolve(3) });
    world.disk.put(LOG, row.log);
    const error = await assertRejects(() => spawn(world), KnownError);
    assertEquals(error.code, "start_failed");
    assertEquals(
      error.message,
      `Cannot start the daemon: it ended with exit code 3${row.why}`,
    );
    assertEquals(world.signals, []);
    const ms = world.clock.elapsed();
    assert(ms <= 25, `it took ${ms} ms`);
  },
);

Deno.test("spawnDaemon() fails at once when every port is taken", async () => {
  const world = worldOf({ run: runReal });
  const ports = Array.from({ length: 50 }, (_, at) => 9400 + at);
  world.addProcess({ ports, respond: () => healthReply({}) });
  const error = await assertRejects(() => spawn(world), KnownError);
  assertEquals(error.code, "start_failed");
  const [crash] = world.crashes;
  assert(crash instanceof KnownError);
  assertEquals(crash.code, "no_free_port");
  assert(world.clock.elapsed() <= 25);
  assertEquals(world.signals, []);
});

Deno.test.each(
  [
    { onSignal: "polite", signals: ["SIGTERM 21000"] },
    { onSignal: "stubborn", signals: ["SIGTERM 21000", "SIGKILL 21500"] },
  ] as const,
)(
  "spawnDaemon() ends a $onSignal child that never answers",
  async ({ onSignal, signals }) => {
    const world = worldOf({ pid: 5000, run: NEVER, onSignal });
    const error = await assertRejects(() => spawn(world), KnownError);
    assertEquals(error.code, "start_failed");
    assert(error.message.endsWith("no healthy answer within 21000 ms"));
    const sent = world.signals.map(({ name, at }) => {
      assert(at % 500 < 25, `at ${at}`);
      return `${name} ${at - at % 500}`;
    });
    assertEquals<readonly string[]>(sent, signals);
    assert(world.signals.every(({ pid }) => pid === 5000));
    assertEquals(world.table.find(5000), undefined);
  },
);

Deno.test("spawnDaemon() looks once more after it has stood still for long", async () => {
  const world = worldOf({ run: runReal });
  let sleeps = 0;
  const env = { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: "3.2.4" };
  const host = world.host({ pid: 900, env });
  const sleep = async (ms: number) =>
    await world.clock.sleep(sleeps++ === 0 ? 60_000 : ms);
  const slow = { ...host, clock: { ...host.clock, sleep } };
  const record = await spawnDaemon(slow, await daemonContext(slow));
  assertEquals([record.port, sleeps], [9400, 1]);
  assertEquals(world.signals, []);
  world.endProcess(record.pid);
});

Deno.test("spawnDaemon() spares whoever has the pid of its child and is none", async () => {
  const world = worldOf({ pid: 5000, run: NEVER, parentPid: 1 });
  await assertRejects(() => spawn(world), KnownError, "no healthy answer");
  assertEquals(world.signals, []);
  world.endProcess(5000);
});

Deno.test("spawnDaemon() ends a child whose owner record is damaged", async () => {
  const world = worldOf({
    async run(host) {
      await host.files.writeAtomic(`${SCOPE}/sync/daemon/owner-9400.json`, "{");
      return await NEVER();
    },
    ports: [9400],
    respond: () => healthReply({ status: "ok" }),
  });
  await assertRejects(() => spawn(world), KnownError, "no healthy answer");
  assertEquals(world.signals.map(({ name }) => name), ["SIGTERM"]);
  assertEquals(world.requests, []);
});
