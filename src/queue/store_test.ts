import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { fakeQueue, queueHostOf } from "#support/fake_queue.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";
import type { OpenDatabaseOptions } from "../host/databases.ts";
import { HostError, type HostErrorCode } from "../host/host.ts";
import { installIdPath, projectPaths } from "../state/project_paths.ts";
import { buildIdOf, nodeIdOf } from "./envelope.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openStore, openStoreToRead, type QueueHost } from "./store.ts";

const OTHER_ID = "11111111-2222-4333-8444-555555555555";
const PATHS = projectPaths({ root: ROOT }, PROJECT_ID);
const OPTIONS = { root: ROOT, projectId: PROJECT_ID, paths: PATHS };
const INSTALL_ID = installIdPath({ root: ROOT });

Deno.test("openStore() makes a queue that knows its project and its node", async () => {
  const queue = await fakeQueue();
  const { store, world } = queue;
  const installId = world.disk.textOf(INSTALL_ID)?.trim() ?? "";
  assertMatch(installId, /^[0-9a-f]{32}$/);
  assertEquals(store.nodeId, nodeIdOf(installId, PROJECT_ID));
  assertEquals(store.buildId, buildIdOf(PROJECT_ID, store.nodeId));
  const meta: Record<string, unknown> = queue.meta();
  assertEquals(meta["project_uuid"], PROJECT_ID);
  assertEquals(meta["node_id"], store.nodeId);
  assertEquals(meta["clock_epoch"], 1);
  assertEquals(meta["created_at"], world.clock.now());
});

Deno.test("openStore() finds the same queue the second time", async () => {
  const queue = await fakeQueue();
  queue.change("a");
  const again = queue.open();
  assertEquals(again.nodeId, queue.store.nodeId);
  assertEquals(again.db.get("SELECT seq FROM meta"), { seq: 1 });
});

Deno.test("openStore() gives each project of an installation its own node", async () => {
  const queue = await fakeQueue();
  const paths = projectPaths({ root: ROOT }, OTHER_ID);
  const other = openStore(queue.queueHost, {
    root: ROOT,
    projectId: OTHER_ID,
    paths,
  });
  assert(other.kind === "open");
  assertNotEquals(other.store.nodeId, queue.store.nodeId);
});

Deno.test.each([
  { name: "an empty file", text: "" },
  { name: "a torn line", text: "0123456789abc" },
  { name: "rubbish", text: "hello\n\nworld\n" },
])(
  "openStore() gets an installation id in spite of $name",
  async ({ text }) => {
    const queue = await fakeQueue();
    queue.world.disk.put(INSTALL_ID, text);
    const first = queue.store.nodeId;
    queue.store.db.close();
    assertEquals(queue.open().nodeId, first);
  },
);

Deno.test("openStore() takes the first sound installation id of two writers", async () => {
  const queue = await fakeQueue();
  const [one, two] = ["1".repeat(32), "2".repeat(32)];
  queue.world.disk.put(INSTALL_ID, `\n${one}\n\n${two}\n`);
  assertEquals(queue.store.nodeId, nodeIdOf(one, PROJECT_ID));
});

Deno.test("openStore() makes a queue of a copied home that of its new machine", async () => {
  const queue = await fakeQueue();
  queue.change("a");
  const before = queue.store;
  queue.world.disk.put(INSTALL_ID, `${"3".repeat(32)}\n`);
  const after = queue.open();
  assertEquals(after.nodeId, nodeIdOf("3".repeat(32), PROJECT_ID));
  assertEquals(after.buildId, buildIdOf(PROJECT_ID, after.nodeId));
  assertNotEquals(after.nodeId, before.nodeId);
  const meta = after.db.get("SELECT node_id, build_id, lamport FROM meta");
  assertEquals(meta, {
    "node_id": after.nodeId,
    "build_id": after.buildId,
    lamport: 1,
  });
});

Deno.test("openStore() leaves a queue of a newer version as it is", async () => {
  const queue = await fakeQueue();
  queue.store.db.exec("PRAGMA user_version = 99; DROP TABLE target;");
  const opening = openStore(queue.queueHost, OPTIONS);
  assertEquals(opening, { kind: "newer", version: 99 });
  assertEquals(queue.rows("PRAGMA user_version"), [{ "user_version": 99 }]);
});

Deno.test("openStore() leaves the queue of another project as it is", async () => {
  const queue = await fakeQueue();
  queue.change("a");
  const paths = projectPaths({ root: ROOT }, OTHER_ID);
  queue.queueHost.blocking.makeDirectory(paths.directory);
  queue.queueHost.blocking.rename(PATHS.queue, paths.queue);
  const before = queue.meta();
  const opening = openStore(queue.queueHost, {
    root: ROOT,
    projectId: OTHER_ID,
    paths,
  });
  assertEquals(opening, { kind: "owner_mismatch", owner: PROJECT_ID });
  assertEquals(queue.meta(), before);
});

Deno.test.each([
  { name: "without a version", script: "CREATE TABLE events (a) STRICT" },
  {
    name: "with a version and nothing else",
    script: "PRAGMA user_version = 1",
  },
  {
    name: "with a version like ours",
    script: `CREATE TABLE meta (a); PRAGMA user_version = ${MIGRATIONS.length}`,
  },
])(
  "openStore() puts the database of another program $name aside",
  async ({ script }) => {
    const queue = await fakeQueue();
    queue.queueHost.blocking.makeDirectory(PATHS.directory);
    const foreign = queue.queueHost.databases.open(PATHS.queue, {
      busyTimeoutMs: 1,
    });
    foreign.exec(script.replace(" STRICT", ""));
    const before = foreign.all("SELECT sql FROM sqlite_schema");
    const opening = openStore(queue.queueHost, OPTIONS);
    assert(opening.kind === "open");
    assertEquals(foreign.all("SELECT sql FROM sqlite_schema"), before);
    const names = queue.queueHost.blocking.list(PATHS.directory);
    assert(names.some((name) => name.startsWith("queue.corrupt-")));
  },
);

Deno.test.each<{ code: HostErrorCode }>([
  { code: "permission_denied" },
  { code: "no_space" },
  { code: "read_only" },
])(
  "openStore() tells that the directory is refused: $code",
  async ({ code }) => {
    const queue = await fakeQueue();
    queue.world.failFiles(PATHS.directory, code, {
      operation: "makeDirectory",
    });
    const opening = openStore(queue.queueHost, OPTIONS);
    assert(opening.kind === "refused");
    assertEquals(opening.error.code, code);
  },
);

Deno.test("openStore() tells that another process is in the way", async () => {
  const queue = await fakeQueue();
  queue.world.failDatabase(PATHS.queue, "busy");
  const opening = openStore(queue.queueHost, OPTIONS);
  assert(opening.kind === "refused");
  assertEquals(opening.error.code, "busy");
});

/** A host that writes down what connections are told. */
function listening(host: QueueHost, heard: string[]): QueueHost {
  const open = (path: string, options: OpenDatabaseOptions) => {
    const db = host.databases.open(path, options);
    const exec = (script: string) => {
      heard.push(script);
      db.exec(script);
    };
    return Object.assign(Object.create(db), {
      exec,
      run: db.run.bind(db),
      get: db.get.bind(db),
      all: db.all.bind(db),
      transaction: db.transaction.bind(db),
      setBusyTimeout: (ms: number) => {
        heard.push(`busy ${ms}`);
        db.setBusyTimeout(ms);
      },
      close: db.close.bind(db),
    });
  };
  return { ...host, databases: { open } };
}

Deno.test.each(
  [
    {
      name: "a local disk",
      isRemote: false,
      durability: "full",
      journal: "WAL",
      flush: "FULL",
    },
    {
      name: "an unknown disk",
      isRemote: undefined,
      durability: undefined,
      journal: "WAL",
      flush: "FULL",
    },
    {
      name: "a network disk",
      isRemote: true,
      durability: "full",
      journal: "DELETE",
      flush: "FULL",
    },
    {
      name: "a relaxed queue",
      isRemote: false,
      durability: "relaxed",
      journal: "WAL",
      flush: "NORMAL",
    },
  ] as const,
)(
  "openStore() sets up $name",
  async ({ isRemote, durability, journal, flush }) => {
    const world = new FakeWorld();
    world.isRemote = isRemote;
    const heard: string[] = [];
    const host = listening(await queueHostOf(world.host()), heard);
    openStore(host, {
      ...OPTIONS,
      ...(durability && { durability }),
      busyTimeoutMs: 7,
    });
    const script = heard.join("\n");
    assert(script.includes(`journal_mode=${journal};`), script);
    assert(script.includes(`synchronous=${flush};`), script);
    assert(script.includes("auto_vacuum=INCREMENTAL"), script);
    assert(script.includes("trusted_schema=OFF"), script);
    assert(script.includes("cell_size_check=ON"), script);
    assertEquals(heard.at(-1), "busy 7");
  },
);

Deno.test("openStore() does not change the mode of a queue that is there", async () => {
  const queue = await fakeQueue();
  assertEquals(queue.meta()["seq"], 0);
  const heard: string[] = [];
  openStore(listening(queue.queueHost, heard), OPTIONS);
  assert(!heard.join("\n").includes("journal_mode"));
});

Deno.test("openStoreToRead() makes nothing where nothing is", async () => {
  const queue = await fakeQueue();
  assertEquals(openStoreToRead(queue.queueHost, OPTIONS), { kind: "missing" });
  assertEquals(queue.world.disk.texts(), {});
});

Deno.test("openStoreToRead() shows a queue and changes nothing", async () => {
  const queue = await fakeQueue();
  queue.change("a");
  const opening = openStoreToRead(queue.queueHost, OPTIONS);
  assert(opening.kind === "open");
  const { db } = opening.store;
  assertEquals(db.get("SELECT seq FROM meta"), { seq: 1 });
  let code = "";
  try {
    db.run("UPDATE meta SET seq = 9");
  } catch (error) {
    if (error instanceof HostError) code = error.code;
  }
  assertEquals(code, "read_only");
});

Deno.test("openStoreToRead() tells a newer queue, another's and a damaged one", async () => {
  const queue = await fakeQueue();
  const { db } = queue.store;
  const read = () => openStoreToRead(queue.queueHost, OPTIONS);
  db.run("UPDATE meta SET project_uuid = 'p2'");
  assertEquals(read(), { kind: "owner_mismatch", owner: "p2" });
  db.exec("PRAGMA user_version = 99");
  assertEquals(read(), { kind: "newer", version: 99 });
  db.exec("PRAGMA user_version = 1; ALTER TABLE meta RENAME TO other");
  assertEquals(read().kind, "refused");
  queue.world.disk.put(PATHS.queue, "no database");
  const opening = read();
  assert(opening.kind === "refused");
  assertEquals(opening.error.code, "damaged");
  assertEquals(queue.world.disk.textOf(PATHS.queue), "no database");
});
