import { assert, assertEquals } from "@std/assert";
import { optIn } from "../queue/consent.ts";
import { changeTarget } from "../queue/target.ts";
import { findPlace } from "../sync/project_sync.ts";
import { collectSyncFacts, isUnknown, type SyncFacts } from "./sync_facts.ts";
import type { FakeHost, FakeHostOptions } from "#support/fake_host.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";

const SERVER = "https://sync.example";
const DIRECTORY = `${ROOT}/projects/${PROJECT_ID}`;

/** A project with a queue that has opted in. */
async function openQueue(): Promise<FakeQueue> {
  const world = new FakeWorld();
  world.disk.put("/home/ada/code/.reeve", `REEVE_PROJECT_ID=${PROJECT_ID}\n`);
  world.freeBytes = 10 ** 12;
  world.isRemote = false;
  const queue = await fakeQueue({ world });
  optIn(queue.store, "ada", world.clock.now());
  return queue;
}

/** What the doctor gathers; it must not change anything. */
async function collect(
  world: FakeWorld,
  options: FakeHostOptions & { readonly asksServer?: boolean } = {},
): Promise<SyncFacts> {
  const host = world.host({ env: { REEVE_HOME: ROOT }, ...options });
  const before = [...world.writes];
  const facts = await collectSyncFacts(host, findPlace(host), {
    asksServer: options.asksServer ?? false,
  });
  assertEquals(world.writes, before);
  return facts;
}

function openOf({ queue }: SyncFacts) {
  assert(queue.kind === "open", queue.kind);
  return queue;
}

Deno.test("collectSyncFacts() of an empty machine finds nothing", async () => {
  const world = new FakeWorld();
  const facts = await collect(world);
  assertEquals(facts.project, undefined);
  assertEquals(facts.queue, { kind: "none" });
  assertEquals(facts.daemon, { kind: "none" });
  assertEquals(facts.server, undefined);
  assertEquals([facts.isDisabled, facts.unassignedBytes], [false, 0]);
  assertEquals(world.requests, []);
});

Deno.test("collectSyncFacts() counts the queue and what waits in it", async () => {
  const queue = await openQueue();
  const capturedAt = queue.world.clock.now();
  queue.change("t1");
  queue.change("t2");
  await queue.world.advance(90_000);
  const found = openOf(await collect(queue.world));
  assertEquals(
    [found.counts.ready, found.oldestWaitingAt, found.lastPass],
    [2, capturedAt, undefined],
  );
  assertEquals(found.integrity, { kind: "ok" });
  assertEquals([found.consent.openEpoch, found.oldestParkedAt], [1, undefined]);
});

Deno.test("collectSyncFacts() knows the oldest that the server keeps in a queue", async () => {
  const queue = await openQueue();
  const capturedAt = queue.world.clock.now();
  queue.change("t1");
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "pending" });
  await queue.world.advance(1000);
  queue.change("t2");
  assertEquals(
    openOf(await collect(queue.world)).oldestWaitingAt,
    capturedAt,
  );
});

Deno.test("collectSyncFacts() knows how the last pass ended", async () => {
  const queue = await openQueue();
  changeTarget(queue.store, {
    "last_pass_at": 5,
    "last_pass": `{"stoppedBecause":"forbidden","detail":"no"}`,
  });
  assertEquals(openOf(await collect(queue.world)).lastPass, {
    at: 5,
    reason: "forbidden",
    detail: "no",
  });
});

Deno.test.each([
  { name: "one that is there", isThere: true, isAlive: true },
  { name: "one that is gone", isThere: false, isAlive: false },
])("collectSyncFacts() looks at the holder: $name", async (row) => {
  const queue = await openQueue();
  const { world, store } = queue;
  const { pid } = world.addProcess();
  store.db.run(
    `INSERT INTO leases (name, owner, token, expires_at, pid, role)
     VALUES ('drain', 'x', 1, ?, ?, 'daemon')`,
    world.clock.now() + 1000,
    pid,
  );
  if (!row.isThere) world.endProcess(pid);
  const { holder } = openOf(await collect(world));
  assertEquals(holder, {
    pid,
    role: "daemon",
    isFresh: true,
    isAlive: row.isAlive,
  });
  await world.advance(1000);
  assert(openOf(await collect(world)).holder?.isFresh === false);
});

Deno.test.each<
  {
    readonly code: "busy" | "damaged" | "permission_denied";
    readonly is: SyncFacts["queue"];
  }
>([
  { code: "busy", is: { kind: "busy" } },
  { code: "damaged", is: { kind: "damaged" } },
  {
    code: "permission_denied",
    is: { kind: "refused", reason: "permission denied" },
  },
])("collectSyncFacts() of a queue that is $code", async ({ code, is }) => {
  const queue = await openQueue();
  queue.world.failFiles(queue.paths.queue, code, { operation: "openDatabase" });
  assertEquals((await collect(queue.world)).queue, is);
});

Deno.test("collectSyncFacts() tells a newer queue and a foreign one", async () => {
  const queue = await openQueue();
  queue.store.db.run("UPDATE meta SET project_uuid = 'other'");
  assertEquals((await collect(queue.world)).queue, {
    kind: "owner_mismatch",
    owner: "other",
  });
  queue.store.db.exec("PRAGMA user_version = 99");
  assertEquals((await collect(queue.world)).queue, {
    kind: "newer",
    version: 99,
  });
});

Deno.test("collectSyncFacts() lists modes, queues put aside and the disk", async () => {
  const { world, paths } = await openQueue();
  world.disk.put(paths.overflow, "x", { mode: 0o640 });
  world.disk.put(`${DIRECTORY}/queue.corrupt-2026.db`, "x");
  world.disk.put(`${DIRECTORY}/queue.corrupt-2026.db-wal`, "x");
  world.disk.put(`${paths.queue}-wal`, "12345");
  const { disk } = await collect(world);
  assertEquals(
    disk.looseModes.filter(({ path }) => path === paths.overflow),
    [{ path: paths.overflow, mode: 0o640, expected: 0o600 }],
  );
  assertEquals(disk.setAside, [`${DIRECTORY}/queue.corrupt-2026.db`]);
  assertEquals([disk.freeBytes, disk.isRemote], [10 ** 12, false]);
  assertEquals([disk.directory, disk.walBytes], [DIRECTORY, 5]);
});

Deno.test("collectSyncFacts() says which modes it may not look at", async () => {
  const { world } = await openQueue();
  world.failFiles(`${ROOT}/config.json`, "permission_denied", {
    operation: "stat",
  });
  const { disk } = await collect(world);
  assert(disk.modeProblem?.includes("permission denied"), disk.modeProblem);
});

Deno.test("collectSyncFacts() keeps what it cannot learn as unknown", async () => {
  const { world } = await openQueue();
  const env = { REEVE_HOME: ROOT, REEVE_SYNC_PORTS: "none" };
  const { daemon } = await collect(world, { env });
  assert(isUnknown(daemon) && daemon.unknown.includes("REEVE_SYNC_PORTS"));
});

Deno.test("collectSyncFacts() knows variables, never their values", async () => {
  const { world } = await openQueue();
  const facts = await collect(world, {
    env: {
      REEVE_HOME: ROOT,
      REEVE_SYNC_DISABLE: "1",
      REEVE_TOKEN: "canary",
    },
  });
  assert(!isUnknown(facts.signIn));
  assertEquals(
    [facts.isDisabled, facts.signIn.session?.hasEnvToken],
    [true, true],
  );
  assert(!JSON.stringify(facts).includes("canary"));
});

function serve(world: FakeWorld, at: FakeHost["clock"]): void {
  world.web.respond = ({ url }) => {
    const date = new Date(at.now() - 3_600_000).toUTCString();
    return url.endsWith("/health/")
      ? webReply(200, { status: "ok", protocol: "3.0" }, { date })
      : webReply(401, {});
  };
}

Deno.test("collectSyncFacts() asks the server only when told to", async () => {
  const { world, host } = await openQueue();
  serve(world, host.clock);
  const env = {
    REEVE_HOME: ROOT,
    REEVE_SERVER_URL: SERVER,
    REEVE_TOKEN: "t",
  };
  assertEquals((await collect(world, { env })).server, undefined);
  assertEquals(world.web.requests, []);
  const { server } = await collect(world, { env, asksServer: true });
  assertEquals([server?.url, server?.health.kind, server?.session.kind], [
    SERVER,
    "health",
    "rejected",
  ]);
  const aheadMs = server?.clockAheadMs ?? 0;
  assert(Math.abs(aheadMs - 3_600_000) <= 1000, `${aheadMs}`);
});

Deno.test("collectSyncFacts() asks nobody without a server or a sign-in", async () => {
  const { world, host } = await openQueue();
  serve(world, host.clock);
  assertEquals((await collect(world, { asksServer: true })).server, undefined);
  const env = { REEVE_HOME: ROOT, REEVE_SERVER_URL: SERVER };
  const { server } = await collect(world, { env, asksServer: true });
  assertEquals(server?.session, { kind: "not_asked" });
  assertEquals(world.web.requests.length, 1);
});
