/** Tenants that share the slots of one process, on real files. */

import { assert, assertEquals } from "@std/assert";
import { makeSandbox } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { JobDraft } from "../../src/jobs/job.ts";
import { createSqliteBackend } from "../../src/jobs/sqlite_backend.ts";
import { TenantRuntimes } from "../../src/jobs/tenants.ts";

const QUEUE = "work";
const FLOOD_JOBS = 5000;
const LATE_JOBS = 100;
const JOB_MS = 2;
/** Jobs that are claimed when the late ones come, and turns at both ends. */
const MARGIN = 0.05;

// The C library stays open for the life of a process: opened here, it is no
// resource that the first test appears to leak.
denoHost.blocking.freeBytes(Deno.cwd());

async function makeTenants(directory: string, slots: number) {
  const databases = await denoHost.databases();
  const pathOf = (tenant: string) => `${directory}/${tenant}.db`;
  const tenants = new TenantRuntimes(denoHost, {
    slots,
    open: (tenant) =>
      Promise.resolve(createSqliteBackend({ ...denoHost, databases }, {
        path: pathOf(tenant),
        tenant,
        durability: "relaxed",
      })),
  });
  return {
    tenants,
    pathOf,
    [Symbol.asyncDispose]: async () =>
      void await tenants.stopAll({ mode: "abort" }),
  };
}

function drafts(count: number, options: JobDraft["options"] = {}): JobDraft[] {
  return Array.from({ length: count }, (_, data) => ({ data, options }));
}

for (const slots of [1, 4]) {
  Deno.test(`a tenant among one that floods and one that always fails gets its share of ${slots} slots`, async () => {
    await using sandbox = await makeSandbox();
    await using place = await makeTenants(sandbox.directory, slots);
    const { tenants } = place;
    // Who has ended a job, in the order of ending.
    const ends: string[] = [];
    const work = (tenant: string) =>
      tenants.process(tenant, QUEUE, async () => {
        await denoHost.clock.sleep(JOB_MS);
        ends.push(tenant);
        if (tenant === "broken") throw new Error("always");
      }, { concurrency: 4 });
    const add = (tenant: string, jobs: readonly JobDraft[]) =>
      tenants.use(tenant, (backend) => backend.enqueueMany(QUEUE, jobs));
    const soon = { type: "fixed", baseMs: 1, jitter: "none" } as const;
    await add("flood", drafts(FLOOD_JOBS));
    await add("broken", drafts(FLOOD_JOBS, { attempts: 3, backoff: soon }));
    await work("flood");
    await work("broken");
    const late = await work("late");
    await waitUntil("the others are at work", () => ends.length > 50);

    await add("late", drafts(LATE_JOBS));
    await waitUntil(
      "the late jobs are done",
      () => late.counts.completed === LATE_JOBS,
      60_000,
    );
    const between = ends.slice(ends.indexOf("late"), ends.lastIndexOf("late"));
    const share = between.filter((one) => one === "late").length /
      between.length;
    assert(share >= 1 / 3 - MARGIN, `${share} of ${between.length}`);
    // The others were not kept from working for it.
    for (const tenant of ["flood", "broken"]) {
      const count = between.filter((one) => one === tenant).length;
      assert(
        count / between.length >= 1 / 3 - 3 * MARGIN,
        `${tenant} ${count}`,
      );
    }
  });
}

Deno.test("each tenant has a file of its own, and stopping one leaves the other at work", async () => {
  await using sandbox = await makeSandbox();
  await using place = await makeTenants(sandbox.directory, 2);
  const { tenants, pathOf } = place;
  const done: string[] = [];
  for (const tenant of ["acme", "umbrella"]) {
    const handler = () => void done.push(tenant);
    await tenants.process(tenant, QUEUE, handler);
  }
  const { size } = await Deno.stat(pathOf("acme"));
  assert(size > 0);
  await tenants.stop("acme");
  await tenants.use("umbrella", (one) => one.enqueue(QUEUE, 1));
  await waitUntil("the job is done", () => done.length > 0);
  assertEquals([done, tenants.open], [["umbrella"], ["umbrella"]]);
  await tenants.use("acme", async (backend) => {
    assertEquals(await backend.stats(), []);
  });
});
