import { assert, assertEquals, assertThrows } from "@std/assert";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import { JOBS_PATH } from "#support/fake_jobs.ts";
import type { Databases } from "../../host/databases.ts";
import { QueueNotReadyError } from "../readiness.ts";
import { openJobs, type OpenOptions } from "./open_jobs.ts";
import { STEPS } from "./schema.ts";

const OPTIONS: OpenOptions = {
  path: JOBS_PATH,
  tenant: "_default",
  durability: "full",
};

/** A fake world, and the count of what is open in it. */
async function openWorld() {
  const host = createFakeHost();
  const real = await host.databases();
  let openCount = 0;
  const databases: Databases = {
    open(path, options) {
      const db = real.open(path, options);
      openCount++;
      const close = db.close.bind(db);
      db.close = () => {
        openCount--;
        close();
      };
      return db;
    },
  };
  const { clock, blocking } = host;
  const slice = { clock, blocking, databases };
  return {
    host,
    open: (options: Partial<OpenOptions> = {}) =>
      openJobs(slice, { ...OPTIONS, ...options }),
    openCount: () => openCount,
    real,
  };
}

const REFUSED: readonly {
  readonly what: string;
  readonly prepare: (host: FakeHost, databases: Databases) => void;
  readonly code: string;
}[] = [
  {
    what: "a newer schema",
    prepare: (_host, databases) => {
      using db = databases.open(JOBS_PATH, { busyTimeoutMs: 0 });
      db.exec(`PRAGMA user_version = ${STEPS.length + 1}`);
    },
    code: "QUEUE_STORE_NEWER",
  },
  {
    what: "another program's mark",
    prepare: (_host, databases) => {
      using db = databases.open(JOBS_PATH, { busyTimeoutMs: 0 });
      db.exec("PRAGMA application_id = 7");
    },
    code: "QUEUE_STORE_CORRUPT",
  },
  {
    what: "another tenant",
    prepare: (_host, databases) => {
      using db = databases.open(JOBS_PATH, { busyTimeoutMs: 0 });
      db.exec("UPDATE meta SET tenant = 'acme'");
    },
    code: "QUEUE_STORE_CORRUPT",
  },
  {
    what: "tables but no schema",
    prepare: (_host, databases) => {
      using db = databases.open(JOBS_PATH, { busyTimeoutMs: 0 });
      db.exec("PRAGMA user_version = 0");
    },
    code: "QUEUE_STORE_CORRUPT",
  },
  {
    what: "a network file system",
    prepare: ({ world }) => world.isRemote = true,
    code: "QUEUE_STORE_REMOTE",
  },
  {
    what: "no permission",
    prepare: ({ world }) =>
      world.failFiles(JOBS_PATH, "permission_denied", {
        operation: "openDatabase",
      }),
    code: "QUEUE_STORE_READONLY",
  },
];

Deno.test.each(REFUSED)(
  "openJobs() refuses $what as $code and leaves nothing open",
  async ({ prepare, code }) => {
    const { host, open, openCount, real } = await openWorld();
    open().close();
    prepare(host, real);
    const error = assertThrows(() => open(), QueueNotReadyError);
    assertEquals<string>(error.reason, code);
    assertEquals(error.endpoint, JOBS_PATH);
    assertEquals(openCount(), 0);
  },
);

Deno.test("openJobs() makes a file that is ours and finds it again", async () => {
  const { open, openCount } = await openWorld();
  using first = open();
  const meta = first.get("SELECT tenant, moved_to FROM meta");
  assertEquals(meta, { tenant: "_default", ["moved_to"]: null });
  using second = open({ durability: "relaxed" });
  assertEquals(second.get("SELECT count(*) AS n FROM meta"), { n: 1 });
  assertEquals(openCount(), 2);
});

Deno.test("openJobs() leaves nothing behind when making the file fails", async () => {
  const { host, open, openCount } = await openWorld();
  host.world.failDatabase(JOBS_PATH, "no_space", { times: 1 });
  const error = assertThrows(() => open(), QueueNotReadyError);
  assertEquals(error.reason, "QUEUE_DISK_LOW");
  assertEquals(openCount(), 0);
  using db = open();
  assert(db.get("SELECT 1 FROM meta") !== undefined);
});
