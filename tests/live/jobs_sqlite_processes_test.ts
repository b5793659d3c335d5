/** Several processes on one file of jobs. */

import { assert, assertEquals } from "@std/assert";
import { assertSound, realJobs } from "#support/real_jobs.ts";
import { makeRoot, startQueueProgram } from "#support/real_queue.ts";

Deno.test("eight processes run each of their jobs once", async () => {
  await using root = await makeRoot();
  const path = `${root.path}/jobs/_default.db`;
  const [processes, count] = [8, 100];
  const total = processes * count;
  const outputs = await Promise.all(
    Array.from({ length: processes }, async () => {
      const child = startQueueProgram("shares_jobs", { path, count, total });
      const { success, stdout } = await child.output();
      assert(success);
      return new TextDecoder().decode(stdout);
    }),
  );
  const runs = outputs.flatMap((text) =>
    text.split("\n").filter((line) => line.startsWith("run "))
  );
  assertEquals(runs.length, total);
  assertEquals(new Set(runs).size, total, "a job has run twice");
  assertSound(path);
});

Deno.test("a worker hears of a job that another process has added", async () => {
  await using root = await makeRoot();
  const path = `${root.path}/jobs/_default.db`;
  const backend = realJobs(path);
  await backend.start();
  const child = startQueueProgram("works_on_jobs_until_killed", {
    path,
    completions: 0,
  });
  try {
    const signal = AbortSignal.timeout(20_000);
    await backend.waitForWork("mail", signal);
    assert(!signal.aborted, "nobody said that there is work");
  } finally {
    child.kill("SIGKILL");
    await child.stdout.cancel();
    await child.status;
    await backend.stop();
  }
});
