// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Runs the same jobs through our Redis backend and through bare BullMQ, turn
 * and turn about on one server, and prints jobs a second as JSON.
 *
 * Arguments: none that count.
 */

import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { startRedis } from "#support/redis_server.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";
import { median } from "./figure.ts";

const SINGLE = 2000;
const BULK = 10_000;
const BULK_STEP = 1000;
const WORK = 10_000;
const CONCURRENCY = 50;
const ROUNDS = 5;
const DATA = { to: "ada@example.test", text: "x".repeat(120) };

interface Side {
  readonly one: (count: number) => Promise<void>;
  readonly many: (count: number) => Promise<void>;
  readonly work: (count: number) => Promise<void>;
}

function oursSide(backend: QueueBackend): Side {
  return {
    async one(count) {
      for (let done = 0; done < count; done++) {
        await backend.enqueue("single", DATA);
      }
    },
    async many(count) {
      const drafts = Array.from({ length: BULK_STEP }, () => ({ data: DATA }));
      for (let done = 0; done < count; done += BULK_STEP) {
        await backend.enqueueMany("bulk", drafts);
      }
    },
    async work(count) {
      const done = Promise.withResolvers<void>();
      let left = count;
      const worker = backend.process("bulk", () => {
        if (--left === 0) done.resolve();
      }, { concurrency: CONCURRENCY });
      await done.promise;
      await worker.stop();
    },
  };
}

/** As their guide has it, with the same retention as ours. */
function bareSide(port: number, single: Queue, bulk: Queue): Side {
  return {
    async one(count) {
      for (let done = 0; done < count; done++) await single.add("job", DATA);
    },
    async many(count) {
      const jobs = Array.from(
        { length: BULK_STEP },
        () => ({ name: "job", data: DATA }),
      );
      for (let done = 0; done < count; done += BULK_STEP) {
        await bulk.addBulk(jobs);
      }
    },
    async work(count) {
      const done = Promise.withResolvers<void>();
      let left = count;
      const connection = connect(port, null);
      const worker = new Worker("bulk", () => {
        if (--left === 0) done.resolve();
        return Promise.resolve();
      }, {
        connection,
        prefix: "bare",
        concurrency: CONCURRENCY,
        removeOnComplete: { count: 1000, age: 86_400 },
      });
      await done.promise;
      await worker.close();
      connection.disconnect();
    },
  };
}

function connect(port: number, retries: number | null): Redis {
  return new Redis({ host: "127.0.0.1", port, maxRetriesPerRequest: retries });
}

async function rate(count: number, act: (count: number) => Promise<void>) {
  const start = performance.now();
  await act(count);
  return count / (performance.now() - start) * 1000;
}

async function compare(
  ours: Side,
  bare: Side,
  kind: keyof Side,
  count: number,
) {
  const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
  for (let round = 0; round < ROUNDS; round++) {
    if (kind === "work") {
      await ours.many(count);
      await bare.many(count);
    }
    // Whoever comes second meets a warmer server.
    const order = round % 2 === 0 ? ["ours", "bare"] : ["bare", "ours"];
    for (const side of order) {
      if (side === "ours") rates.ours.push(await rate(count, ours[kind]));
      else rates.bare.push(await rate(count, bare[kind]));
    }
  }
  return { ours: median(rates.ours), bare: median(rates.bare) };
}

await using server = await startRedis();
const backend = createRedisBackend(denoHost, {
  url: `redis://127.0.0.1:${server.port}`,
  tenant: "bench",
  limits: { maxJobs: 1_000_000, maxBytes: 2 ** 30 },
});
await backend.start();
const connection = connect(server.port, 1);
const single = new Queue("single", { connection, prefix: "bare" });
const bulk = new Queue("bulk", { connection, prefix: "bare" });
const ours = oursSide(backend);
const bare = bareSide(server.port, single, bulk);
const took = {
  single: await compare(ours, bare, "one", SINGLE),
  // What is added here is worked off first, by neither side's clock.
  bulk: await compare(ours, bare, "many", BULK),
};
await ours.work(BULK * ROUNDS);
await bare.work(BULK * ROUNDS);
const worked = await compare(ours, bare, "work", WORK);
await backend.stop();
await single.close();
await bulk.close();
connection.disconnect();
console.log(JSON.stringify({ ...took, worked }));
