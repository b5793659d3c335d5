import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import { KnownError } from "../errors.ts";
import { AttemptAborted } from "./attempt.ts";
import type { Handler, ProcessOptions, RunningJob } from "./handler.ts";
import { startWorker } from "./worker.ts";

const HANDLER: Handler = () => {};

Deno.test.each<
  { readonly options: ProcessOptions; readonly problem: string }
>([
  {
    options: { concurrency: 0 },
    problem: "concurrency is 0, not a whole number from 1 to 1000",
  },
  {
    options: { concurrency: 1.5 },
    problem: "concurrency is 1.5, not a whole number from 1 to 1000",
  },
  {
    options: { concurrency: 1001 },
    problem: "concurrency is 1001, not a whole number from 1 to 1000",
  },
  {
    options: { leaseMs: 99 },
    problem: "leaseMs is 99, not a whole number from 100 to 3600000",
  },
  {
    options: { leaseMs: Infinity },
    problem: "leaseMs is Infinity, not a whole number from 100 to 3600000",
  },
])("startWorker() finds that $problem", ({ options, problem }) => {
  const { host, backend } = workerWorld();
  const error = assertThrows(
    () => startWorker(host, backend, QUEUE, HANDLER, options),
    KnownError,
  );
  assertEquals(error.message, `Cannot work on work: ${problem}`);
  assertEquals(error.code, "usage");
});

Deno.test("startWorker() refuses a wrong queue and what is no handler", () => {
  const { host, backend } = workerWorld();
  assertThrows(() => startWorker(host, backend, "Work", HANDLER), KnownError);
  const none = undefined as unknown as Handler;
  assertThrows(() => startWorker(host, backend, QUEUE, none), TypeError);
});

Deno.test("a worker runs the jobs in the order they are claimed", async () => {
  const { host, backend } = workerWorld();
  const ids = ["a", "b", "c", "d"];
  backend.add(ids);
  const ran: string[] = [];
  const worker = startWorker(host, backend, QUEUE, (job) => {
    ran.push(job.id);
    return { was: job.id };
  });
  assertEquals(ran, []);
  await host.clock.advance(1);
  assertEquals(ran, ids);
  assertEquals(
    backend.settled.map((one) => [one.claim.id, one.kind]),
    ids.map((id) => [id, "complete"]),
  );
  const [first] = backend.settled;
  assert(first?.kind === "complete");
  assertEquals(first.result, '{"was":"a"}');
  assertEquals(worker.counts.completed, 4);
  await worker.stop();
});

Deno.test("a handler is given its job", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"], { attempts: 7 }, { attempts: 2, body: '{"to":[1]}' });
  let job: RunningJob | undefined;
  const worker = startWorker(host, backend, QUEUE, (given) => {
    // A handler's wrapper may copy a job to change its data.
    job = { ...given };
  });
  await host.clock.advance(1);
  assert(job !== undefined);
  const { id, queue, tenant, data, attempt, maxAttempts } = job;
  assertEquals([id, queue, tenant, attempt, maxAttempts], [
    "a",
    "work",
    "acme",
    3,
    7,
  ]);
  assertEquals(data, { to: [1] });
  assertEquals(job.idempotencyKey, ["acme", "work", "a"].join("/"));
  assert(!job.signal.aborted);
  await worker.stop();
});

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

Deno.test("an idle worker waits without a timer and without asking", async () => {
  const { host, backend } = workerWorld();
  const worker = startWorker(host, backend, QUEUE, HANDLER);
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
  const worker = startWorker(host, backend, QUEUE, HANDLER);
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
  const worker = startWorker(host, backend, QUEUE, HANDLER, { concurrency: 2 });
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
  const worker = startWorker(host, backend, QUEUE, HANDLER);
  await host.clock.advance(60_000);
  assert(waits.count > 100 && waits.count < 300, `${waits.count}`);
  backend.add(["a"]);
  await host.clock.advance(300);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await worker.stop();
});

Deno.test("never more handlers run than allowed, and each job once", async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 6 }),
    fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 25 }),
    fc.nat({ max: 5 }),
    fc.nat({ max: 3 }),
    async (concurrency, lasts, callMs, failEach) => {
      const { host, backend } = workerWorld();
      const { clock } = host;
      backend.add(lasts.map((_, at) => `j${at}`));
      let calls = 0;
      backend.before = async () => {
        if (callMs > 0) await clock.sleep(callMs);
        calls++;
        // What fails has done nothing yet in this backend.
        if (failEach > 0 && calls % (failEach + 1) === 0) throw new Error("no");
      };
      let [running, most] = [0, 0];
      const ran: string[] = [];
      const worker = startWorker(host, backend, QUEUE, async ({ id }) => {
        running++;
        most = Math.max(most, running);
        ran.push(id);
        const ms = lasts[Number(id.slice(1))] ?? 0;
        if (ms > 0) await clock.sleep(ms);
        running--;
      }, { concurrency });
      await clock.advance(60_000);
      assert(most <= concurrency);
      assertEquals(new Set(ran).size, lasts.length);
      assertEquals(ran.length, lasts.length);
      assertEquals(worker.counts.completed, lasts.length);
      await worker.stop();
      assertEquals([backend.held, clock.open], [[], 0]);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

Deno.test.each<
  { readonly of: string; readonly handler: Handler; readonly is: string }
>([
  {
    of: "throws",
    handler: () => {
      throw new Error("a");
    },
    is: "retry",
  },
  { of: "rejects", handler: () => Promise.reject("a"), is: "retry" },
  { of: "gives up", handler: (job) => job.giveUp("a"), is: "dead" },
  {
    of: "gives up later, and wraps it",
    handler: async (job) => {
      await null;
      try {
        job.giveUp("a");
      } catch (cause) {
        throw new Error("wrapped", { cause });
      }
    },
    is: "dead",
  },
  { of: "gives a value", handler: () => 1, is: "complete" },
  {
    of: "gives another kind of promise",
    handler: () => ({ then: (done: (value: number) => void) => done(1) }),
    is: "complete",
  },
  {
    of: "gives what breaks when it is looked at",
    handler: () => ({
      get then() {
        throw new Error("a");
      },
    }),
    is: "retry",
  },
])("a job whose handler $of ends as $is", async ({ handler, is }) => {
  const { host, backend } = workerWorld();
  backend.add(["a", "b"]);
  const worker = startWorker(host, backend, QUEUE, handler);
  await host.clock.advance(1);
  assertEquals(backend.kindsOf("a"), [is]);
  assertEquals(backend.kindsOf("b"), [is]);
  const word = is === "complete"
    ? "completed"
    : is === "retry"
    ? "retried"
    : is;
  assertEquals(Object.entries(worker.counts).filter(([, count]) => count > 0), [
    [word, 2],
  ]);
  await worker.stop();
});

Deno.test("a retry waits from the end of the attempt", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"], {
    backoff: { type: "fixed", baseMs: 1000, capMs: 1000, jitter: "full" },
  });
  const began = host.clock.now();
  const worker = startWorker(host, backend, QUEUE, async () => {
    await host.clock.sleep(50);
    throw new Error("a");
  });
  await host.clock.advance(100);
  const [settlement] = backend.settled;
  assert(settlement?.kind === "retry");
  assertEquals(settlement.runAt, began + 50 + 500);
  await worker.stop();
});

Deno.test("a job whose time has passed is dead and does not run", async () => {
  const { host, backend } = workerWorld();
  const now = host.clock.now();
  backend.add(["late"], { expiresAt: now });
  backend.add(["soon"], { expiresAt: now + 1 });
  const ran: string[] = [];
  const worker = startWorker(
    host,
    backend,
    QUEUE,
    ({ id }) => void ran.push(id),
  );
  await host.clock.advance(1);
  assertEquals(ran, ["soon"]);
  const [late] = backend.settled;
  assert(late?.kind === "dead");
  assertEquals(late.reason, "expired");
  await worker.stop();
});

Deno.test("a job whose payload is damaged is dead and does not run", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"], { timeoutMs: 50 }, { body: '{"to":' });
  const worker = startWorker(host, backend, QUEUE, () => {
    throw new Error("not reached");
  });
  await host.clock.advance(1);
  const [settlement] = backend.settled;
  assert(settlement?.kind === "dead");
  assertEquals(settlement.reason, "given_up");
  assertEquals(settlement.error.name, "BadPayload");
  await worker.stop();
});

Deno.test("a result that is no JSON is left out, and said", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => NaN, { onLine });
  await host.clock.advance(1);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  assertEquals(lines, [{
    kind: "trouble",
    queue: "work",
    id: "a",
    text: "The result is not kept: result is NaN, not JSON",
  }]);
  await worker.stop();
});

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
  const worker = startWorker(host, backend, QUEUE, HANDLER);
  await host.clock.advance(1);
  assertEquals(host.clock.open, 0);
  await worker.stop();
});

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

Deno.test("giveUp() throws what nobody else throws", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, async (job) => {
    await assertRejects(
      async () => await job.giveUp("enough"),
      Error,
      "enough",
    );
  });
  await host.clock.advance(1);
  // Whoever catches it has not given up.
  assertEquals(backend.kindsOf("a"), ["complete"]);
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
