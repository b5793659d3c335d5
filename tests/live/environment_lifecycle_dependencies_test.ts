/** Dependencies come first, go last, and are what their services are told. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  makeEnvironmentWorld,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { providePostgres } from "#support/postgres_binaries.ts";
import { startRedis } from "#support/redis_server.ts";
import { freePort, freePorts } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { healthOf } from "../../src/environment/observe.ts";

const bin = await providePostgres();
// The programs of the tests before us may have left nothing to install.
await (await startRedis())[Symbol.asyncDispose]();

async function isAlive(pid: number): Promise<boolean> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" && seen.facts.state !== "zombie";
}

/** A service that says a variable and goes on. */
const SAYS_REDIS = "sh -c 'echo told $REDIS; exec sleep 600'";

async function chain() {
  const world = await makeEnvironmentWorld();
  const [redis = 0, api = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "worker,web,api",
    "REEVE_DEPENDENCIES": "redis",
    "REEVE_DEPENDENCY_REDIS_MODE": "native",
    "REEVE_DEPENDENCY_REDIS_PORT": String(redis),
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}", "delay=50"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_API_DEPENDS_ON": "redis",
    "REEVE_SERVICE_WEB_CMD": SAYS_REDIS,
    "REEVE_SERVICE_WEB_READY": "log:told redis",
    "REEVE_SERVICE_WEB_DEPENDS_ON": "api,redis",
    "REEVE_SERVICE_WEB_ENV__REDIS": "${REDIS_URL}",
    "REEVE_SERVICE_WORKER_CMD": unitCommand("work"),
    "REEVE_SERVICE_WORKER_READY": "running",
    "REEVE_SERVICE_WORKER_DEPENDS_ON": "web",
  });
  return { world, redis };
}

Deno.test("a chain starts by readiness and stops the other way round", async () => {
  const { world, redis } = await chain();
  await using _ = world;
  const report = await world.start();
  assertEquals([report.kind, report.failure], ["started", undefined]);
  const of = (state: string) =>
    world.steps.filter((step) => step.endsWith(` ${state}`))
      .map((step) => step.split(" ")[0]);
  assertEquals(of("ready"), ["redis", "api", "web", "worker"]);
  for (const [first, then] of [["redis", "api"], ["api", "web"]]) {
    assert(
      world.steps.indexOf(`${first} ready`) <
        world.steps.indexOf(`${then} starting`),
      `${world.steps}`,
    );
  }
  const [database] = report.run?.dependencies ?? [];
  assertEquals([database?.status, database?.ports], ["running", {
    primary: redis,
  }]);
  const log = await Deno.readTextFile(serviceOf(report.run, "web").logPath);
  assertMatch(log, new RegExp(`^told redis://.*localhost:${redis}`, "m"));
  const runs = await world.look();
  assertEquals(runs[0]?.units.map(({ truth }) => truth.status), [
    "running",
    "running",
    "running",
    "running",
  ]);
  assertEquals(healthOf(runs).overall, "healthy");
  world.steps.length = 0;
  const stop = await world.stop();
  assertEquals(stop.kept, []);
  assertEquals(of("stopped"), ["worker", "web", "api", "redis"]);
  for (const [first, then] of [["worker", "web"], ["web", "api"]]) {
    assert(
      world.steps.indexOf(`${first} stopped`) <
        world.steps.indexOf(`${then} stopping`),
      `${world.steps}`,
    );
  }
  assertEquals(await world.running(), []);
  assert(!await isAlive(database?.identity?.pid ?? 0));
});

Deno.test("a killed dependency comes back, and what uses it is told the same", async () => {
  const { world, redis } = await chain();
  await using _ = world;
  const first = await world.start();
  const pid = first.run?.dependencies[0]?.identity?.pid ?? 0;
  Deno.kill(pid, "SIGKILL");
  await waitUntil("it has ended", async () => !await isAlive(pid));
  assertEquals(healthOf(await world.look()).overall, "unhealthy");
  Deno.kill(serviceOf(first.run, "web").identity?.pid ?? 0, "SIGKILL");
  const second = await world.start();
  assertEquals([second.kind, second.failure], ["resumed", undefined]);
  assertEquals(second.run?.dependencies[0]?.ports, { primary: redis });
  assertEquals(
    serviceOf(second.run, "api").identity,
    serviceOf(first.run, "api").identity,
  );
  // The dependency is up already, and its address is still known.
  Deno.kill(serviceOf(second.run, "web").identity?.pid ?? 0, "SIGKILL");
  const third = await world.start();
  assertEquals([third.kind, third.failure], ["resumed", undefined]);
  await world.stop();
});

Deno.test("what somebody else runs is asked each time and never ended", async () => {
  await using world = await makeEnvironmentWorld();
  const server = await startRedis();
  await using _ = server;
  await world.settings({
    "REEVE_SERVICES": "web",
    "REEVE_DEPENDENCIES": "redis",
    "REEVE_DEPENDENCY_REDIS_URL": server.url,
    "REEVE_SERVICE_WEB_CMD": SAYS_REDIS,
    "REEVE_SERVICE_WEB_READY": "log:told redis",
    "REEVE_SERVICE_WEB_ENV__REDIS": "${REDIS_URL}",
  });
  const report = await world.start();
  assertEquals([report.kind, report.failure], ["started", undefined]);
  assertEquals(report.run?.dependencies[0]?.mode, "external");
  await server.stop();
  const health = healthOf(await world.look());
  assertEquals(health.critical.map(({ id }) => id), ["redis"]);
  const failed = await world.start();
  assertEquals(failed.kind, "failed");
  assertMatch(failed.failure ?? "", /^Main redis: /);
  // What was up before stays up.
  assertEquals((await world.running()).length, 1);
  await server.restart();
  assertEquals((await world.start()).kind, "resumed");
  assertEquals(healthOf(await world.look()).overall, "healthy");
  await world.stop();
  assert(await isAlive(server.pid));
});

Deno.test("a dependency that cannot be had forbids what needs it", async () => {
  await using world = await makeEnvironmentWorld();
  const [port = 0, api = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,mail",
    "REEVE_DEPENDENCIES": "redis",
    "REEVE_DEPENDENCY_REDIS_MODE": "command",
    "REEVE_DEPENDENCY_REDIS_CMD": unitCommand("crash", "fatal: no disk", "1"),
    "REEVE_DEPENDENCY_REDIS_PORT": String(port),
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_API_DEPENDS_ON": "redis",
    "REEVE_SERVICE_MAIL_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_MAIL_PORT": String(freePort()),
    "REEVE_SERVICE_MAIL_DEPENDS_ON": "redis",
  });
  const report = await world.start();
  assertEquals(report.kind, "failed");
  assertMatch(report.failure ?? "", /^Main redis: .*no disk/);
  assert(!world.steps.includes("api starting"));
  assertEquals(await world.running(), []);
  await world.stop();
});

Deno.test("PostgreSQL is there before what uses it, and leaves no process", async () => {
  await using world = await makeEnvironmentWorld();
  await world.settings({
    "REEVE_SERVICES": "migrate,api",
    "REEVE_DEPENDENCIES": "postgres",
    "REEVE_DEPENDENCY_POSTGRES_MODE": "native",
    "REEVE_DEPENDENCY_POSTGRES_PORT": String(freePort()),
    "REEVE_SERVICE_MIGRATE_CMD":
      `sh -c 'exec ${bin}/psql -At -c "create table if not exists t(a int)" $URL'`,
    "REEVE_SERVICE_MIGRATE_READY": "exit",
    "REEVE_SERVICE_MIGRATE_ENV__URL": "${DATABASE_URL}",
    "REEVE_SERVICE_API_CMD":
      `sh -c '${bin}/psql -At -c "select count(*) from t" $URL && exec sleep 600'`,
    "REEVE_SERVICE_API_READY": "log:^0$",
    "REEVE_SERVICE_API_DEPENDS_ON": "migrate",
    "REEVE_SERVICE_API_ENV__URL": "${DATABASE_URL}",
  });
  const first = await world.start();
  assertEquals([first.kind, first.failure], ["started", undefined]);
  assertEquals(serviceOf(first.run, "migrate").status, "finished");
  Deno.kill(serviceOf(first.run, "api").identity?.pid ?? 0, "SIGKILL");
  const second = await world.start();
  assertEquals([second.kind, second.failure], ["resumed", undefined]);
  assertEquals(second.run?.dependencies, first.run?.dependencies);
  assertEquals(
    serviceOf(second.run, "migrate").identity,
    serviceOf(first.run, "migrate").identity,
  );
  const pid = first.run?.dependencies[0]?.identity?.pid ?? 0;
  assert(await isAlive(pid));
  const stop = await world.stop();
  assertEquals(stop.kept, []);
  assert(!await isAlive(pid));
  assertEquals(await world.look(), []);
});
