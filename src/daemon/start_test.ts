import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { daemonContext } from "./context.ts";
import { startDaemon, type StartOptions } from "./start.ts";
import {
  type FakeProcess,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
  type OnSpawn,
} from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";
import { addStaleDaemon } from "#support/stale_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const MARKER = `--reeve-daemon-root=${SCOPE}`;
const MARKED = ["/opt/reeve", "daemon", "run", MARKER];
const TOKEN = "36aeeaca1c580397e4a535a311ab974f";

/** A world in which every start runs the real daemon. */
function createWorld(onSpawn: OnSpawn = () => ({ run: runReal })) {
  return new FakeWorld({ onSpawn });
}

/** Starts as a new process of its own; tells what it did and in which order. */
function starter(world: FakeWorld, version = "3.2.4") {
  const operations: string[] = [];
  const host = world.host({
    env: { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: version },
    gate: (operation) => Promise.resolve(operations.push(operation)),
  });
  const start = async (options: StartOptions = {}) =>
    await startDaemon(host, await daemonContext(host), options);
  return { operations, host, start };
}

function processOf(world: FakeWorld, pid: number): FakeProcess {
  const process = world.table.find(pid);
  assert(process !== undefined && !process.hasEnded, `${pid} has ended`);
  return process;
}

function namedIn(world: FakeWorld): string {
  const [, port, , pid] = (world.disk.textOf(STATE) ?? "").split("\n");
  return `${pid} on ${port}`;
}

function putState(world: FakeWorld, pid: number, port = 9400): void {
  const lines = [`http://127.0.0.1:${port}`, port, TOKEN, pid];
  world.disk.put(STATE, lines.join("\n") + "\n");
}

function changeHealth(process: FakeProcess, change: object): void {
  process.sockets = process.sockets.map((socket) => ({
    ...socket,
    respond: async (request) => {
      const reply = await socket.respond?.(request) ?? { kind: "reset" };
      if (reply.kind !== "reply" || request.method === "POST") return reply;
      return healthReply({ ...JSON.parse(reply.body), ...change });
    },
  }));
}

/** Ends what runs, so that no daemon outlives its test. */
function endAll(world: FakeWorld): void {
  for (const { pid } of world.table.all()) world.endProcess(pid);
  assertEquals(world.crashes, []);
}

const signalsOf = ({ signals }: FakeWorld) =>
  signals.map(({ pid, name }) => `${name} ${pid}`);
const steps = (operations: readonly string[]) =>
  operations.filter((it) => /^(?:POST|SIG|spawn|tryLock|writeAtomic)/.test(it));

Deno.test("startDaemon() starts a daemon where none is", async () => {
  const world = createWorld();
  const { pid, ...outcome } = await starter(world).start();
  assertEquals<unknown>(outcome, {
    action: "started",
    port: 9400,
    version: "3.2.4",
    notes: [],
    cleaned: { "swept": [], "skipped": [], "failed": [] },
  });
  assertEquals(world.commands, [{
    executable: "/opt/reeve",
    args: ["daemon", "run", MARKER],
    env: {
      "REEVE_HOME": SCOPE,
      "REEVE_CLI_VERSION": "3.2.4",
      "DENO_V8_FLAGS": "--max-semi-space-size=1",
    },
    cwd: "/",
  }]);
  assertEquals(namedIn(world), `${processOf(world, pid).pid} on 9400`);
  assertEquals(world.signals, []);
  endAll(world);
});

Deno.test("startDaemon() reuses without a lock and without any write", async () => {
  const world = createWorld();
  const first = await starter(world).start();
  const writes = [...world.writes];
  const { start, operations } = starter(world);
  const again = await start();
  assertEquals<unknown>(again, { ...first, action: "reused" });
  assertEquals(world.writes, writes);
  assertEquals([steps(operations), world.signals], [[], []]);
  endAll(world);
});

Deno.test("startDaemon() that reuses takes the lock to clean", async () => {
  const world = createWorld();
  const { pid } = await starter(world).start();
  addStaleDaemon(world, { scope: SCOPE, pid: 7001, port: 9410 });
  const { start, operations } = starter(world);
  const { action, cleaned, ...outcome } = await start();
  assertEquals([action, outcome.pid], ["reused", pid]);
  assertEquals(cleaned.swept.map(({ port }) => port), [9410]);
  assertEquals(steps(operations), [
    `tryLock ${SCOPE}/sync-daemon.lock`,
    "SIGTERM 7001",
  ]);
  endAll(world);
});

Deno.test("startDaemon() asks an older daemon to end after the new one has answered", async () => {
  const world = createWorld();
  const old = await starter(world, "3.2.4").start();
  world.requests.length = 0;
  const { start } = starter(world, "3.2.5");
  const outcome = await start();
  assertEquals([outcome.action, outcome.port], ["replaced", 9401]);
  assertEquals([outcome.version, outcome.notes], ["3.2.5", []]);
  assertEquals(namedIn(world), `${outcome.pid} on 9401`);
  const asked = world.requests.map(({ method, port }) => `${method} ${port}`);
  assertEquals(asked.indexOf("POST 9400"), asked.lastIndexOf("GET 9401") + 1);
  assertEquals(world.table.find(old.pid), undefined);
  assertEquals(world.signals, []);
  endAll(world);
});

Deno.test("startDaemon() leaves an older daemon that it cannot prove to end by itself", async () => {
  const world = createWorld();
  const old = await starter(world, "3.2.4").start();
  world.disk.take(`${SCOPE}/sync/daemon/owner-9400.json`);
  const { start, operations } = starter(world, "3.2.5");
  const { action, notes } = await start();
  assertEquals([action, notes], ["replaced", [
    "The old daemon was left to end by itself: " +
    `no owner record proves process ${old.pid}.`,
  ]]);
  assertEquals(processOf(world, old.pid).pid, old.pid);
  assert(!operations.includes("POST 9400/api/shutdown"));
  endAll(world);
});

Deno.test("startDaemon() uses a newer daemon and says so", async () => {
  const world = createWorld();
  const newer = await starter(world, "3.2.6").start();
  const { action, pid, version, notes } = await starter(world).start();
  assertEquals([action, pid, version], ["reused", newer.pid, "3.2.6"]);
  assertEquals(notes, [
    "The running daemon is 3.2.6, newer than this reeve (3.2.4); " +
    "it is used as it is.",
  ]);
  const forced = await starter(world).start({ isForced: true });
  assertEquals([forced.action, forced.version], ["replaced", "3.2.4"]);
  endAll(world);
});

Deno.test("startDaemon() refuses a daemon of a newer protocol", async () => {
  const world = createWorld();
  const { pid } = await starter(world).start();
  changeHealth(processOf(world, pid), { "protocol_version": 2 });
  const state = world.disk.textOf(STATE);
  const error = await assertRejects(() => starter(world).start(), KnownError);
  assertEquals(error.code, "newer_daemon");
  assertEquals([world.disk.textOf(STATE), world.signals], [state, []]);
  assertEquals([world.commands.length, processOf(world, pid).pid], [1, pid]);
  const { action } = await starter(world).start({ isForced: true });
  assertEquals(action, "replaced");
  endAll(world);
});

const silence = "Something silent holds port 9400; it was left alone: " +
  "process 7001 is not a daemon of ours.";
const innocents:
  readonly (FakeProcessSpec & { name: string; note?: string })[] = [
    { name: "sleeps" },
    { name: "has the recorded port", ports: [9400], note: silence },
    {
      name: "answers on the recorded port",
      ports: [9400],
      respond: () => healthReply({ status: "ok" }),
    },
    { name: "runs under our marker elsewhere", argv: MARKED, ports: [8000] },
  ];

Deno.test.each([...innocents])(
  "startDaemon() spares an innocent that the state file names and that $name",
  async ({ name: _, note, ...spec }) => {
    const world = createWorld();
    world.addProcess({ argv: ["/bin/innocent"], ...spec, pid: 7001 });
    putState(world, 7001);
    const { action, pid, port, notes } = await starter(world).start();
    const isTaken = spec.ports?.[0] === 9400;
    assertEquals([action, port], ["started", isTaken ? 9401 : 9400]);
    assertEquals(notes, note === undefined ? [] : [note]);
    assertEquals(namedIn(world), `${pid} on ${port}`);
    assertEquals(world.signals, []);
    assertEquals(world.requests.filter((it) => it.method === "POST"), []);
    processOf(world, 7001);
    endAll(world);
  },
);

Deno.test("startDaemon() ends a wedged daemon once the new one is recorded", async () => {
  const world = createWorld();
  const old = await starter(world).start();
  processOf(world, old.pid).state = "stopped";
  const { start, operations } = starter(world);
  const { action, notes, port } = await start();
  assertEquals([action, port], ["started", 9401]);
  assertEquals(notes, [`The silent daemon ${old.pid} was stopped.`]);
  assertEquals(steps(operations), [
    `tryLock ${SCOPE}/sync-daemon.lock`,
    "spawn /opt/reeve",
    `writeAtomic ${SCOPE}/sync/daemon/owner-9401.json`,
    `writeAtomic ${STATE}`,
    `SIGTERM ${old.pid}`,
    `SIGKILL ${old.pid}`,
  ]);
  endAll(world);
});

const NEVER = () => new Promise<number>(() => {});
const failures: Readonly<Record<string, readonly [OnSpawn, string, number]>> = {
  "there is no program": [
    () => new HostError("not_found", "/opt/reeve"),
    "Cannot start the daemon: /opt/reeve: not found",
    0,
  ],
  "the child ends at once": [
    () => ({ run: () => Promise.resolve(3) }),
    "Cannot start the daemon: it ended with exit code 3",
    0,
  ],
  "the child never answers": [
    () => ({ run: NEVER }),
    "Cannot start the daemon: no healthy answer within 21000 ms",
    1,
  ],
};

Deno.test.each(
  Object.entries(failures).map(([name, row]) => ({ name, row })),
)("startDaemon() leaves all as it was when $name", async ({ row }) => {
  const [onSpawn, message, signals] = row;
  const world = createWorld();
  const old = await starter(world, "3.2.4").start();
  const state = world.disk.textOf(STATE);
  world.onSpawn = onSpawn;
  const { start } = starter(world, "3.2.5");
  const error = await assertRejects(() => start(), KnownError, message);
  assertEquals(error.code, "start_failed");
  assertEquals(world.disk.textOf(STATE), state);
  processOf(world, old.pid);
  assert(world.signals.every(({ pid }) => pid !== old.pid));
  assertEquals(signalsOf(world).length, signals);
  endAll(world);
});
