// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Runs jobs on SQLite in a process of its own and prints what that took, as
 * JSON: jobs a second, milliseconds for starting and stopping, CPU ticks of an
 * idle worker.
 *
 * Arguments: a directory for the queues.
 */

import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import { startRuntime, stopRuntime } from "../../src/jobs/runtime.ts";
import { createSqliteBackend } from "../../src/jobs/sqlite_backend.ts";
import { median } from "./figure.ts";

const [directory = ""] = Deno.args;
const SINGLE = 4000;
const BULK = 50_000;
const BULK_STEP = 1000;
const WORK = 20_000;
const STARTS = 15;
const IDLE_MS = 10_000;
const { clock, random, env } = denoHost;
const host = {
  clock,
  random,
  env,
  blocking: denoBlockingFiles,
  databases: denoDatabases,
};
const DATA = { to: "ada@example.test", text: "x".repeat(120) };

function backendAt(name: string): QueueBackend {
  return createSqliteBackend(host, {
    path: `${directory}/${name}.db`,
    tenant: "bench",
    limits: { maxJobs: 1_000_000, maxBytes: 2 ** 30 },
  });
}

function ticks(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function rate(count: number, act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return count / (performance.now() - start) * 1000;
}

async function addOneByOne(backend: QueueBackend): Promise<void> {
  for (let count = 0; count < SINGLE; count++) {
    await backend.enqueue("single", DATA);
  }
}

async function addInBulk(backend: QueueBackend, total: number): Promise<void> {
  const drafts = Array.from({ length: BULK_STEP }, () => ({ data: DATA }));
  for (let count = 0; count < total; count += BULK_STEP) {
    await backend.enqueueMany("bulk", drafts);
  }
}

async function work(backend: QueueBackend): Promise<void> {
  const done = Promise.withResolvers<void>();
  let left = WORK;
  const worker = backend.process("bulk", () => {
    if (--left === 0) done.resolve();
  }, { concurrency: 50 });
  await done.promise;
  await worker.stop();
}

async function startAndStop(): Promise<number> {
  const took: number[] = [];
  for (let count = 0; count < STARTS; count++) {
    const backend = backendAt("started");
    const start = performance.now();
    await startRuntime(host, { backend });
    await stopRuntime({ backend });
    took.push(performance.now() - start);
  }
  return median(took);
}

async function idle(backend: QueueBackend): Promise<number> {
  const worker = backend.process("nothing", () => {});
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const used = ticks() - before;
  await worker.stop();
  return used;
}

const backend = backendAt("jobs");
await backend.start();
const single = await rate(SINGLE, () => addOneByOne(backend));
const bulk = await rate(BULK, () => addInBulk(backend, BULK));
const worked = await rate(WORK, () => work(backend));
const ticksUsed = await idle(backend);
await backend.stop();
const startStopMs = await startAndStop();
console.log(
  JSON.stringify({ single, bulk, worked, startStopMs, idleTicks: ticksUsed }),
);
