import { assert, assertEquals, assertRejects } from "@std/assert";
import { type RedisServer, startRedis } from "#support/redis_server.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import { QueueNotReadyError } from "../../src/jobs/readiness.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";

const QUEUE = "work";

function backendOn(server: RedisServer): QueueBackend {
  return createRedisBackend(denoHost, { url: server.url, tenant: "acme" });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something is so; not for longer than half a minute. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    if (await isSo()) return;
    await pause(20);
  }
  throw new Error("It did not become so for half a minute");
}

Deno.test("no job is lost when Redis starts again in between", async () => {
  await using server = await startRedis({ appendonly: true });
  const producer = backendOn(server);
  const consumer = backendOn(server);
  await producer.start();
  await consumer.start();
  const added = new Set<string>();
  const done = new Set<string>();
  consumer.process(QUEUE, async ({ id }) => {
    await pause(5);
    done.add(id);
  }, { concurrency: 10, leaseMs: 1_000 });
  let failures = 0;
  let isOver = false;
  const adding = (async () => {
    while (!isOver) {
      try {
        added.add((await producer.enqueue(QUEUE, "x")).id);
      } catch (error) {
        assert(error instanceof QueueNotReadyError, String(error));
        failures++;
        await pause(10);
      }
    }
  })();
  for (let round = 0; round < 2; round++) {
    const before = added.size;
    await until(() => added.size > before + 50);
    await server.stop();
    await pause(300);
    await server.restart();
  }
  const before = added.size;
  await until(() => added.size > before + 50);
  isOver = true;
  await adding;
  assert(failures > 0);
  await until(() => [...added].every((id) => done.has(id)));
  await producer.stop();
  await consumer.stop();
});

Deno.test("enqueue() fails at once while Redis is gone", async () => {
  await using server = await startRedis();
  const backend = backendOn(server);
  await backend.start();
  await server.stop();
  const error = await assertRejects(
    () => backend.enqueue(QUEUE, 1),
    QueueNotReadyError,
  );
  assertEquals(error.reason, "QUEUE_REDIS_UNREACHABLE");
  assert(error.message.startsWith("Cannot add jobs: Redis at redis://"));
  await assertRejects(
    () => backend.claim({ queue: QUEUE, limit: 1, leaseMs: 1_000 }),
    QueueNotReadyError,
  );
  await backend.stop();
});

Deno.test("work goes on after Redis stood still", async () => {
  await using server = await startRedis({ appendonly: true });
  const backend = backendOn(server);
  await backend.start();
  const done: number[] = [];
  backend.process(QUEUE, ({ data }) => void done.push(Number(data)), {
    concurrency: 2,
    leaseMs: 10_000,
  });
  await backend.enqueue(QUEUE, 1);
  await until(() => done.length === 1);
  server.freeze();
  const late = backend.enqueue(QUEUE, 2);
  await pause(3_000);
  server.thaw();
  assertEquals((await late).status, "enqueued");
  await until(() => done.length === 2);
  assertEquals(done, [1, 2]);
  await backend.stop();
});

Deno.test("stop() does not wait for a Redis that stands still", async () => {
  await using server = await startRedis();
  const backend = backendOn(server);
  await backend.start();
  await backend.enqueue(QUEUE, 1);
  const waiting = backend.waitForWork("idle", new AbortController().signal);
  await pause(50);
  server.freeze();
  const enqueuing = assertRejects(
    () => backend.enqueue(QUEUE, 2),
    QueueNotReadyError,
  );
  await backend.stop();
  await enqueuing;
  await waiting;
  server.thaw();
});

Deno.test("a full Redis takes no jobs and gives those it has", async () => {
  await using server = await startRedis({ maxmemory: "3mb" });
  const backend = backendOn(server);
  await backend.start();
  const data = "x".repeat(10_000);
  const added: string[] = [];
  const error = await assertRejects(async () => {
    for (;;) added.push((await backend.enqueue(QUEUE, data)).id);
  }, QueueNotReadyError);
  assertEquals(error.reason, "QUEUE_REDIS_FULL");
  assert(added.length > 10);
  const bulk = await assertRejects(
    () => backend.enqueueMany(QUEUE, [{ data }, { data }]),
    QueueNotReadyError,
  );
  assertEquals(bulk.reason, "QUEUE_REDIS_FULL");
  const { ok, checks } = await backend.checkReady();
  assertEquals([ok, checks.at(-1)?.code], [false, "QUEUE_REDIS_FULL"]);
  const done: string[] = [];
  backend.process(QUEUE, ({ id }) => void done.push(id), { concurrency: 3 });
  await until(() => done.length === added.length);
  assertEquals(done.toSorted(), added.toSorted());
  await backend.stop();
});

Deno.test("a key without an end whose job is gone keeps nobody away", async () => {
  await using server = await startRedis();
  const backend = backendOn(server);
  await backend.start();
  const dedupe = { key: "k" };
  const lost = await backend.enqueue(QUEUE, 1, { dedupe });
  const keys = (await server.ask("KEYS", `*:${lost.id}`)).trim();
  await server.ask("DEL", keys);
  const next = await backend.enqueue(QUEUE, 2, { dedupe });
  assertEquals(next.status, "enqueued");
  const third = await backend.enqueue(QUEUE, 3, { dedupe });
  assertEquals(third, { id: next.id, status: "duplicate" });
  await backend.stop();
});
