import { assert, assertEquals } from "@std/assert";
import { daemonContext } from "../daemon/context.ts";
import { startDaemon } from "../daemon/start.ts";
import { collectFacts } from "./doctor_facts.ts";
import { type FakeHostOptions, FakeWorld } from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const OWNERS = `${SCOPE}/sync/daemon`;

/** What the doctor gathers; it must not change anything. */
async function collect(
  world: FakeWorld,
  { env = {}, ...more }: FakeHostOptions = {},
) {
  const operations: string[] = [];
  const host = world.host({
    env: { REEVE_HOME: SCOPE, ...env },
    gate: (operation) => Promise.resolve(operations.push(operation)),
    ...more,
  });
  const before = [[...world.writes], [...world.signals]];
  const facts = await collectFacts(host, await daemonContext(host), {
    family: "sync",
    stuckThresholdSeconds: 60,
  });
  assertEquals([world.writes, world.signals], before);
  const changes = operations.filter((operation) =>
    /^(?:append|hold|POST|remove|SIG|spawn|tryLock|writeAtomic)/.test(operation)
  );
  assertEquals(changes, []);
  return facts;
}

async function openRunning() {
  const world = new FakeWorld({ onSpawn: () => ({ run: runReal }) });
  const host = world.host({ env: { REEVE_HOME: SCOPE } });
  const { pid } = await startDaemon(host, await daemonContext(host));
  return { world, pid };
}

Deno.test("collectFacts() of an empty machine finds nothing", async () => {
  const world = new FakeWorld();
  const { scan, settings, current, ...facts } = await collect(world);
  assertEquals(facts, {
    generatedAt: world.clock.now(),
    host: "ada",
    authRoot: `${SCOPE}/auth`,
    scope: SCOPE,
    version: "0.1.0",
    refreshLock: { isStuck: false },
    stuckThresholdSeconds: 60,
    isRolloutEnabled: false,
    looseModes: [],
    strangeRecords: [],
  });
  assertEquals(scan.candidates, []);
  assertEquals(current, { kind: "none", read: { kind: "missing" } });
  assertEquals<unknown>(settings, {
    policy: "auto",
    serverUrl: undefined,
    warnings: [],
  });
});

Deno.test("collectFacts() sees the daemon that runs", async () => {
  const { world, pid } = await openRunning();
  world.requests.length = 0;
  const { current, scan, strangeRecords } = await collect(world);
  assert(current.kind === "healthy");
  assertEquals([current.state.pid, strangeRecords], [pid, []]);
  assertEquals(scan.candidates.map((one) => one.pid), [pid]);
  assertEquals(
    world.requests.map(({ method, timeoutMs }) => `${method} ${timeoutMs}`),
    ["GET 500", "GET 500"],
  );
  world.endProcess(pid);
});

Deno.test("collectFacts() waits half a second at most for silent ones", async () => {
  const { world, pid } = await openRunning();
  const daemon = world.table.find(pid);
  assert(daemon !== undefined);
  daemon.state = "stopped";
  const start = world.clock.elapsed();
  const { current } = await collect(world);
  assert(current.kind === "unhealthy" && current.isSilent);
  assertEquals(world.clock.elapsed() - start, 500);
  world.endProcess(pid);
});

Deno.test("collectFacts() keeps a fault of the settings as a fault", async () => {
  const world = new FakeWorld();
  world.disk.put(`${SCOPE}/config.json`, "{");
  const { settings } = await collect(world);
  assert("fault" in settings);
  assertEquals(settings.fault.code, "damaged_file");
});

Deno.test.each([
  { value: "1", isRolloutEnabled: true },
  { value: "0", isRolloutEnabled: false },
])("collectFacts() reads the rollout switch $value", async (row) => {
  const env = { REEVE_ENABLE_SAAS_SYNC: row.value };
  const { isRolloutEnabled } = await collect(new FakeWorld(), { env });
  assertEquals(isRolloutEnabled, row.isRolloutEnabled);
});

Deno.test("collectFacts() lists what others may read", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory(SCOPE, 0o755);
  world.disk.put(STATE, "", { mode: 0o640 });
  world.disk.putDirectory(OWNERS, 0o700);
  world.disk.putDirectory(`${SCOPE}/auth`, 0o701);
  const { looseModes } = await collect(world);
  const auth = `${SCOPE}/auth`;
  assertEquals(looseModes, [
    { path: SCOPE, mode: 0o755, expected: 0o700 },
    { path: STATE, mode: 0o640, expected: 0o600 },
    { path: auth, mode: 0o701, expected: 0o700 },
  ]);
  world.failFiles(STATE, "permission_denied", { operation: "stat" });
  const fewer = await collect(world);
  assertEquals(fewer.looseModes.map(({ path }) => path), [SCOPE, auth]);
});

Deno.test("collectFacts() lists no modes where there are none", async () => {
  const world = new FakeWorld();
  world.disk.putDirectory("C:\\reeve", 0o755);
  const env = { REEVE_HOME: "C:\\reeve" };
  assertEquals((await collect(world, { os: "windows", env })).looseModes, []);
});

Deno.test("collectFacts() lists owner records that nobody here may act on", async () => {
  const { world, pid } = await openRunning();
  const own = JSON.parse(
    world.disk.textOf(`${OWNERS}/owner-9400.json`) ?? "{}",
  );
  const put = (port: number, fields: object) => {
    const text = JSON.stringify({ ...own, port, pid: port, ...fields });
    world.disk.put(`${OWNERS}/owner-${port}.json`, text);
  };
  put(9401, {});
  put(9402, { "boot_id": "boot-0" });
  put(9403, { "boot_id": "b", host: "eve" });
  put(9404, { "pid_namespace": "pid:[2]" });
  put(9405, { token: "short" });
  put(9406, { "schema_version": 2 });
  const { strangeRecords } = await collect(world);
  assertEquals(
    strangeRecords.map(({ path, status, host, pid }) =>
      [path.slice(-9, -5), status, host, pid].join(" ")
    ),
    [
      "9402 earlier_boot ada 9402",
      "9403 other_host eve 9403",
      "9404 other_namespace ada 9404",
      "9405 damaged  ",
      "9406 too_new  ",
    ],
  );
  world.endProcess(pid);
});

Deno.test("collectFacts() spares the record of a daemon that proves itself", async () => {
  const { world, pid } = await openRunning();
  const path = `${OWNERS}/owner-9400.json`;
  const own = JSON.parse(world.disk.textOf(path) ?? "{}");
  world.disk.put(path, JSON.stringify({ ...own, "boot_id": "boot-0" }));
  assertEquals((await collect(world)).strangeRecords, []);
  world.endProcess(pid);
  assertEquals((await collect(world)).strangeRecords.length, 1);
});
