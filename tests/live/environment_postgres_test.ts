/** Dependencies with a real PostgreSQL, as an ordinary start has it. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DependencyWorld, type Tried } from "#support/dependency_world.ts";
import {
  openLibrary,
  portOf,
  relatives,
  unitOf,
  untilGone,
} from "#support/dependency_tries.ts";
import { providePostgres } from "#support/postgres_binaries.ts";
import { KnownError } from "../../src/errors.ts";
import { projectDependencies } from "../../src/environment/dependency_env.ts";
import type { DependencyId } from "../../src/environment/service_keys.ts";

const bin = await providePostgres();
await openLibrary();

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

function urlOf(tried: Tried, id: DependencyId, name: string): string {
  const { endpoint } = unitOf(tried);
  const { sources } = projectDependencies([{ id, endpoint }], "localhost");
  return sources.get(name)?.value ?? "";
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
