import { assertEquals, assertThrows } from "@std/assert";
import { createFakeHost, FakeWorld } from "#support/fake_host.ts";
import type { FakeHost } from "#support/fake_host.ts";
import type { Database } from "../../src/host/databases.ts";
import { HostError } from "../../src/host/host.ts";

const LIMIT = 1000;
const BUSY = { busyTimeoutMs: 50 };

function codeOf(run: () => unknown): string {
  try {
    run();
    return "fine";
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.code;
  }
}

async function openDatabase({ databases }: FakeHost): Promise<Database> {
  const database = (await databases()).open("/db", BUSY);
  database.exec("CREATE TABLE IF NOT EXISTS t (n INTEGER)");
  return database;
}

function insert(database: Database, n = 1): void {
  database.run("INSERT INTO t VALUES (?)", n);
}

function countIn(database: Database): number | undefined {
  return database.get<{ n: number }>("SELECT count(*) AS n FROM t")?.n;
}

Deno.test("waiting for a lock without end is found out", async () => {
  const world = new FakeWorld();
  const [one, two] = [world.host(), world.host()];
  const append = () => two.blocking.appendLocked("/lock", "text", LIMIT);
  const lock = await one.files.tryLock("/lock", { create: true });
  assertThrows(append, TypeError, "would wait for ever");
  const take = () => two.blocking.takeLocked("/lock", () => undefined);
  assertThrows(take, TypeError, "would wait for ever");
  world.endProcess(one.env.pid);
  assertEquals([typeof lock, append()], ["object", "appended"]);
  const nested = () => two.blocking.takeLocked("/lock", () => void append());
  assertThrows(nested, TypeError, "would wait for ever");
  assertEquals(world.disk.textOf("/lock"), "text");
});

Deno.test("blocking operations fail as a test wants", () => {
  const { blocking, world } = createFakeHost();
  const append = () => blocking.appendLocked("/file", "text", LIMIT);
  world.failFiles("/file", "no_space", { operation: "appendLocked", times: 1 });
  assertEquals([codeOf(append), codeOf(append)], ["no_space", "fine"]);
  const stop = world.failFiles("/file", "io");
  const calls = [
    () => blocking.readText("/file"),
    () => blocking.stat("/file"),
    () => blocking.touch("/file"),
    () => blocking.rename("/file", "/other"),
    () => blocking.remove("/file"),
    () => blocking.takeLocked("/file", () => undefined),
    append,
  ];
  for (const call of calls) assertEquals(codeOf(call), "io");
  stop();
  assertEquals(blocking.readText("/file"), "text");
});

Deno.test("only what a blocking operation changes is noted", () => {
  const { blocking, world } = createFakeHost();
  blocking.makeDirectory("/a/b");
  blocking.makeDirectory("/a/b");
  blocking.touch("/a/b/file");
  blocking.touch("/a/b/file");
  blocking.takeLocked("/a/b/file", () => undefined);
  blocking.appendLocked("/a/b/file", "text", 3);
  blocking.remove("/a/b/none");
  blocking.rename("/a/b/file", "/a/b/new");
  assertEquals(world.writes, [
    "/a",
    "/a/b",
    "/a/b/file",
    "/a/b/file",
    "/a/b/new",
  ]);
});

Deno.test("the file system is what a test says", () => {
  const { blocking, world } = createFakeHost();
  assertEquals(blocking.freeBytes("/"), undefined);
  assertEquals(blocking.isRemote("/"), undefined);
  Object.assign(world, { freeBytes: 42, isRemote: true });
  const seen: unknown[] = [blocking.freeBytes("/"), blocking.isRemote("/")];
  assertEquals(seen, [42, true]);
});

Deno.test("who has ended has no blocking effects", async () => {
  const world = new FakeWorld();
  const host = world.host();
  const { blocking } = host;
  const database = await openDatabase(host);
  world.disk.put("/file", "text");
  const take = () =>
    blocking.takeLocked("/file", () => world.endProcess(host.env.pid));
  const calls = [
    take,
    () => blocking.stat("/file"),
    () => blocking.freeBytes("/"),
    () => blocking.appendLocked("/file", "more", LIMIT),
    () => countIn(database),
    () => host.clock.later(1, () => undefined),
    () =>
      host.web.openSocket("ws://x/", {}, {
        onText: () => undefined,
        onClose: () => undefined,
      }),
  ];
  for (const call of calls) assertThrows(call, Error, "has ended");
  assertEquals(world.disk.textOf("/file"), "text");
  world.host().blocking.takeLocked("/file", () => undefined);
  assertEquals(world.disk.textOf("/file"), "");
});

Deno.test("a transaction ends with its process", async () => {
  const world = new FakeWorld();
  const [one, two] = [world.host(), world.host()];
  const [mine, theirs] = [await openDatabase(one), await openDatabase(two)];
  const endIn = () =>
    mine.transaction(() => {
      insert(mine);
      world.endProcess(one.env.pid);
    });
  assertThrows(endIn, Error, "has ended");
  assertEquals(countIn(theirs), 0);
  insert(theirs);
  assertEquals(countIn(theirs), 1);
});

Deno.test("a program that ends in a blocking call has not crashed", async () => {
  const world = new FakeWorld({
    onSpawn: () => ({
      run({ blocking, env }) {
        world.endProcess(env.pid, { code: 7 });
        blocking.touch("/file");
        return Promise.resolve(0);
      },
    }),
  });
  const command = { executable: "/x", args: [], env: {}, cwd: "/there" };
  const { exited } = await world.host().processes.spawn(command);
  assertEquals(await exited, 7);
  assertEquals([world.crashes, world.writes], [[], []]);
});

Deno.test("changes of a database fail as a test wants", async () => {
  const host = createFakeHost();
  const { world } = host;
  const database = await openDatabase(host);
  world.failDatabase("/db", "no_space");
  const acts: string[] = [];
  const both = () =>
    database.transaction(() => {
      insert(database);
      acts.push("inserted");
    });
  assertEquals([codeOf(both), countIn(database)], ["no_space", 0]);
  assertEquals([codeOf(both), countIn(database)], ["fine", 1]);
  world.failDatabase("/db", "busy", { times: 2 });
  assertEquals(codeOf(both), "busy");
  assertEquals(acts, ["inserted", "inserted"]);
  assertEquals(codeOf(() => insert(database)), "busy");
  const stop = world.failDatabase("/db", "io", { times: Infinity });
  assertEquals(codeOf(() => insert(database)), "io");
  stop();
  assertEquals(codeOf(() => insert(database)), "fine");
  assertEquals(countIn(database), 2);
});

Deno.test("opening a database fails as a test wants", async () => {
  const host = createFakeHost();
  const operation = "openDatabase";
  host.world.failFiles("/db", "permission_denied", { operation, times: 1 });
  const databases = await host.databases();
  const open = () => databases.open("/db", BUSY);
  assertEquals(codeOf(open), "permission_denied");
  assertEquals(host.world.disk.texts(), {});
  assertEquals(codeOf(open), "fine");
  assertEquals(host.world.disk.texts(), { "/db": "" });
});

Deno.test("a database that a test damages can be put aside", async () => {
  const host = createFakeHost();
  const { world, blocking } = host;
  insert(await openDatabase(host));
  world.disk.put("/db", "no database");
  const databases = await host.databases();
  const damaged = databases.open("/db", BUSY);
  assertEquals(codeOf(() => countIn(damaged)), "damaged");
  blocking.rename("/db", "/aside");
  assertEquals(countIn(await openDatabase(host)), 0);
  assertEquals(world.disk.textOf("/aside"), "no database");
});
