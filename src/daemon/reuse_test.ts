import { assert, assertEquals } from "@std/assert";
import { daemonContext } from "./context.ts";
import { isAloneInRange } from "./reuse.ts";
import { startDaemon } from "./start.ts";
import { type FakeProcess, FakeWorld } from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";
import { addStaleDaemon } from "#support/stale_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const MARKED = ["/opt/reeve", "daemon", "run", `--reeve-daemon-root=${SCOPE}`];

/** A world with a daemon, and a way to start as one more process. */
async function createWorld() {
  const world = new FakeWorld({ onSpawn: () => ({ run: runReal }) });
  const start = async () => {
    const operations: string[] = [];
    const host = world.host({
      env: { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: "3.2.4" },
      gate: (operation) => Promise.resolve(operations.push(operation)),
    });
    world.requests.length = 0;
    const outcome = await startDaemon(host, await daemonContext(host));
    return { outcome, operations };
  };
  const { outcome } = await start();
  const daemon = world.table.find(outcome.pid);
  assert(daemon !== undefined);
  return { world, start, daemon };
}

/** The daemon's next answer takes so long; without end, it never comes. */
function slowDown(world: FakeWorld, daemon: FakeProcess, ms: number): void {
  let isSlow = true;
  daemon.sockets = daemon.sockets.map((socket) => ({
    ...socket,
    respond: async (request) => {
      const waitMs = isSlow ? ms : 0;
      isSlow = false;
      if (waitMs === Infinity) return await new Promise<never>(() => {});
      if (waitMs > 0) await world.clock.sleep(waitMs);
      return await socket.respond?.(request) ?? { kind: "reset" };
    },
  }));
}

/** What was asked without a challenge: what scans ask. */
const probesOf = ({ requests }: FakeWorld) =>
  requests.filter(({ path }) => path === "/api/health").length;

function endAll(world: FakeWorld): void {
  for (const { pid } of world.table.all()) world.endProcess(pid);
  assertEquals(world.crashes, []);
}

Deno.test("startDaemon() under the lock scans nothing where the daemon is alone", async () => {
  const { world, start, daemon } = await createWorld();
  slowDown(world, daemon, Infinity);
  const { outcome, operations } = await start();
  assertEquals([outcome.action, outcome.pid], ["reused", daemon.pid]);
  assert(operations.includes(`tryLock ${SCOPE}/sync-daemon.lock`));
  assertEquals(probesOf(world), 0);
  assertEquals(world.signals, []);
  endAll(world);
});

Deno.test("startDaemon() under the lock still cleans beside the daemon", async () => {
  const { world, start, daemon } = await createWorld();
  addStaleDaemon(world, { scope: SCOPE, pid: 7001, port: 9410 });
  slowDown(world, daemon, Infinity);
  const { outcome } = await start();
  assertEquals([outcome.action, outcome.pid], ["reused", daemon.pid]);
  assertEquals(outcome.cleaned.swept.map(({ port }) => port), [9410]);
  assertEquals(world.signals.map(({ pid }) => pid), [7001]);
  endAll(world);
});

Deno.test("startDaemon() waits for a late answer rather than for the lock", async () => {
  const { world, start, daemon } = await createWorld();
  slowDown(world, daemon, 300);
  const { outcome, operations } = await start();
  assertEquals([outcome.action, outcome.pid], ["reused", daemon.pid]);
  assert(!operations.some((it) => it.startsWith("tryLock")));
  endAll(world);
});

Deno.test("startDaemon() tells of a stranger in the range without a lock", async () => {
  const { world, start, daemon } = await createWorld();
  world.addProcess({
    pid: 7001,
    argv: MARKED.with(-1, "--reeve-daemon-root=/other"),
    ports: [9410],
    respond: () => new Promise(() => {}),
  });
  const { outcome, operations } = await start();
  assertEquals([outcome.action, outcome.pid], ["reused", daemon.pid]);
  assertEquals(outcome.cleaned.skipped.map(({ port }) => port), [9410]);
  assert(!operations.some((it) => it.startsWith("tryLock")));
  assertEquals(probesOf(world), 2);
  endAll(world);
});

Deno.test.each([
  { ports: [], alone: true },
  { ports: [9400], alone: true },
  { ports: [8000, 9400, 9450], alone: true },
  { ports: [9400, 9401], alone: false },
  { ports: [9449], alone: false },
  // What nobody can see may be there.
  { ports: [9400], hasGap: true, alone: false },
])("isAloneInRange() of 9400 beside $ports is $alone", async (row) => {
  const world = new FakeWorld();
  world.table.isComplete = row.hasGap !== true;
  for (const port of row.ports) world.addProcess({ ports: [port] });
  const host = world.host({ env: { REEVE_HOME: SCOPE } });
  const context = await daemonContext(host);
  assertEquals(await isAloneInRange(host, context, 9400), row.alone);
});
