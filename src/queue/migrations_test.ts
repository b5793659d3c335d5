import { assert, assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { fakeQueue } from "#support/fake_queue.ts";
import { HostError } from "../host/host.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openStore } from "./store.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";

async function emptyDatabase() {
  const databases = await createFakeHost().databases();
  return databases.open("/queue.db", { busyTimeoutMs: 1 });
}

Deno.test("MIGRATIONS make a sound database that is strict about types", async () => {
  const db = await emptyDatabase();
  for (const step of MIGRATIONS) db.exec(step);
  assertEquals(db.all("PRAGMA integrity_check"), [{ "integrity_check": "ok" }]);
  assertEquals(db.all("PRAGMA foreign_key_check"), []);
  const lax = db.all(
    `SELECT name FROM pragma_table_list
      WHERE schema = 'main' AND type = 'table' AND strict = 0
        AND name NOT LIKE 'sqlite_%'`,
  );
  assertEquals(lax, []);
});

Deno.test("MIGRATIONS leave one row of counters to the opening queue", async () => {
  const queue = await fakeQueue();
  assertEquals(queue.rows("SELECT count(*) AS n FROM meta"), [{ n: 1 }]);
  assertEquals(queue.rows("SELECT count(*) AS n FROM target"), [{ n: 1 }]);
  assertEquals(queue.rows("PRAGMA user_version"), [
    { "user_version": MIGRATIONS.length },
  ]);
});

Deno.test("MIGRATIONS are taken completely or not at all", async () => {
  const queue = await fakeQueue();
  const { paths, queueHost } = queue;
  queueHost.blocking.makeDirectory(paths.directory);
  const db = queueHost.databases.open(paths.queue, { busyTimeoutMs: 1 });
  db.exec("SELECT 1");
  // The transaction commits last, so the disk is full only then.
  const heal = queue.world.failDatabase(paths.queue, "no_space");
  const options = { root: ROOT, projectId: PROJECT_ID, paths };
  const opening = openStore(queueHost, options);
  assertEquals(opening.kind, "refused");
  assertEquals(db.all("SELECT name FROM sqlite_schema"), []);
  assertEquals(db.get("PRAGMA user_version"), { "user_version": 0 });
  heal();
  assertEquals(openStore(queueHost, options).kind, "open");
});

Deno.test.each([
  { name: "an id twice", sql: "UPDATE events SET event_id = 'x'" },
  {
    name: "no body where one is counted",
    sql: "UPDATE events SET bytes = NULL",
  },
  {
    name: "a second row of counters",
    sql: "INSERT INTO target (id) VALUES (2)",
  },
  {
    name: "a delivery of nothing",
    sql:
      "INSERT INTO deliveries (seq, lane, state, epoch) VALUES (99, 'l', 'ready', 1)",
  },
])("MIGRATIONS refuse $name", async ({ sql }) => {
  const queue = await fakeQueue();
  queue.change("a");
  queue.change("b");
  let refusal: unknown;
  try {
    queue.store.db.exec("PRAGMA foreign_keys = ON");
    queue.store.db.run(sql);
  } catch (error) {
    refusal = error;
  }
  assert(refusal instanceof Error && !(refusal instanceof HostError));
});
