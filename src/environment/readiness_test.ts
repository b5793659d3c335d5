import { assert, assertEquals } from "@std/assert";
import {
  type FakeHost,
  type FakeProcess,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";
import { openReadiness, type StartingUnit } from "./readiness.ts";

const PORT = 3000;
const LOG = "/logs/unit.log";

function open(spec: FakeProcessSpec = {}, given: Partial<StartingUnit> = {}) {
  const world = new FakeWorld();
  const host = world.host({ pid: 900 });
  world.disk.put(LOG, "");
  const process = world.addProcess({ pid: 100, parentPid: 900, ...spec });
  return { world, host, process, unit: unitOf(world, process, given) };
}

function unitOf(
  { machine: { bootId, pidNamespace } }: FakeWorld,
  { pid, startStamp, exited }: FakeProcess,
  given: Partial<StartingUnit> = {},
): StartingUnit {
  return {
    name: "Main unit",
    identity: { pid, startStamp, bootId, pidNamespace, marker: `m${pid}` },
    exited,
    ready: { kind: "listen" },
    port: PORT,
    logPath: LOG,
    logFrom: 0,
    timeoutMs: 10_000,
    allowsRebound: true,
    ...given,
  };
}

/** Does something to the world after a time. */
function after(host: FakeHost, ms: number, act: () => void): void {
  host.world.clock.sleep(ms).then(act);
}

Deno.test("a listener is seen soon after it is there", async () => {
  for (const ms of [0, 1, 10, 100, 1000, 5000]) {
    const { host, process, unit } = open();
    after(host, ms, () => process.listen(PORT));
    const outcome = await openReadiness(host).wait(unit);
    assert(outcome.kind === "ready");
    const lateMs = outcome.afterMs - ms;
    assert(lateMs <= Math.max(2, Math.min(50, ms / 18)), `${lateMs} ms late`);
  }
});

Deno.test("another port counts after it had time to be the right one", async () => {
  const { host, process, unit } = open({ ports: [PORT + 1] });
  const outcome = await openReadiness(host).wait(unit);
  assert(outcome.kind === "ready");
  assertEquals(outcome.port, PORT + 1);
  assert(outcome.afterMs >= 300 && outcome.afterMs < 400);
  process.unlisten(PORT + 1);
});

Deno.test("a port for a debugger is not taken for its own", async () => {
  const { host, process, unit } = open({ ports: [PORT + 1] });
  after(host, 200, () => process.listen(PORT));
  const outcome = await openReadiness(host).wait(unit);
  assert(outcome.kind === "ready");
  assertEquals(outcome.port, PORT);
});

Deno.test("a child of it that listens makes it ready", async () => {
  const { host, world, unit } = open();
  after(host, 50, () => {
    world.addProcess({ parentPid: 100, ports: [PORT] });
  });
  const outcome = await openReadiness(host).wait(unit);
  assert(outcome.kind === "ready" && outcome.afterMs < 60);
});

Deno.test("somebody else's listener does not", async () => {
  const { host, world, unit } = open({}, { timeoutMs: 1000 });
  world.addProcess({ ports: [PORT] });
  const outcome = await openReadiness(host).wait(unit);
  assert(outcome.kind === "failed");
  assertEquals(
    outcome.message,
    "Main unit is not ready after 1000 ms: it does not listen on port 3000 and has written nothing",
  );
});

Deno.test("a crash is seen at once and quotes the log", async () => {
  const { host, world, unit } = open();
  after(host, 3000, () => {
    world.disk.put(LOG, "start\nError: no database\nbye\n");
    world.endProcess(100, { code: 3 });
  });
  const outcome = await openReadiness(host).wait(unit);
  assert(outcome.kind === "failed");
  assertEquals(
    outcome.message,
    "Main unit ended with exit code 3: Error: no database",
  );
  assertEquals(host.clock.elapsed(), 3000);
});

Deno.test.each([
  { code: 0, leaves: true, kind: "ready" },
  { code: 0, leaves: false, kind: "failed" },
  { code: 1, leaves: true, kind: "failed" },
])(
  "a starter that ends with $code, leaving something: $leaves",
  async (row) => {
    const { host, world, unit } = open();
    const env = { "REEVE_UNIT": unit.identity.marker };
    const daemon = row.leaves ? world.addProcess({ env }) : undefined;
    after(host, 20, () => world.endProcess(100, { code: row.code }));
    after(host, 100, () => daemon?.listen(PORT));
    const outcome = await openReadiness(host).wait(unit);
    assertEquals<string>(outcome.kind, row.kind);
    assert(host.clock.elapsed() < 200);
  },
);

Deno.test("an answer counts from 200 to 399", async () => {
  for (const status of [199, 200, 399, 400]) {
    const reply = { kind: "reply", status, body: "" } as const;
    const spec = { ports: [PORT], respond: () => reply };
    const ready = { kind: "http", path: "/health" } as const;
    const { host, unit } = open(spec, { ready, timeoutMs: 500 });
    const outcome = await openReadiness(host).wait(unit);
    const isFine = status === 200 || status === 399;
    assertEquals<string>(outcome.kind, isFine ? "ready" : "failed");
    if (outcome.kind === "ready") {
      assertEquals(outcome.port, PORT);
      continue;
    }
    assert(outcome.message.endsWith(`GET /health gave status ${status}`));
  }
});

Deno.test("an answer of somebody else is not asked for", async () => {
  const ready = { kind: "http", path: "/health" } as const;
  const { host, world, unit } = open({}, { ready, timeoutMs: 300 });
  world.addProcess({ ports: [PORT], respond: () => healthReply({}) });
  const outcome = await openReadiness(host).wait(unit);
  assertEquals<string>(outcome.kind, "failed");
  assertEquals(world.requests, []);
});

Deno.test("a line of the log counts from its own start on", async () => {
  const ready = { kind: "log", pattern: "ready in \\d+" } as const;
  const { host, world, unit } = open({}, {
    ready,
    logFrom: 12,
    timeoutMs: 500,
  });
  world.disk.put(LOG, "ready in 12\nfirst\nready");
  after(host, 100, () => {
    world.disk.put(LOG, "ready in 12\nfirst\nready in 7\n");
  });
  const outcome = await openReadiness(host).wait(unit);
  assert(outcome.kind === "ready" && outcome.afterMs >= 100);
});

Deno.test("a worker must outlive its first moments", async () => {
  const ready = { kind: "running" } as const;
  const { host, unit } = open({}, { ready });
  const outcome = await openReadiness(host).wait(unit);
  assert(outcome.kind === "ready" && outcome.afterMs >= 100);
  const other = open({}, { ready });
  after(other.host, 90, () => other.world.endProcess(100, { code: 1 }));
  const ended = await openReadiness(other.host).wait(other.unit);
  assertEquals<string>(ended.kind, "failed");
});

Deno.test("units may join a wait that is under way", async () => {
  const { host, world, process, unit } = open();
  const readiness = openReadiness(host);
  const first = readiness.wait(unit);
  await world.clock.sleep(2000);
  const second = world.addProcess({ pid: 101, ports: [3001] });
  const outcome = await readiness.wait(unitOf(world, second, { port: 3001 }));
  assert(outcome.kind === "ready" && outcome.afterMs < 5);
  process.listen(PORT);
  assertEquals<string>((await first).kind, "ready");
});

Deno.test("a unit that listens before it is waited for is seen at once", async () => {
  const { host, world, process, unit } = open();
  const readiness = openReadiness(host);
  const first = readiness.wait(unit);
  const second = world.addProcess({ pid: 101, ports: [PORT + 1] });
  await world.clock.sleep(30);
  const given = { port: PORT + 1 };
  const outcome = await readiness.wait(unitOf(world, second, given));
  assert(outcome.kind === "ready" && outcome.afterMs < 5);
  process.listen(PORT);
  assertEquals<string>((await first).kind, "ready");
});

Deno.test("fifty waits look at all processes as often as one", async () => {
  let looks = 0;
  const world = new FakeWorld();
  const host = world.host({
    pid: 900,
    gate(operation) {
      if (operation === "table") looks++;
      return Promise.resolve();
    },
  });
  world.disk.put(LOG, "");
  const readiness = openReadiness(host);
  await Promise.all(Array.from({ length: 50 }, (_, at) => {
    const port = 3000 + at * 300;
    const process = world.addProcess({ parentPid: 900 });
    after(host, 900, () => process.listen(port));
    return readiness.wait(unitOf(world, process, { port }));
  }));
  assert(looks <= 4, `${looks} looks`);
});
