/** Files that hold no jobs, or those of another Reeve. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertSound, openBeside, realJobs } from "#support/real_jobs.ts";
import { makeRoot } from "#support/real_queue.ts";
import { QueueNotReadyError } from "../../src/jobs/readiness.ts";

const RUBBISH = new TextEncoder().encode("this is no queue ".repeat(1000));

async function withJobs(path: string, count: number): Promise<void> {
  const backend = realJobs(path);
  await backend.start();
  for (let n = 0; n < count; n++) {
    await backend.enqueue("mail", "x".repeat(300));
  }
  await backend.stop();
}

const FILES: readonly {
  readonly what: string;
  readonly code: string;
  readonly make: (path: string) => Promise<void>;
}[] = [
  {
    what: "rubbish",
    code: "QUEUE_STORE_CORRUPT",
    make: (path) => Deno.writeFile(path, RUBBISH),
  },
  {
    what: "another program's database",
    code: "QUEUE_STORE_CORRUPT",
    make: async (path) => {
      using db = openBeside(path);
      db.exec("CREATE TABLE notes (text TEXT); PRAGMA user_version = 1");
      await Promise.resolve();
    },
  },
  {
    what: "another tenant's jobs",
    code: "QUEUE_STORE_CORRUPT",
    make: async (path) => {
      const other = realJobs(path, { tenant: "acme" });
      await other.start();
      await other.stop();
    },
  },
  {
    what: "a newer Reeve's jobs",
    code: "QUEUE_STORE_NEWER",
    make: async (path) => {
      await withJobs(path, 3);
      using db = openBeside(path);
      db.exec("PRAGMA user_version = 99");
    },
  },
  {
    what: "a file whose beginning was overwritten",
    code: "QUEUE_STORE_CORRUPT",
    make: async (path) => {
      await withJobs(path, 200);
      using file = await Deno.open(path, { write: true });
      await file.write(RUBBISH.subarray(0, 5000));
    },
  },
  {
    what: "a directory",
    code: "QUEUE_STORE_UNUSABLE",
    make: (path) => Deno.mkdir(path),
  },
];

Deno.test.each(FILES)(
  "$what is refused as $code and left as it is",
  async ({ code, make }) => {
    await using root = await makeRoot();
    const path = `${root.path}/jobs/_default.db`;
    await Deno.mkdir(`${root.path}/jobs`);
    await make(path);
    const read = () => Deno.readFile(path).catch(() => new Uint8Array());
    const before = await read();
    const backend = realJobs(path);
    for (let n = 0; n < 2; n++) {
      const error = await assertRejects(
        () => backend.start(),
        QueueNotReadyError,
      );
      assertEquals<string>(error.reason, code);
      assert(error.hint !== undefined && error.hint.length > 20);
      assertEquals([error.backend, error.endpoint], ["sqlite", path]);
      const { ok, checks } = await backend.checkReady();
      assert(!ok);
      assertEquals<string | undefined>(checks.at(-1)?.code, code);
    }
    assertEquals(await read(), before);
    await backend.stop();
  },
);

Deno.test("damage in the middle of a file is told and not made worse", async () => {
  await using root = await makeRoot();
  const path = `${root.path}/jobs/_default.db`;
  await withJobs(path, 400);
  {
    using file = await Deno.open(path, { write: true });
    await file.seek(9 * 4096, Deno.SeekMode.Start);
    await file.write(RUBBISH.subarray(0, 12 * 1024));
  }
  const backend = realJobs(path);
  await backend.start();
  try {
    const wish = { queue: "mail", limit: 1000, leaseMs: 60_000 };
    const error = await assertRejects(() => backend.claim(wish), Error);
    assert(
      error.message ===
        `Cannot use the job queue ${path}: it is damaged, or no file of jobs`,
      error.message,
    );
  } finally {
    await backend.stop();
  }
});

Deno.test("checkReady() leaves no file where there was none", async () => {
  await using root = await makeRoot();
  const backend = realJobs(`${root.path}/jobs/_default.db`);
  const { ok, checks, latencyMs } = await backend.checkReady();
  assert(ok, JSON.stringify(checks));
  assert(latencyMs >= 0);
  assertEquals(await Array.fromAsync(Deno.readDir(`${root.path}/jobs`)), []);
});

Deno.test("checkReady() asks an existing file and changes nothing in it", async () => {
  await using root = await makeRoot();
  const path = `${root.path}/jobs/_default.db`;
  await withJobs(path, 3);
  const before = await Deno.readFile(path);
  const backend = realJobs(path);
  const { ok, checks } = await backend.checkReady();
  assert(ok, JSON.stringify(checks));
  assertEquals(checks.map(({ check }) => check), [
    "local file system",
    "schema",
    "version",
    "write probe",
    "persistence",
    "moved",
    "disk",
  ]);
  assertEquals(await Deno.readFile(path), before);
  await backend.start();
  assert((await backend.checkReady()).ok);
  await backend.stop();
  assertSound(path);
});

Deno.test("checkReady() tells of a process that holds the file", async () => {
  await using root = await makeRoot();
  const path = `${root.path}/jobs/_default.db`;
  await withJobs(path, 1);
  const backend = realJobs(path);
  using db = openBeside(path);
  db.exec("BEGIN IMMEDIATE");
  const { ok, checks } = await backend.checkReady({ timeoutMs: 60 });
  assertEquals([ok, checks.at(-1)?.code], [false, "QUEUE_STORE_LOCKED"]);
  const waiting = backend.checkReady({ timeoutMs: 20_000 });
  db.exec("ROLLBACK");
  assert((await waiting).ok);
});
