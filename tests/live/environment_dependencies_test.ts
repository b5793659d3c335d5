/** Dependencies with real PostgreSQL and Redis, as an ordinary start has them. */

import { killAll } from "#support/kill_all.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { startRedis } from "#support/redis_server.ts";
import { DependencyWorld, type Tried } from "#support/dependency_world.ts";
import { providePostgres } from "#support/postgres_binaries.ts";
import { KnownError } from "../../src/errors.ts";
import { projectDependencies } from "../../src/environment/dependency_env.ts";
import { DEPENDENCIES } from "../../src/environment/dependency_registry.ts";
import type { ProvisionedUnit } from "../../src/environment/provisioners/provisioner.ts";
import type { DependencyId } from "../../src/environment/service_keys.ts";

type ProcessUnit = Extract<ProvisionedUnit, { readonly kind: "process" }>;

const bin = await providePostgres();
// The programs of the tests before us may have left nothing to install.
await (await startRedis())[Symbol.asyncDispose]();
// The C library stays open for the life of a process: opened here, it is no
// resource that a test appears to leak.
await openLibrary();

async function openLibrary(): Promise<void> {
  await using world = await DependencyWorld.make();
  await world.bring({ id: "redis", ports: { primary: world.freePort() } });
}

function unitOf({ start }: Tried): ProcessUnit {
  if (start.kind === "failed") throw new Error(start.reason);
  if (start.unit.kind !== "process") throw new Error(start.unit.kind);
  return start.unit;
}

function portOf(tried: Tried): number {
  return unitOf(tried).endpoint.ports["primary"] ?? 0;
}

async function ask(
  url: string,
  sql: string,
): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(`${bin}/psql`, {
    args: ["--no-psqlrc", "-At", "-c", sql, url],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
}

async function redis(port: number, ...words: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("redis-cli", {
    args: ["-h", "127.0.0.1", "-p", String(port), ...words],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

function urlOf(tried: Tried, id: DependencyId, name: string): string {
  const { endpoint } = unitOf(tried);
  const { sources } = projectDependencies([{ id, endpoint }], "localhost");
  return sources.get(name)?.value ?? "";
}

/** Everything of a session or below a process. */
async function relatives(
  { host }: DependencyWorld,
  pid: number,
): Promise<number[]> {
  const listing = await host.processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  return listing.rows
    .filter((row) => row.sessionId === pid || row.parentPid === pid)
    .map((row) => row.pid);
}

async function untilGone(
  world: DependencyWorld,
  pids: readonly number[],
): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const alive = await Promise.all(pids.map((pid) => world.runs(pid)));
    if (alive.every((one) => !one)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Still there: ${pids}`);
}

Deno.test("PostgreSQL comes up, keeps its data and leaves no process", async () => {
  await using world = await DependencyWorld.make();
  const wish = {
    id: "postgres",
    ports: { primary: world.freePort() },
  } as const;
  const first = await world.bring(wish);
  assertEquals(first.start.kind, "ready");
  const url = urlOf(first, "postgres", "DATABASE_URL");
  assertEquals(
    await ask(url, "create table t(a int); insert into t values (7)"),
    "CREATE TABLE\nINSERT 0 1",
  );
  // A client that stays connected must not delay the end.
  const client = new Deno.Command(`${bin}/psql`, {
    args: ["--no-psqlrc", "-c", "select pg_sleep(600)", url],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const unit = unitOf(first);
  const family = await relatives(world, unit.identity.pid);
  assert(family.length > 3, `${family}`);
  const begin = performance.now();
  assertEquals(await first.provisioner.stop(unit), { kind: "confirmed" });
  assert(performance.now() - begin < 9000);
  await client.status;
  await untilGone(world, family);
  const probed = await first.provisioner.probe(unit);
  assertEquals(probed.kind === "failed" && probed.cause, "nobody");
  // The end was a clean one: nothing had to be recovered.
  const second = await world.bring({
    ...wish,
    ports: { primary: world.freePort() },
  });
  const moved = urlOf(second, "postgres", "DATABASE_URL");
  assert(moved !== url);
  assertEquals(await ask(moved, "select a from t"), "7");
  const log = await Deno.readTextFile(`${world.directory}/logs/postgres.log`);
  assert(!log.includes("automatic recovery"), log);
  assertEquals(
    (await second.provisioner.stop(unitOf(second))).kind,
    "confirmed",
  );
});

Deno.test("PostgreSQL is not root, wants its password and keeps it private", async () => {
  await using world = await DependencyWorld.make();
  const tried = await world.bring({
    id: "postgres",
    ports: { primary: world.freePort() },
  });
  const { identity } = unitOf(tried);
  const seen = (await world.host.processes.inspect([identity.pid])).get(
    identity.pid,
  );
  assert(seen?.kind === "found");
  assert(seen.facts.uid !== 0);
  const { password } = unitOf(tried).endpoint;
  assert(password !== undefined);
  assert(!seen.facts.argv?.some((word) => word.includes(password)));
  const data = `${world.directory}/data/postgres`;
  for (
    const [path, mode] of [
      [`${data}/password`, 0o600],
      [`${data}/cluster`, 0o700],
      [data, 0o700],
    ] as const
  ) {
    const info = await Deno.stat(path);
    assertEquals((info.mode ?? 0) & 0o777, mode, path);
  }
  const wrong = urlOf(tried, "postgres", "DATABASE_URL").replace(
    password,
    "wrong",
  );
  assertMatch(await ask(wrong, "select 1"), /password authentication failed/);
  const found = await world.host.processes.readVariable("REEVE_UNIT", [
    identity.pid,
  ]);
  assertEquals(found.get(identity.pid), identity.marker);
});

Deno.test("PostgreSQL moves to another port where a stranger has its own", async () => {
  await using world = await DependencyWorld.make();
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = stranger.addr;
  const tried = await world.bring({ id: "postgres", ports: { primary: port } });
  assert(tried.start.kind === "ready");
  assertEquals(tried.start.retries, 1);
  assert(portOf(tried) !== port);
  assertEquals(tried.start.ports["primary"], portOf(tried));
  assertEquals(world.started.length, 2);
});

Deno.test("a killed PostgreSQL is noticed and comes back with its data", async () => {
  await using world = await DependencyWorld.make();
  const wish = {
    id: "postgres",
    ports: { primary: world.freePort() },
  } as const;
  const first = await world.bring(wish);
  const url = urlOf(first, "postgres", "DATABASE_URL");
  await ask(url, "create table t(a int); insert into t values (8)");
  const unit = unitOf(first);
  const family = await relatives(world, unit.identity.pid);
  Deno.kill(unit.identity.pid, "SIGKILL");
  await untilGone(world, family);
  assert(!await first.provisioner.isAlive(unit));
  assertEquals((await first.provisioner.probe(unit)).kind, "failed");
  assertEquals(await first.provisioner.stop(unit), { kind: "confirmed" });
  const second = await world.bring(wish);
  assertEquals(await ask(url, "select a from t"), "8");
  assertEquals(portOf(second), portOf(first));
});

Deno.test("data of another version is neither used nor changed", async () => {
  await using world = await DependencyWorld.make();
  const wish = {
    id: "postgres",
    ports: { primary: world.freePort() },
  } as const;
  const first = await world.bring(wish);
  await first.provisioner.stop(unitOf(first));
  const path = `${world.directory}/data/postgres/cluster/PG_VERSION`;
  await Deno.writeTextFile(path, "9.6\n");
  const error = await assertRejects(() => world.bring(wish), KnownError);
  assertMatch(error.message, /made by PostgreSQL 9\.6.*is PostgreSQL \d+/);
  assertEquals(await Deno.readTextFile(path), "9.6\n");
});

Deno.test("half a data directory is never used", async () => {
  await using world = await DependencyWorld.make();
  const data = `${world.directory}/data/postgres`;
  await Deno.mkdir(`${data}/init-0123456789abcdef/base`, { recursive: true });
  await Deno.writeTextFile(`${data}/notes`, "mine");
  const tried = await world.bring({
    id: "postgres",
    ports: { primary: world.freePort() },
  });
  assertEquals(tried.start.kind, "ready");
  assertEquals(await world.host.files.list(data), [
    "cluster",
    "notes",
    "password",
  ]);
});

Deno.test("Redis comes up, keeps its data and leaves no process", async () => {
  await using world = await DependencyWorld.make();
  const wish = { id: "redis", ports: { primary: world.freePort() } } as const;
  const first = await world.bring(wish);
  assertEquals(first.start.kind, "ready");
  assertEquals(await redis(portOf(first), "SET", "a", "7"), "OK");
  const { identity } = unitOf(first);
  const found = await world.host.processes.readVariable("REEVE_UNIT", [
    identity.pid,
  ]);
  assertEquals(found.get(identity.pid), identity.marker);
  assertEquals(await first.provisioner.stop(unitOf(first)), {
    kind: "confirmed",
  });
  assert(!await world.runs(identity.pid));
  const second = await world.bring(wish);
  assertEquals(portOf(second), portOf(first));
  assertEquals(await redis(portOf(second), "GET", "a"), "7");
});

Deno.test("a Redis of somebody else is never taken for ours", async () => {
  await using world = await DependencyWorld.make();
  await using stranger = await startRedis();
  const tried = await world.bring({
    id: "redis",
    ports: { primary: stranger.port },
  });
  assert(tried.start.kind === "ready");
  assert(portOf(tried) !== stranger.port);
  await tried.provisioner.stop(unitOf(tried));
  assertEquals(await stranger.ask("PING"), "PONG");
});

Deno.test("a killed Redis is noticed", async () => {
  await using world = await DependencyWorld.make();
  const wish = { id: "redis", ports: { primary: world.freePort() } } as const;
  const first = await world.bring(wish);
  const unit = unitOf(first);
  await redis(portOf(first), "SET", "a", "9");
  await new Promise((resolve) => setTimeout(resolve, 1200));
  Deno.kill(unit.identity.pid, "SIGKILL");
  await untilGone(world, [unit.identity.pid]);
  assertEquals((await first.provisioner.probe(unit)).kind, "failed");
  assert(!await first.provisioner.isAlive(unit));
  const second = await world.bring(wish);
  assertEquals(await redis(portOf(second), "GET", "a"), "9");
});

Deno.test("a command brings a dependency up, and its end takes it down", async () => {
  await using world = await DependencyWorld.make();
  const tried = await world.bring({
    id: "redis",
    mode: "command",
    command: ["redis-server", "--port", "{port}", "--save", ""],
    ports: { primary: world.freePort() },
  });
  assertEquals(tried.start.kind, "ready");
  const { pid } = unitOf(tried).identity;
  assertEquals((await tried.provisioner.stop(unitOf(tried))).kind, "confirmed");
  assert(!await world.runs(pid));
});

Deno.test("a command that ends at once says why, and is not tried again", async () => {
  await using world = await DependencyWorld.make();
  const begin = performance.now();
  const { start } = await world.bring({
    id: "redis",
    mode: "command",
    command: ["sh", "-c", "echo FATAL: no licence; exit 3"],
    ports: { primary: world.freePort() },
  });
  assert(start.kind === "failed");
  assertEquals(start.failure, "hard_start_failure");
  assertEquals(start.reason, "it says: FATAL: no licence");
  assertEquals(world.started.length, 1);
  assert(performance.now() - begin < 10_000);
});

Deno.test("a server behind a wrapper counts as that of the command", async () => {
  await using world = await DependencyWorld.make();
  const tried = await world.bring({
    id: "redis",
    mode: "command",
    command: ["sh", "-c", "redis-server --port {port} --save '' & wait"],
    ports: { primary: world.freePort() },
  });
  // The server is not the unit's own process, but of its session.
  assertEquals(tried.start.kind, "ready");
  const family = await relatives(world, unitOf(tried).identity.pid);
  assertEquals(family.length, 2);
  killAll(family);
  await untilGone(world, family);
});

Deno.test("an external dependency is asked each time, and never ended", async () => {
  await using world = await DependencyWorld.make();
  await using server = await startRedis({ requirepass: "opens" });
  const { port } = server;
  const tried = await world.bring({
    id: "redis",
    url: `redis://:opens@localhost:${port}/2`,
    ports: {},
  });
  const { start, provisioner } = tried;
  assert(start.kind === "ready" && start.unit.kind === "external");
  assertEquals(await provisioner.probe(start.unit), { kind: "ready" });
  assertEquals((await provisioner.stop(start.unit)).kind, "confirmed");
  assertEquals(await server.ask("PING"), "PONG");
  await server.stop("SIGKILL");
  const down = await provisioner.probe(start.unit);
  assertEquals(down.kind === "failed" && down.cause, "nobody");
  await server.restart();
  assertEquals(await provisioner.probe(start.unit), { kind: "ready" });
  assertEquals(world.started, []);
});

Deno.test("an external dependency with a wrong password says so", async () => {
  await using world = await DependencyWorld.make();
  await using server = await startRedis({ requirepass: "opens" });
  const { start } = await world.bring({
    id: "redis",
    url: `redis://:secret@localhost:${server.port}`,
    ports: {},
  });
  assert(start.kind === "unreachable");
  assertMatch(start.reason, /WRONGPASS/);
  assert(!start.reason.includes("secret"));
});

Deno.test("who is in the way is named", async () => {
  await using world = await DependencyWorld.make();
  await using server = await startRedis();
  const web = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    () => new Response("hello"),
  );
  const expect = async (url: string, id: DependencyId, text: string) => {
    const { start } = await world.bring({ id, url, ports: {} });
    assert(start.kind === "unreachable", start.kind);
    assert(start.reason.includes(text), start.reason);
  };
  const own = DEPENDENCIES;
  const there = `localhost:${server.port}`;
  const http = `localhost:${web.addr.port}`;
  try {
    await expect(
      `postgres://${there}/x`,
      "postgres",
      `a Redis server answers on 127.0.0.1 port ${server.port}, not ${own.postgres.displayName}`,
    );
    await expect(`redis://${http}`, "redis", "an HTTP server");
    await expect(`postgres://${http}/x`, "postgres", "an HTTP server");
    await expect(`http://${there}`, "n8n", "a Redis server");
  } finally {
    await web.shutdown();
  }
});
