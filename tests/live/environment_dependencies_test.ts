/** Dependencies with a real Redis, a command or somebody else. */

import { killAll } from "#support/kill_all.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { startRedis } from "#support/redis_server.ts";
import { DependencyWorld } from "#support/dependency_world.ts";
import {
  openLibrary,
  portOf,
  relatives,
  unitOf,
  untilGone,
} from "#support/dependency_tries.ts";
import { DEPENDENCIES } from "../../src/environment/dependency_registry.ts";
import type { DependencyId } from "../../src/environment/service_keys.ts";

// The programs of the tests before us may have left nothing to install.
await (await startRedis())[Symbol.asyncDispose]();
await openLibrary();

async function redis(port: number, ...words: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("redis-cli", {
    args: ["-h", "127.0.0.1", "-p", String(port), ...words],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

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
