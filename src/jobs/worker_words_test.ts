import { assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import type { Handler, ProcessOptions } from "./handler.ts";
import { startWorker } from "./worker.ts";

Deno.test("log() and onLine that throws", async () => {
  const { host, backend, lines } = workerWorld();
  backend.add(["a"]);
  const onLine: ProcessOptions["onLine"] = (line) => {
    lines.push(line);
    throw new Error("nobody reads");
  };
  const handler: Handler = (job) => job.log("hello");
  const worker = startWorker(host, backend, QUEUE, handler, { onLine });
  await host.clock.advance(1);
  assertEquals(lines, [
    { kind: "log", queue: "work", id: "a", text: "hello" },
  ]);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await worker.stop();
});

Deno.test("progress() keeps the newest word and never two at once", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  backend.before = ({ call }) =>
    call === "progress" ? clock.sleep(10) : undefined;
  const worker = startWorker(host, backend, QUEUE, async (job) => {
    job.progress(1);
    job.progress(2);
    await job.progress(3);
    assertEquals(backend.words, [1, 3]);
    await job.progress(4);
  });
  await clock.advance(100);
  assertEquals(backend.words, [1, 3, 4]);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await worker.stop();
});

Deno.test("progress() that is no JSON is said and does no harm", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  backend.add(["a"]);
  const handler: Handler = (job) => job.progress(NaN);
  const worker = startWorker(host, backend, QUEUE, handler, { onLine });
  await host.clock.advance(1);
  assertEquals(lines.map(({ text }) => text), [
    "The progress is not kept: progress is NaN, not JSON",
  ]);
  assertEquals([backend.words, backend.kindsOf("a")], [[], ["complete"]]);
  await worker.stop();
});

Deno.test("progress() after the end is not kept", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"], { timeoutMs: 10 });
  const worker = startWorker(host, backend, QUEUE, async (job) => {
    await host.clock.sleep(50);
    await job.progress(1);
  });
  await host.clock.advance(100);
  assertEquals(backend.count("progress"), 0);
  await worker.stop();
});
