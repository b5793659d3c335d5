import { assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import type { Handler } from "./handler.ts";
import { startWorker } from "./worker.ts";

Deno.test("one job at a time costs one call each", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a", "b", "c"]);
  const worker = startWorker(host, backend, QUEUE, () => Promise.resolve());
  await host.clock.advance(1);
  assertEquals(backend.calls, [
    { call: "claim", limit: 1 },
    { call: "settle", ids: ["a"], limit: 1 },
    { call: "settle", ids: ["b"], limit: 1 },
    { call: "settle", ids: ["c"], limit: 1 },
    { call: "wait" },
  ]);
  await worker.stop();
});

Deno.test("handlers that end together are settled together", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a", "b", "c", "d", "e"]);
  const gate = Promise.withResolvers<void>();
  const worker = startWorker(host, backend, QUEUE, async ({ id }) => {
    await gate.promise;
    // One of them takes a few steps more.
    for (let step = 0; id === "b" && step < 5; step++) await null;
  }, { concurrency: 3 });
  await host.clock.advance(1);
  assertEquals(worker.running, 3);
  gate.resolve();
  await host.clock.advance(1);
  assertEquals(backend.calls.slice(0, 3), [
    { call: "claim", limit: 3 },
    { call: "settle", ids: ["a", "c", "b"], limit: 3 },
    { call: "settle", ids: ["d", "e"], limit: 3 },
  ]);
  await worker.stop();
});

Deno.test("what ends during a call is settled by the next one", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b", "c"]);
  backend.before = ({ call }) =>
    call === "settle" ? clock.sleep(100) : undefined;
  const lasts: Record<string, number> = { a: 10, b: 20, c: 30 };
  const handler: Handler = ({ id }) => clock.sleep(lasts[id] ?? 0);
  const worker = startWorker(host, backend, QUEUE, handler, { concurrency: 3 });
  await clock.advance(500);
  assertEquals(backend.calls.filter(({ call }) => call === "settle"), [
    { call: "settle", ids: ["a"], limit: 1 },
    { call: "settle", ids: ["b", "c"], limit: 3 },
  ]);
  await worker.stop();
});

Deno.test("a worker of a shared backend runs jobs while others of it are settled", async () => {
  const { host, backend } = workerWorld();
  backend.capabilities = { ...backend.capabilities, shared: true };
  backend.add(Array.from({ length: 12 }, (_, at) => `job-${at}`));
  const answer = Promise.withResolvers<void>();
  let settling = 0;
  let most = 0;
  backend.before = async ({ call }) => {
    if (call !== "settle") return;
    most = Math.max(most, ++settling);
    await answer.promise;
    settling--;
  };
  let ran = 0;
  const worker = startWorker(host, backend, QUEUE, () => void ran++, {
    concurrency: 9,
  });
  await host.clock.advance(10);
  assertEquals([ran, most], [9, 2]);
  answer.resolve();
  await host.clock.advance(10);
  assertEquals([ran, worker.counts.completed, worker.running], [12, 12, 0]);
  assertEquals((await worker.stop()).returned, 0);
});
