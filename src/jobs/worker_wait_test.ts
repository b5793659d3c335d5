import { assert, assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import type { Handler } from "./handler.ts";
import { startWorker } from "./worker.ts";

Deno.test("an idle worker waits without a timer and without asking", async () => {
  const { host, backend } = workerWorld();
  const worker = startWorker(host, backend, QUEUE, () => {});
  await host.clock.advance(1);
  const { length } = backend.calls;
  await host.clock.advance(3_600_000);
  assertEquals([backend.calls.length, host.clock.open], [length, 0]);
  backend.add(["a"]);
  await host.clock.advance(1);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  assertEquals(host.clock.open, 0);
  await worker.stop();
});

Deno.test("a worker waits once for work, whatever ends meanwhile", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a", "b"]);
  const lasts: Record<string, number> = { a: 10, b: 20 };
  const handler: Handler = ({ id }) => host.clock.sleep(lasts[id] ?? 0);
  const worker = startWorker(host, backend, QUEUE, handler, { concurrency: 3 });
  await host.clock.advance(50);
  assertEquals([worker.counts.completed, backend.count("wait")], [2, 1]);
  await worker.stop();
});

Deno.test("jobs that come one by one are not taken for vain waits", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  const worker = startWorker(host, backend, QUEUE, () => {});
  for (let at = 1; at <= 20; at++) {
    backend.add([`j${at}`]);
    await clock.pause(0);
    assertEquals([worker.counts.completed, clock.elapsed()], [at, 0]);
  }
  await worker.stop();
});

Deno.test("work that comes while a claim finds none is not forgotten", async () => {
  const { host, backend } = workerWorld();
  let isFirst = true;
  const worker = startWorker(host, backend, QUEUE, () => {}, {
    concurrency: 2,
  });
  backend.before = async ({ call }) => {
    if (call !== "wait" || !isFirst) return;
    isFirst = false;
    backend.add(["a"]);
    await host.clock.sleep(5);
  };
  await host.clock.advance(10);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await worker.stop();
});

Deno.test("a backend that says again and again that there is work is not asked without pause", async () => {
  const { host, backend } = workerWorld();
  const waits = { count: 0 };
  backend.waitForWork = () => {
    waits.count++;
    return Promise.resolve();
  };
  const worker = startWorker(host, backend, QUEUE, () => {});
  await host.clock.advance(60_000);
  assert(waits.count > 100 && waits.count < 300, `${waits.count}`);
  backend.add(["a"]);
  await host.clock.advance(300);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await worker.stop();
});
