import { assert, assertEquals } from "@std/assert";
import { FAMILIES } from "./family.ts";
import { scan, type ScanOptions } from "./scan.ts";
import {
  type FakeHostOptions,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const MARKED = ["/opt/reeve", "daemon", "run", `--reeve-daemon-root=${SCOPE}`];
const ALL = Array.from({ length: 50 }, (_, at) => 9400 + at);

async function look(
  world: FakeWorld,
  options: ScanOptions = {},
  more: FakeHostOptions = {},
) {
  const host = world.host({ pid: 900, ...more });
  const start = world.clock.elapsed();
  const found = await scan(host, FAMILIES, options);
  assertEquals([world.signals, world.writes], [[], []]);
  return {
    found,
    probed: world.requests.map(({ port }) => port),
    ms: world.clock.elapsed() - start,
    seen: found.candidates.map(({ port, pid, ownerProblem, health }) =>
      [port, pid ?? ownerProblem, health.outcome].join(" ")
    ),
  };
}

Deno.test("scan() probes no port that a complete table shows to be free", async () => {
  const world = new FakeWorld();
  const { found, ...done } = await look(world);
  assertEquals(done, { probed: [], ms: 0, seen: [] });
  assertEquals(found.candidates, []);
  assertEquals(found.viewpoint.ports, { first: 9400, end: 9450 });
});

Deno.test("scan() finds every listener of its range and no other", async () => {
  const world = new FakeWorld();
  const respond = () => healthReply({});
  for (const port of [9399, 9400, 9449, 9450]) {
    world.addProcess({ pid: port, ports: [port], respond });
  }
  const { seen, probed } = await look(world);
  assertEquals(seen, ["9400 9400 ok", "9449 9449 ok"]);
  assertEquals(probed, [9400, 9449]);
  const [request] = world.requests;
  assertEquals(request, {
    port: 9400,
    method: "GET",
    path: "/api/health",
    timeoutMs: 500,
  });
});

const tables: Readonly<Record<string, (world: FakeWorld) => void>> = {
  incomplete: (world) => world.table.isComplete = false,
  unknown: (world) => world.hideListeners("no right"),
};

Deno.test.each(
  Object.entries(tables).map(([name, change]) => ({ name, change })),
)("scan() probes every port when the table is $name", async (row) => {
  const world = new FakeWorld();
  world.addProcess({
    pid: 5001,
    ports: [9401],
    respond: () => healthReply({}),
  });
  world.addProcess({ pid: 5002, ports: [9402], acceptQueueFull: true });
  world.table.hideOwner(5001);
  row.change(world);
  const { probed, found, seen, ms } = await look(world);
  assertEquals(probed, ALL);
  const isUnknown = row.name === "unknown";
  assertEquals(seen, [
    `9401 ${isUnknown ? "unknown" : "none"} ok`,
    `9402 ${isUnknown ? "unknown" : "5002"} not_accepting`,
  ]);
  assertEquals(found.tableProblem, isUnknown ? "no right" : undefined);
  assertEquals(ms, 500);
});

Deno.test("scan() of 50 silent listeners takes the time of one probe", async () => {
  const world = new FakeWorld();
  for (const port of ALL) {
    world.addProcess({ ports: [port], acceptQueueFull: port % 2 === 0 });
  }
  const { ms, seen } = await look(world);
  assertEquals([ms, seen.length], [500, 50]);
  assertEquals(seen[0], "9400 5000 not_accepting");
  assertEquals(seen[1], "9401 5001 no_answer");
  const short = await look(world, { probeTimeoutMs: 40 });
  assertEquals(short.ms, 40);
});

Deno.test("scan() shows that a listener has two owners", async () => {
  const world = new FakeWorld();
  const spec = { argv: MARKED, ports: [9401], respond: () => healthReply({}) };
  world.addProcess(spec);
  world.addProcess(spec);
  const { seen, found } = await look(world);
  assertEquals(seen, ["9401 several ok"]);
  const [candidate] = found.candidates;
  assertEquals(candidate?.process, undefined);
  assertEquals(candidate?.spawn.shape, "unknown");
});

Deno.test("scan() ignores who listens on ::1 or another address only", async () => {
  const world = new FakeWorld();
  const ports = ["::1", "10.0.0.1"].map((address) => ({ port: 9401, address }));
  world.addProcess({ ports });
  const { seen, probed } = await look(world);
  assertEquals([seen, probed], [[], []]);
});

Deno.test.each([
  { name: "ended", change: "end", seen: [] },
  { name: "is closed", change: "close", seen: [] },
  { name: "opens again", change: "reopen", seen: ["9401 5001 refused"] },
  { name: "is unread", change: "hide", seen: ["9401 unknown ok"] },
  { name: "is gone", change: "vanish", seen: ["9401 gone ok"] },
])("scan() while the listener $name", async ({ change, seen }) => {
  const world = new FakeWorld();
  const respond = () => healthReply({});
  const daemon = world.addProcess({ pid: 5001, ports: [9401], respond });
  let tables = 0;
  const gate = async (operation: string) => {
    const isProbe = operation.startsWith("GET");
    if (isProbe && change === "end") world.endProcess(5001);
    if (isProbe && /close|reopen/.test(change)) daemon.unlisten(9401);
    if (operation.startsWith("listeners")) tables++;
    if (operation.startsWith("listeners") && tables === 2) {
      await world.clock.sleep(5);
      if (change === "reopen") daemon.listen(9401);
    }
    if (operation === "inspect 5001") {
      if (change === "hide") world.hideProcess(5001);
      if (change === "vanish") world.endProcess(5001);
    }
  };
  const done = await look(world, {}, { gate });
  assertEquals<readonly string[]>(done.seen, seen);
});

Deno.test.each([
  { onlyPort: 9401, probed: [9401], seen: ["9401 5001 ok"] },
  { onlyPort: 9404, probed: [], seen: [] },
  { onlyPort: 9399, probed: [], seen: [] },
  { onlyPort: 9450, probed: [], seen: [] },
])("scan() of port $onlyPort alone probes $probed", async (row) => {
  const world = new FakeWorld();
  const respond = () => healthReply({});
  const ports = [9399, 9401, 9402, 9450];
  world.addProcess({ pid: 5001, ports, respond });
  const { onlyPort } = row;
  const { found, probed, seen } = await look(world, { onlyPort });
  assertEquals<unknown>({ probed, seen }, {
    probed: row.probed,
    seen: row.seen,
  });
  assertEquals(found.viewpoint.ports, { first: 9400, end: 9450 });
});

Deno.test("scan() of dashboards looks at their range", async () => {
  const world = new FakeWorld();
  const respond = () => healthReply({});
  world.addProcess({ pid: 5001, ports: [9237, 9336, 9337, 9401], respond });
  const { seen, found } = await look(world, { family: "dashboard" });
  assertEquals(seen, ["9237 5001 ok", "9336 5001 ok"]);
  assertEquals(found.viewpoint.family, "dashboard");
});

const [STATE_TOKEN, ARGV_TOKEN, OWNER_TOKEN, HEALTH_TOKEN, SHARED_TOKEN] = [
  "11111111111111111111111111111111",
  "22222222222222222222222222222222",
  "33333333333333333333333333333333",
  "44444444444444444444444444444444",
  "55555555555555555555555555555555",
];

Deno.test("scan() gives no secret away", async () => {
  const world = new FakeWorld();
  const text = (token = "") => JSON.stringify({ pid: 5001, port: 9401, token });
  const state = ["http://127.0.0.1:9401", 9401, STATE_TOKEN, 5001].join("\n");
  world.disk.put(`${SCOPE}/sync-daemon`, state);
  world.disk.put("/home/ada/.spec-kitty/sync-daemon", state);
  world.disk.put(`${SCOPE}/sync/daemon/owner-9401.json`, text(OWNER_TOKEN));
  world.disk.put(
    "/home/ada/.spec-kitty/sync/daemon/owner.json",
    text(SHARED_TOKEN),
  );
  const health = {
    token: HEALTH_TOKEN,
    proof: HEALTH_TOKEN,
    owner: { token: OWNER_TOKEN, pid: 5001, port: 9401 },
  };
  const call = `run_sync_daemon(9401, '${ARGV_TOKEN}')`;
  const respond = () => healthReply(health);
  world.addProcess({ argv: ["python", "-c", call], ports: [9401], respond });
  world.addProcess({
    argv: [...MARKED, `--token=${ARGV_TOKEN}`],
    ports: [9402],
    respond,
  });
  const { found } = await look(world);
  assertEquals(found.candidates.map(({ spawn }) => spawn.shape), [
    "unmarked",
    "marked",
  ]);
  const shown = JSON.stringify(found);
  const tokens = [
    STATE_TOKEN,
    ARGV_TOKEN,
    OWNER_TOKEN,
    HEALTH_TOKEN,
    SHARED_TOKEN,
  ];
  for (const token of tokens) assert(!shown.includes(token ?? "?"), token);
});

Deno.test("scan() knows for which ports an owner record is on disk", async () => {
  const world = new FakeWorld();
  world.disk.put(`${SCOPE}/sync/daemon/owner-9402.json`, "{}");
  const respond = () => healthReply({});
  world.addProcess({ ports: [9401, 9402], respond });
  const { found } = await look(world);
  assertEquals(found.candidates.map(({ ownerPresent }) => ownerPresent), [
    false,
    true,
  ]);
  assertEquals(found.machine, world.machine);
  assertEquals(found.viewpoint.scopes.reeve.scope, SCOPE);
});
