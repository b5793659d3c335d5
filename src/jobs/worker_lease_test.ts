import { assert, assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import { AttemptAborted } from "./attempt.ts";
import type { Handler } from "./handler.ts";
import { startWorker } from "./worker.ts";

const LEASE_MS = 3000;
const BEAT_MS = 1000;

Deno.test("claims are kept by one call for all, three in a lease", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b"]);
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(2500), {
    concurrency: 2,
    leaseMs: LEASE_MS,
  });
  await clock.advance(999);
  assertEquals(backend.count("heartbeat"), 0);
  await clock.advance(1501);
  assertEquals(backend.calls.filter(({ call }) => call === "heartbeat"), [
    { call: "heartbeat", ids: ["a", "b"] },
    { call: "heartbeat", ids: ["a", "b"] },
  ]);
  await clock.advance(10);
  assertEquals([worker.counts.completed, clock.open], [2, 0]);
  await worker.stop();
});

Deno.test("a lost job is told to its handler and settled by nobody", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b"], { timeoutMs: 60_000 });
  const reasons: unknown[] = [];
  const worker = startWorker(host, backend, QUEUE, async ({ signal }) => {
    await clock.sleep(2 * BEAT_MS, signal);
    if (signal.aborted) reasons.push(signal.reason);
    return 1;
  }, { concurrency: 2, leaseMs: LEASE_MS, onLine });
  await clock.advance(1);
  backend.lost.add("t1");
  await clock.advance(BEAT_MS);
  const [reason] = reasons;
  assert(reason instanceof AttemptAborted && reason.why === "lost");
  assertEquals([reasons.length, worker.counts.lost], [1, 1]);
  await clock.advance(2 * BEAT_MS);
  assertEquals(backend.settled.map(({ claim }) => claim.id), ["b"]);
  assertEquals(backend.calls.filter(({ call }) => call === "settle"), [
    { call: "settle", ids: ["b"], limit: 2 },
  ]);
  assertEquals(lines, [{
    kind: "trouble",
    queue: "work",
    id: "a",
    text: "The job is lost: its lease has run out, and it runs again",
  }]);
  assertEquals([worker.counts.completed, clock.open], [1, 0]);
  await worker.stop();
});

Deno.test("a lost job keeps its slot until its handler returns", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b"]);
  const worker = startWorker(host, backend, QUEUE, async ({ id }) => {
    if (id === "a") await clock.sleep(5000);
  }, { leaseMs: LEASE_MS });
  await clock.advance(1);
  backend.lost.add("t1");
  await clock.advance(4000);
  assertEquals([worker.running, backend.ready], [1, ["b"]]);
  await clock.advance(1000);
  assertEquals(backend.kindsOf("b"), ["complete"]);
  await worker.stop();
});

Deno.test("a job can be found lost by its progress, and by its end", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["word", "end"]);
  const aborted: string[] = [];
  const worker = startWorker(host, backend, QUEUE, async (job) => {
    job.signal.addEventListener("abort", () => aborted.push(job.id));
    await clock.sleep(10);
    if (job.id === "word") await job.progress(1);
  }, { concurrency: 2 });
  await clock.advance(1);
  backend.lost.add("t1").add("t2");
  await clock.advance(100);
  assertEquals(aborted, ["word"]);
  assertEquals([worker.counts.lost, worker.counts.completed], [2, 0]);
  assertEquals([backend.settled.length, clock.open], [0, 0]);
  await worker.stop();
});

Deno.test("a job that is just being settled is not lost by a heartbeat", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(900), {
    leaseMs: LEASE_MS,
    onLine,
  });
  const { settle } = backend;
  backend.settle = async (...given) => {
    const settled = await settle.apply(backend, given);
    // It is settled there, and the answer takes its time.
    await clock.sleep(500);
    return settled;
  };
  await clock.advance(5000);
  assertEquals(backend.count("heartbeat"), 1);
  assertEquals([worker.counts.completed, worker.counts.lost], [1, 0]);
  assertEquals([lines.length, clock.open], [0, 0]);
  await worker.stop();
});

Deno.test("a slow heartbeat is alone and takes no ended job for lost", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b", "c"]);
  const lasts: Record<string, number> = { a: 1200, b: 1400, c: 1600 };
  const handler: Handler = ({ id }) => clock.sleep(lasts[id] ?? 0);
  let [now, most] = [0, 0];
  backend.before = async ({ call }) => {
    if (call !== "heartbeat") return;
    most = Math.max(most, ++now);
    await clock.sleep(2500);
    now--;
  };
  const worker = startWorker(host, backend, QUEUE, handler, {
    concurrency: 2,
    leaseMs: LEASE_MS,
  });
  await clock.advance(5000);
  assertEquals([worker.counts.completed, worker.counts.lost], [3, 0]);
  assertEquals([most, backend.count("heartbeat"), clock.open], [1, 1, 0]);
  await worker.stop();
});

Deno.test("a word of progress that comes too late loses nothing", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"]);
  backend.before = ({ call }) =>
    call === "progress" ? host.clock.sleep(50) : undefined;
  const worker = startWorker(host, backend, QUEUE, (job) => {
    job.progress(1);
  });
  await host.clock.advance(10);
  backend.lost.add("t1");
  await host.clock.advance(100);
  assertEquals([worker.counts.completed, worker.counts.lost], [1, 0]);
  await worker.stop();
});

Deno.test("an end whose lease is lost while the backend is away is dropped", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => {}, {
    leaseMs: LEASE_MS,
    onLine,
  });
  backend.before = ({ call }) => {
    if (call === "settle") throw new Error("disk full");
  };
  await clock.advance(10);
  backend.lost.add("t1");
  await clock.advance(BEAT_MS);
  assertEquals(worker.counts.lost, 1);
  backend.before = () => {};
  await clock.advance(10_000);
  assertEquals([worker.counts.lost, backend.settled.length], [1, 0]);
  assertEquals(lines.map(({ kind, id }) => [kind, id]), [
    ["trouble", undefined],
    ["trouble", "a"],
  ]);
  await worker.stop();
});

Deno.test("a heartbeat that fails is tried again in time", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(2900), {
    leaseMs: LEASE_MS,
    onLine,
  });
  const at: number[] = [];
  backend.before = ({ call }) => {
    if (call !== "heartbeat") return;
    at.push(clock.elapsed());
    if (at.length <= 3) throw new Error("away");
  };
  await clock.advance(4000);
  assertEquals(at, [1000, 1250, 1500, 1750, 2750]);
  assertEquals(lines.map(({ text }) => text), [
    "Cannot reach the queue (heartbeat): away; it is tried again until it works.",
  ]);
  assertEquals(worker.counts.completed, 1);
  await worker.stop();
});
