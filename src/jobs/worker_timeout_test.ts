import { assert, assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import { AttemptAborted } from "./attempt.ts";
import { startWorker } from "./worker.ts";

Deno.test("an attempt that takes too long ends at once, its slot later", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["slow"], { timeoutMs: 100 });
  backend.add(["next"]);
  const reasons: unknown[] = [];
  const worker = startWorker(host, backend, QUEUE, async ({ id, signal }) => {
    if (id === "next") return;
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    await clock.sleep(500);
  });
  await clock.advance(99);
  assertEquals([backend.settled.length, reasons.length], [0, 0]);
  await clock.advance(2);
  assertEquals(backend.kindsOf("slow"), ["retry"]);
  const [reason] = reasons;
  assert(reason instanceof AttemptAborted && reason.why === "timeout");
  assertEquals([worker.running, backend.ready], [1, ["next"]]);
  await clock.advance(400);
  assertEquals(backend.kindsOf("next"), ["complete"]);
  assertEquals([worker.counts.retried, worker.counts.completed], [1, 1]);
  assertEquals([worker.running, clock.open], [0, 0]);
  await worker.stop();
});

Deno.test("who looks at the signal after the abort sees it", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"], { timeoutMs: 10 });
  const seen: boolean[] = [];
  const worker = startWorker(host, backend, QUEUE, async (job) => {
    await host.clock.sleep(50);
    seen.push(job.signal.aborted);
  });
  await host.clock.advance(100);
  assertEquals(seen, [true]);
  await worker.stop();
});

Deno.test("a job that ends in time leaves no timer", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"], { timeoutMs: 1000 });
  const worker = startWorker(host, backend, QUEUE, () => {});
  await host.clock.advance(1);
  assertEquals(host.clock.open, 0);
  await worker.stop();
});
