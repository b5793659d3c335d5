/** Jobs on disks that are full or that nobody may write. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertSound, realJobs } from "#support/real_jobs.ts";
import { makeRoot } from "#support/real_queue.ts";
import { canMount, mountSmallDisk } from "#support/small_disk.ts";
import { KnownError } from "../../src/errors.ts";
import { QueueNotReadyError } from "../../src/jobs/readiness.ts";

const isMountable = await canMount();

Deno.test({
  name: "a full disk refuses jobs, loses none that was taken, and works again",
  ignore: !isMountable,
  async fn() {
    await using disk = await mountSmallDisk(2048);
    const path = `${disk.path}/jobs/_default.db`;
    const backend = realJobs(path, { minFreeBytes: 0 });
    await backend.start();
    const kept: string[] = [];
    const refused = new Set<string>();
    for (let n = 0; n < 4000; n++) {
      try {
        const data = { n, text: "x".repeat(500) };
        kept.push((await backend.enqueue("mail", data)).id);
      } catch (error) {
        assert(error instanceof KnownError, String(error));
        refused.add(`${error.code}: ${error.message}`);
      }
    }
    assert(kept.length > 100);
    assertEquals([...refused], [
      `unusable: Cannot use the job queue ${path}: the disk is full`,
    ]);
    const listed = await backend.list("mail", { limit: 10_000 });
    assertEquals(listed.map(({ id }) => id), kept);
    await backend.stop();

    assert(await disk.remount("size=16384k"));
    await backend.start();
    const late = await backend.enqueue("mail", "late");
    assertEquals(late.status, "enqueued");
    const wish = { queue: "mail", limit: 10_000, leaseMs: 60_000 };
    const claims = await backend.claim(wish);
    assertEquals(claims.map(({ id }) => id), [...kept, late.id]);
    await backend.stop();
    assertSound(path);
  },
});

Deno.test({
  name:
    "a disk with too little room takes no job and ends those that are there",
  ignore: !isMountable,
  async fn() {
    await using disk = await mountSmallDisk(20 * 1024);
    const path = `${disk.path}/jobs/_default.db`;
    const backend = realJobs(path);
    await backend.start();
    const data = "x".repeat(100_000);
    const refusal = await assertRejects(async () => {
      for (let n = 0; n < 100; n++) await backend.enqueue("mail", data);
    }, QueueNotReadyError);
    assertEquals(refusal.reason, "QUEUE_DISK_LOW");
    const { ok, checks } = await backend.checkReady();
    assertEquals([ok, checks.at(-1)?.code], [false, "QUEUE_DISK_LOW"]);
    const [claim] = await backend.claim({
      queue: "mail",
      limit: 1,
      leaseMs: 60_000,
    });
    assert(claim !== undefined);
    const end = { kind: "complete", claim, result: undefined } as const;
    assertEquals((await backend.settle([end])).results, ["settled"]);
    await backend.stop();
    assertSound(path);
  },
});

Deno.test({
  name: "a disk that nobody may write keeps what is there and says so",
  ignore: !isMountable,
  async fn() {
    await using disk = await mountSmallDisk(32 * 1024);
    const path = `${disk.path}/jobs/_default.db`;
    const backend = realJobs(path, { minFreeBytes: 0 });
    await backend.start();
    const { id } = await backend.enqueue("mail", 1);
    await backend.stop();
    assert(await disk.remount("ro"));
    const error = await assertRejects(
      () => backend.start(),
      QueueNotReadyError,
    );
    assertEquals(error.reason, "QUEUE_STORE_READONLY");
    const { ok, checks } = await backend.checkReady();
    assertEquals([ok, checks.at(-1)?.code], [false, "QUEUE_STORE_READONLY"]);
    const other = realJobs(`${disk.path}/jobs/acme.db`, { tenant: "acme" });
    const missing = await other.checkReady();
    assertEquals(missing.checks.at(-1)?.code, "QUEUE_STORE_READONLY");
    assert(await disk.remount("rw"));
    await backend.start();
    assertEquals((await backend.get("mail", id))?.state, "ready");
    await backend.stop();
  },
});

Deno.test("the files of jobs are the person's alone", async () => {
  if (Deno.build.os === "windows") return;
  await using root = await makeRoot();
  const directory = `${root.path}/jobs`;
  const backend = realJobs(`${directory}/_default.db`);
  await backend.start();
  await backend.enqueue("mail", 1);
  const modes: Record<string, string> = {};
  for await (const { name } of Deno.readDir(directory)) {
    const { mode } = await Deno.stat(`${directory}/${name}`);
    modes[name] = ((mode ?? 0) & 0o777).toString(8);
  }
  const { mode } = await Deno.stat(directory);
  await backend.stop();
  assertEquals(modes, {
    "_default.db": "600",
    "_default.db-shm": "600",
    "_default.db-wal": "600",
  });
  assertEquals((mode ?? 0) & 0o777, 0o700);
});
