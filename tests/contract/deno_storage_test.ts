import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Database } from "../../src/host/databases.ts";
import { denoBlockingFiles as blocking } from "../../src/host/deno_blocking_files.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import { script, startChild } from "./deno_world.ts";

const { os } = Deno.build;
const LIMIT = 1000;
const DISK_BYTES = 256 * 1024;
const isRoot = Deno.uid() === 0;
const MODULES = import.meta.resolve("../../src/host/");

// The C library stays open for the life of a process: opened here, it is no
// resource that the first test to ask for it appears to leak.
blocking.freeBytes("/");

interface Folder extends AsyncDisposable {
  readonly at: (name: string) => string;
}

async function makeFolder(): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "reeve-storage-" });
  return {
    at: (name) => joinPath(path, name),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

interface Disk extends AsyncDisposable {
  readonly path: string;
}

/** A small disk of its own, where we may make one. */
async function mountDisk(path: string): Promise<Disk | undefined> {
  const run = async (command: string, ...args: readonly string[]) => {
    const child = new Deno.Command(command, { args: [...args] });
    return (await child.output()).success;
  };
  await Deno.mkdir(path);
  const options = ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs"];
  if (!isRoot || !await run("mount", ...options, path)) return undefined;
  return {
    path,
    [Symbol.asyncDispose]: async () => void await run("umount", path),
  };
}

function openDatabase(path: string, busyTimeoutMs = 1000): Database {
  return denoDatabases.open(path, { busyTimeoutMs });
}

function assertRefused(code: string, run: () => unknown): void {
  assertEquals<string>(assertThrows(run, HostError).code, code);
}

function countIn(database: Database): number | undefined {
  return database.get<{ n: number }>("SELECT count(*) AS n FROM t")?.n;
}

/** Runs a script that has `blocking` and `open` until it says a word. */
function startScript(source: string, ...args: readonly string[]) {
  return startChild(script(
    `
    import { denoBlockingFiles as blocking } from "${MODULES}deno_blocking_files.ts";
    import { denoDatabases } from "${MODULES}deno_databases.ts";
    const open = (path) => denoDatabases.open(path, { busyTimeoutMs: 1000 });
    const wait = (ms) =>
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    const say = (word) =>
      Deno.stdout.writeSync(new TextEncoder().encode(word));
    ${source}`,
    ...args,
  ));
}

Deno.test({
  name: "real files: freeBytes() and isRemote() agree with df",
  ignore: os !== "linux",
  async fn() {
    await using folder = await makeFolder();
    const path = folder.at("");
    const args = ["--output=avail", "-B1", path];
    const { stdout } = await new Deno.Command("df", { args }).output();
    const [, text] = new TextDecoder().decode(stdout).split("\n");
    const free = blocking.freeBytes(path) ?? 0;
    assert(Math.abs(free - Number(text)) < 2 ** 30, `${free} and ${text}`);
    assertEquals(blocking.freeBytes("/proc"), 0);
    assert(!(blocking.isRemote("/proc") ?? true));
    const none = folder.at("none");
    assertEquals(blocking.freeBytes(none), undefined);
    assertEquals(blocking.isRemote(none), undefined);
  },
});

Deno.test({
  name: "real files: freeBytes() and isRemote() are unknown elsewhere",
  ignore: os === "linux",
  fn() {
    assertEquals(blocking.freeBytes(Deno.cwd()), undefined);
    assertEquals(blocking.isRemote(Deno.cwd()), undefined);
  },
});

Deno.test("real files: appendLocked() waits for who takes", async () => {
  await using folder = await makeFolder();
  const path = folder.at("file");
  blocking.appendLocked(path, "old", LIMIT);
  const source = `
    blocking.takeLocked(Deno.args[0], () => {
      say("taking");
      wait(300);
    });
  `;
  const child = await startScript(source, path);
  const start = performance.now();
  assertEquals(blocking.appendLocked(path, "new", LIMIT), "appended");
  assert(performance.now() - start > 100);
  assertEquals(blocking.readText(path), "new");
  await child.ended;
});

Deno.test("real files: who dies while taking has taken nothing", async () => {
  await using folder = await makeFolder();
  const path = folder.at("file");
  blocking.appendLocked(path, "text", LIMIT);
  const source = `
    blocking.takeLocked(Deno.args[0], () => {
      say("taking");
      wait(60_000);
    });
  `;
  const child = await startScript(source, path);
  await child.end();
  const taken: string[] = [];
  blocking.takeLocked(path, (text) => void taken.push(text));
  assertEquals(taken, ["text"]);
});

Deno.test({
  name: "real files: a full disk has no space",
  ignore: os !== "linux",
  fn() {
    const append = () => blocking.appendLocked("/dev/full", "text", LIMIT);
    assertRefused("no_space", append);
  },
});

Deno.test({
  name: "real files: a pipe in the place of a file keeps nobody waiting",
  ignore: os === "windows",
  async fn() {
    await using folder = await makeFolder();
    const path = folder.at("file");
    await new Deno.Command("mkfifo", { args: [path] }).output();
    assertRefused("io", () => openDatabase(path));
    assertRefused("io", () => blocking.appendLocked(path, "text", LIMIT));
    assertRefused("io", () => blocking.takeLocked(path, () => {}));
    assertRefused("io", () => blocking.touch(path));
  },
});

Deno.test({
  name: "real files: what belongs to others is denied",
  ignore: os === "windows" || isRoot,
  async fn() {
    await using folder = await makeFolder();
    const path = folder.at("file");
    blocking.touch(path);
    await Deno.chmod(path, 0);
    assertRefused("permission_denied", () => blocking.readText(path));
    assertRefused("permission_denied", () => openDatabase(path));
    const append = () => blocking.appendLocked(path, "text", LIMIT);
    assertRefused("permission_denied", append);
  },
});

Deno.test({
  name: "real databases: all their files are private whatever the mask",
  ignore: os === "windows",
  async fn() {
    await using folder = await makeFolder();
    const mask = Deno.umask(0);
    try {
      using database = openDatabase(folder.at("db"));
      database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)");
      for (const name of ["db", "db-wal", "db-shm"]) {
        assertEquals(blocking.stat(folder.at(name))?.mode, 0o600, name);
      }
    } finally {
      Deno.umask(mask);
    }
  },
});

Deno.test("real databases: another process makes us wait, not for ever", async () => {
  await using folder = await makeFolder();
  const path = folder.at("db");
  using database = openDatabase(path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)");
  const source = `
    using database = open(Deno.args[0]);
    database.transaction(() => {
      database.run("INSERT INTO t VALUES (1)");
      say("writing");
      wait(60_000);
    });
  `;
  const child = await startScript(source, path);
  for (const ms of [0, 150]) {
    database.setBusyTimeout(ms);
    const start = performance.now();
    assertRefused("busy", () => database.run("INSERT INTO t VALUES (2)"));
    const took = performance.now() - start;
    assert(took >= ms - 1 && took < ms + 2000, `${took} ms`);
  }
  assertEquals(countIn(database), 0);
  await child.end();
  database.run("INSERT INTO t VALUES (2)");
  assertEquals(countIn(database), 1);
});

Deno.test("real databases: a torn file is damaged", async () => {
  await using folder = await makeFolder();
  const path = folder.at("db");
  {
    using database = openDatabase(path);
    database.exec("CREATE TABLE t (n BLOB)");
    database.run("INSERT INTO t VALUES (?)", new Uint8Array(100_000));
    database.run("INSERT INTO t VALUES (?)", new Uint8Array(100_000));
  }
  {
    using file = await Deno.open(path, { write: true });
    await file.seek(4096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(40_000).fill(255));
  }
  using database = openDatabase(path);
  assertRefused("damaged", () => countIn(database));
  assertRefused("damaged", () => database.exec("DELETE FROM t"));
});

for (const mode of ["DELETE", "WAL"]) {
  Deno.test(`real databases: a full disk has no space, ${mode}`, async () => {
    await using folder = await makeFolder();
    await using disk = await mountDisk(folder.at("disk"));
    if (disk === undefined) return;
    using database = openDatabase(joinPath(disk.path, "db"));
    database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (n BLOB)`);
    const big = new Uint8Array(20_000);
    const insert = () => database.run("INSERT INTO t VALUES (?)", big);
    const fill = () => {
      while (true) database.transaction(insert);
    };
    assertRefused("no_space", fill);
    const count = countIn(database) ?? 0;
    assert(count > 0);
    const copy = "CREATE TABLE s AS SELECT n FROM t";
    assertRefused("no_space", () => database.exec(copy));
    assertEquals(countIn(database), count);
  });
}

Deno.test("real databases: who opens on a full disk is told so", async () => {
  await using folder = await makeFolder();
  await using disk = await mountDisk(folder.at("disk"));
  if (disk === undefined) return;
  const path = joinPath(disk.path, "db");
  const create = "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)";
  {
    using database = openDatabase(path);
    database.exec(create);
  }
  const big = "x".repeat(DISK_BYTES);
  const filler = joinPath(disk.path, "filler");
  const fill = () => blocking.appendLocked(filler, big, DISK_BYTES);
  assertRefused("no_space", fill);
  using database = openDatabase(path);
  assertRefused("no_space", () => database.get("PRAGMA user_version"));
  blocking.remove(filler);
  assertEquals(countIn(database), 0);
});
