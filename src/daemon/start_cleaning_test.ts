import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { acquireLock } from "../state/lock.ts";
import { daemonContext } from "./context.ts";
import { openJournal } from "./journal.ts";
import type { OwnerRecord } from "./schema.ts";
import { startDaemon } from "./start.ts";
import { cleanAtStart } from "./start_cleaning.ts";
import {
  type FakeHostOptions,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";
import { addStaleDaemon } from "#support/stale_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const KITTY = "/home/ada/.spec-kitty";
const OURS = ["/opt/reeve", "daemon", "run"];

/** A stale daemon of an older release, with some changes. */
function addStale(
  world: FakeWorld,
  port: number,
  spec: FakeProcessSpec = {},
  health: object = {},
) {
  const stale = { scope: SCOPE, pid: port - 4400, port };
  return addStaleDaemon(world, stale, spec, {
    "package_version": "3.2.2",
    ...health,
  });
}

type Gate = NonNullable<FakeHostOptions["gate"]>;
const open: Gate = () => Promise.resolve();

async function clean(world: FakeWorld, gate = open) {
  const host = world.host({ env: { REEVE_HOME: SCOPE }, gate });
  const context = await daemonContext(host);
  const lock = await acquireLock(host, context.paths.daemonLock);
  assert(typeof lock === "object");
  using held = lock;
  const journal = openJournal(host, context.paths.journal, "test");
  const { swept, skipped, failed } = await cleanAtStart(host, {
    context,
    journal,
    lock: held,
  });
  return {
    swept: swept.map(({ port, cleanup_path: path }) => `${port} ${path}`),
    skipped: skipped.map(({ port, skip_reason: why }) => `${port} ${why}`),
    failed: failed.map(({ port, failure_reason: why }) => `${port} ${why}`),
  };
}

const signalsOf = ({ signals }: FakeWorld) =>
  signals.map(({ pid, name, at }) => `${name} ${pid} ${at}`);

Deno.test("cleanAtStart() with nothing to clean changes nothing", async () => {
  const world = new FakeWorld();
  assertEquals(await clean(world), { swept: [], skipped: [], failed: [] });
  assertEquals([world.signals, world.requests], [[], []]);
});

Deno.test("cleanAtStart() ends stale daemons and nobody else", async () => {
  const world = new FakeWorld();
  const other = [...OURS, "--reeve-daemon-root=/other"];
  const kitty = ["python", "-c", "run_sync_daemon(9405, 'x')"];
  addStale(world, 9401);
  addStale(world, 9402, { argv: other });
  addStale(world, 9403, { argv: OURS });
  addStale(world, 9404, { argv: ["/opt/other"] });
  addStale(world, 9405, {
    argv: [...kitty, `--spec-kitty-daemon-root=${KITTY}`],
  }, { product: undefined, "singleton_scope_id": undefined });
  addStale(world, 9406, { respond: () => new Promise(() => {}) });
  addStale(world, 9407, {}, { owner: { pid: 1, port: 9407 } });
  addStale(world, 9408, {}, { "daemon_family": "dashboard" });
  addStale(world, 9450);
  assertEquals(await clean(world), {
    swept: ["9401 terminate"],
    skipped: [
      "9402 cross_root",
      "9403 pre_marker",
      "9406 unresponsive",
      "9407 pid_port_mismatch",
    ],
    failed: [],
  });
  assertEquals(world.signals.map(({ pid }) => pid), [5001]);
  // Without its token, a daemon of ours need not be asked.
  assertEquals(world.requests.filter(({ method }) => method === "POST"), []);
});

Deno.test("cleanAtStart() eases no proof where nothing was sent", async () => {
  const world = new FakeWorld();
  const daemon = addStale(world, 9401);
  let proofs = 0;
  const outcome = await clean(world, (operation) => {
    const isProof = operation === "listeners 9401-9401";
    if (isProof && ++proofs === 2) daemon.unlisten(9401);
    return Promise.resolve();
  });
  assertEquals(outcome.skipped, ["9401 pid_port_mismatch"]);
  assertEquals(world.signals, []);
});

Deno.test("cleanAtStart() kills a stubborn daemon in its short limits", async () => {
  const world = new FakeWorld();
  addStale(world, 9401, { onSignal: "stubborn" });
  addStale(world, 9402, { onSignal: "immortal" });
  assertEquals(await clean(world), {
    swept: ["9401 kill"],
    skipped: [],
    failed: ["9402 still_alive_after_kill"],
  });
  assertEquals(signalsOf(world), [
    "SIGTERM 5001 0",
    "SIGTERM 5002 0",
    "SIGKILL 5001 500",
    "SIGKILL 5002 500",
  ]);
  assertEquals(world.clock.elapsed(), 800);
});

const RECORD: OwnerRecord = {
  "schema_version": 1,
  "product": "reeve",
  "daemon_family": "sync",
  "auth_principal": null,
  "auth_scope": null,
  "auth_team": null,
  "executable_path": "/opt/reeve",
  "package_version": "3.2.2",
  "protocol_version": 1,
  "pid": 5001,
  "port": 9401,
  "queue_db_path": null,
  "server_url": null,
  "source_checkout_path": "/opt",
  "singleton_scope_id": SCOPE,
  "started_at": "2026-01-01T00:00:00.000Z",
  "start_stamp": "77",
  "host": "ada",
  "boot_id": "boot-1",
  "pid_namespace": "pid:[1]",
  "token": "36aeeaca1c580397e4a535a311ab974f",
};

Deno.test("cleanAtStart() begins no step after its limit", async () => {
  const world = new FakeWorld();
  const path = `${SCOPE}/sync/daemon/owner-9401.json`;
  world.disk.put(path, JSON.stringify(RECORD));
  const daemon = addStale(world, 9401, {
    startStamp: "77",
    onSignal: "stubborn",
  });
  const { respond } = daemon;
  daemon.respond = async (request) => {
    if (request.method === "GET") {
      return await respond?.(request) ?? { kind: "reset" };
    }
    await world.clock.sleep(990);
    return healthReply({});
  };
  const { failed } = await clean(world);
  // It agreed late and stayed: 990 ms of asking, 500 ms of waiting.
  assertEquals(signalsOf(world), ["SIGTERM 5001 1490"]);
  assertEquals(failed, ["9401 interrupted"]);
});

Deno.test("cleanAtStart() leaves no timer behind", async () => {
  const world = new FakeWorld();
  addStale(world, 9401);
  await clean(world);
  await world.clock.sleep(1);
  assertEquals(world.clock.elapsed(), 1);
});

Deno.test("startDaemon() cleans before it starts, so that a port is free", async () => {
  const world = new FakeWorld({ onSpawn: () => ({ run: runReal }) });
  const ports = Array.from({ length: 49 }, (_, at) => 9401 + at);
  world.addProcess({ pid: 7001, ports, respond: () => healthReply({}) });
  addStale(world, 9400);
  const host = world.host({
    env: { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: "3.2.4" },
  });
  const outcome = await startDaemon(host, await daemonContext(host));
  assertEquals([outcome.action, outcome.port], ["started", 9400]);
  assertEquals(outcome.cleaned.swept.map(({ port }) => port), [9400]);
  assertEquals(world.signals.map(({ pid }) => pid), [5000]);
  world.endProcess(outcome.pid);
});

/** A world with a recorded daemon that has become silent. */
async function openWedged() {
  const world = new FakeWorld({ onSpawn: () => ({ run: runReal }) });
  const host = world.host({ env: { REEVE_HOME: SCOPE } });
  const context = await daemonContext(host);
  const { pid } = await startDaemon(host, context);
  const daemon = world.table.find(pid);
  assert(daemon !== undefined);
  daemon.state = "stopped";
  return { world, host, context, daemon };
}

Deno.test.each(
  [
    { code: "no_space", operation: "tryLock" },
    { code: "read_only", operation: "tryLock" },
    { code: "no_space", operation: "writeAtomic" },
    { code: "read_only", operation: "writeAtomic" },
  ] as const,
)(
  "startDaemon() signals nobody of old when $operation says $code",
  async ({ code, operation }) => {
    const { world, host, context, daemon } = await openWedged();
    const state = world.disk.textOf(STATE);
    world.failFiles((path) => path.startsWith(SCOPE), code, { operation });
    const start = () => startDaemon(host, context);
    const error = await assertRejects(start, Error);
    assert(error instanceof HostError || error instanceof KnownError);
    assertEquals([world.signals, daemon.hasEnded], [[], false]);
    assertEquals(world.disk.textOf(STATE), state);
    world.endProcess(daemon.pid);
  },
);

Deno.test("startDaemon() leaves no daemon behind that it cannot record", async () => {
  const { world, host, context, daemon } = await openWedged();
  const state = world.disk.textOf(STATE);
  world.failFiles(STATE, "no_space", { operation: "writeAtomic" });
  await assertRejects(() => startDaemon(host, context), HostError, "no space");
  assertEquals([world.disk.textOf(STATE), world.signals], [state, []]);
  const living = world.table.all().filter(({ argv, hasEnded }) =>
    !hasEnded && argv?.includes("daemon") === true
  );
  assertEquals(living.map(({ pid }) => pid), [daemon.pid]);
  world.endProcess(daemon.pid);
});

Deno.test("startDaemon() goes on when only its journal cannot be written", async () => {
  const { world, host, context } = await openWedged();
  world.failFiles(context.paths.journal, "no_space");
  const { action, notes, pid } = await startDaemon(host, context);
  assertEquals(action, "started");
  assertEquals(
    notes.at(-1),
    `The journal could not be written: ` +
      `${context.paths.journal}: no space.`,
  );
  world.endProcess(pid);
});

Deno.test("startDaemon() names the holder of the lock and does nothing", async () => {
  const { world, host, context, daemon } = await openWedged();
  const other = world.host({ pid: 901 });
  const lock = await acquireLock(other, context.paths.daemonLock);
  assert(typeof lock === "object");
  const writes = [...world.writes];
  const error = await assertRejects(
    () => startDaemon(host, context, { lockWaitMs: 50 }),
    KnownError,
    "process 901 holds it",
  );
  assertEquals(error.code, "lock_busy");
  assertEquals([world.signals, world.commands.length], [[], 1]);
  assertEquals(world.writes, writes);
  lock[Symbol.dispose]();
  world.endProcess(daemon.pid);
});
