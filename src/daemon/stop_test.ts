import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { daemonContext } from "./context.ts";
import { startDaemon } from "./start.ts";
import { stopDaemon } from "./stop.ts";
import {
  type FakeHostOptions,
  type FakeProcess,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const OWNER = `${SCOPE}/sync/daemon/owner-9400.json`;
const MARKED = ["/opt/reeve", "daemon", "run", `--reeve-daemon-root=${SCOPE}`];
const TOKEN = "36aeeaca1c580397e4a535a311ab974f";

/** A world with a real, recorded daemon. */
async function openRunning() {
  const world = new FakeWorld({ onSpawn: () => ({ run: runReal }) });
  const host = world.host({ env: { REEVE_HOME: SCOPE } });
  const { pid } = await startDaemon(host, await daemonContext(host));
  const daemon = world.table.find(pid);
  assert(daemon !== undefined);
  world.requests.length = 0;
  return { world, daemon };
}

async function stop(world: FakeWorld, options: FakeHostOptions = {}) {
  const host = world.host({ env: { REEVE_HOME: SCOPE }, ...options });
  return await stopDaemon(host, await daemonContext(host));
}

function putState(world: FakeWorld, pid: number, port = 9400): void {
  const lines = [`http://127.0.0.1:${port}`, port, TOKEN, pid];
  world.disk.put(STATE, lines.join("\n") + "\n");
}

function endAll(world: FakeWorld): void {
  for (const { pid } of world.table.all()) world.endProcess(pid);
  assertEquals(world.crashes, []);
}

/** Every signal and every request to stop. */
function deedsOf(world: FakeWorld): readonly string[] {
  const asked = world.requests.filter(({ method }) => method === "POST");
  return [
    ...asked.map(({ port, path }) => `${port}${path}`),
    ...world.signals.map(({ pid, name }) => `${name} ${pid}`),
  ];
}

/** Lets a daemon agree to stop without doing so. */
function keepRunning(daemon: FakeProcess, onAsked: () => void = () => {}) {
  daemon.sockets = daemon.sockets.map((socket) => ({
    ...socket,
    respond: (request) => {
      if (request.method === "GET") {
        return socket.respond?.(request) ?? { kind: "reset" };
      }
      onAsked();
      return healthReply({});
    },
  }));
}

Deno.test("stopDaemon() without a state file does nothing", async () => {
  const world = new FakeWorld();
  world.addProcess({ pid: 5001, argv: MARKED, ports: [9400] });
  assertEquals(await stop(world), { kind: "not_running" });
  assertEquals([deedsOf(world), world.requests], [[], []]);
  assertEquals(world.writes.filter((path) => !path.endsWith(".lock")), [
    "/home",
    "/home/ada",
    SCOPE,
  ]);
});

Deno.test("stopDaemon() asks a healthy daemon with its credential", async () => {
  const { world, daemon } = await openRunning();
  const { pid } = daemon;
  assertEquals(await stop(world), {
    kind: "stopped",
    pid,
    port: 9400,
    path: "http_shutdown",
    wasSilent: false,
    notes: [],
  });
  assertEquals(deedsOf(world), ["9400/api/shutdown"]);
  assert(daemon.hasEnded, "the daemon has ended");
  const left = [STATE, OWNER].map((path) => world.disk.textOf(path));
  assertEquals(left, [undefined, undefined]);
});

Deno.test("stopDaemon() gives a daemon that agreed five seconds", async () => {
  const { world, daemon } = await openRunning();
  keepRunning(daemon, () => {
    world.clock.sleep(4900).then(() => world.endProcess(daemon.pid));
  });
  const outcome = await stop(world);
  assert(outcome.kind === "stopped");
  assertEquals([outcome.path, world.signals], ["http_shutdown", []]);
});

Deno.test("stopDaemon() ends one that agreed and stayed", async () => {
  const { world, daemon } = await openRunning();
  keepRunning(daemon);
  const start = world.clock.elapsed();
  const outcome = await stop(world);
  assert(outcome.kind === "stopped");
  assertEquals(outcome.path, "terminate");
  const [signal] = world.signals;
  assertEquals([signal?.name, (signal?.at ?? 0) - start], ["SIGTERM", 5000]);
});

Deno.test("stopDaemon() does not ask a silent daemon", async () => {
  const { world, daemon } = await openRunning();
  daemon.state = "stopped";
  const { pid } = daemon;
  const outcome = await stop(world);
  assert(outcome.kind === "stopped");
  assertEquals([outcome.path, outcome.wasSilent], ["kill", true]);
  assertEquals(deedsOf(world), [`SIGTERM ${pid}`, `SIGKILL ${pid}`]);
  assertEquals(world.disk.textOf(STATE), undefined);
});

Deno.test("stopDaemon() that fails keeps the state file", async () => {
  const { world, daemon } = await openRunning();
  keepRunning(daemon);
  daemon.onSignal = "immortal";
  const state = world.disk.textOf(STATE);
  const error = await assertRejects(() => stop(world), KnownError);
  assertEquals(error.code, "stop_failed");
  assertEquals(
    error.message,
    `Cannot stop the daemon ${daemon.pid}: still alive after kill`,
  );
  assertEquals(world.disk.textOf(STATE), state);
  endAll(world);
});

const unproved: Readonly<
  Record<string, readonly [(world: FakeWorld) => void, string]>
> = {
  "without an owner record": [
    (world) => world.disk.take(OWNER),
    "no owner record proves process 5001",
  ],
  "of an unknown listener": [
    (world) => world.hideListeners("no right"),
    "another process listens on its port",
  ],
  "with a socket that is shared": [
    (world) => world.addProcess({ pid: 6001, ports: [9400] }),
    "another process listens on its port",
  ],
};

Deno.test.each(
  Object.entries(unproved).map(([name, row]) => ({ name, row })),
)("stopDaemon() leaves a healthy daemon $name", async ({ row }) => {
  const [change, reason] = row;
  const { world, daemon } = await openRunning();
  change(world);
  const state = world.disk.textOf(STATE);
  const error = await assertRejects(() => stop(world), KnownError);
  assertEquals(error.code, "stop_failed");
  assertEquals(error.message, `Cannot stop the daemon 5001: ${reason}`);
  assertEquals([deedsOf(world), daemon.hasEnded], [[], false]);
  assertEquals(world.disk.textOf(STATE), state);
  world.hideListeners();
  endAll(world);
});

const innocents: Readonly<
  Record<string, readonly [FakeProcessSpec | undefined, string]>
> = {
  "has ended": [undefined, "nothing listens on its port"],
  "is an innocent": [{}, "nothing listens on its port"],
  "is an innocent on the port": [
    { ports: [9400] },
    "process 7001 is not a daemon of ours",
  ],
  "is an innocent that answers": [
    { ports: [9400], respond: () => healthReply({ status: "ok" }) },
    "process 7001 is not a daemon of ours",
  ],
  "is a daemon of another root": [
    { ports: [9400], argv: [...MARKED.slice(0, 3), `${MARKED[3]}-other`] },
    "process 7001 serves another state root",
  ],
  "has our shape but no record": [
    { ports: [9400], argv: MARKED },
    "no owner record proves process 7001",
  ],
  "has its port taken by another": [
    { pid: 7002, ports: [9400] },
    "another process listens on its port",
  ],
};

Deno.test.each(
  Object.entries(innocents).map(([name, row]) => ({ name, row })),
)("stopDaemon() only clears a state file whose pid $name", async ({ row }) => {
  const [spec, reason] = row;
  const world = new FakeWorld();
  if (spec !== undefined) world.addProcess({ pid: 7001, ...spec });
  putState(world, 7001);
  assertEquals(await stop(world), { kind: "cleared", pid: 7001, reason });
  assertEquals(deedsOf(world), []);
  assertEquals(world.disk.textOf(STATE), undefined);
});

Deno.test("stopDaemon() clears a damaged state file", async () => {
  const world = new FakeWorld();
  world.disk.put(STATE, "https://example.org\n");
  const reason = "the state file could not be used: " +
    "its first line is no loopback URL";
  assertEquals(await stop(world), { kind: "cleared", pid: undefined, reason });
  assertEquals(world.disk.textOf(STATE), undefined);
});

Deno.test.each([
  { name: "while the daemon is asked", before: "POST 9400/api/shutdown" },
  { name: "while it is cleared", before: "listeners 9400-9400" },
])("stopDaemon() keeps a state file that changes $name", async ({ before }) => {
  const { world, daemon } = await openRunning();
  if (before.startsWith("listeners")) world.endProcess(daemon.pid);
  await stop(world, {
    gate: (operation) => {
      if (operation === before) putState(world, 8001, 9402);
      return Promise.resolve();
    },
  });
  assertEquals(world.disk.textOf(STATE)?.split("\n").at(3), "8001");
  assertEquals(world.signals, []);
});

Deno.test("stopDaemon() says that its journal could not be written", async () => {
  const { world } = await openRunning();
  const journal = `${SCOPE}/signals.jsonl`;
  world.failFiles(journal, "no_space");
  const outcome = await stop(world);
  assert(outcome.kind === "stopped");
  assertEquals(outcome.notes, [
    `The journal could not be written: ${journal}: no space.`,
  ]);
});

Deno.test("stopDaemon() names the holder of the lock", async () => {
  const { world, daemon } = await openRunning();
  const other = world.host({ pid: 901 });
  const held = await other.files.tryLock(`${STATE}.lock`, { create: true });
  assert(typeof held === "object");
  await held.write("901\n");
  const error = await assertRejects(() => stop(world), KnownError);
  assertEquals(error.code, "lock_busy");
  assert(error.message.includes("process 901 holds it"));
  assertEquals([deedsOf(world), daemon.hasEnded], [[], false]);
  held[Symbol.dispose]();
  endAll(world);
});
