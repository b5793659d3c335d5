import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import { AttemptAborted } from "./attempt.ts";
import type { Handler } from "./handler.ts";
import { startWorker } from "./worker.ts";

const NOTHING = { finished: 0, returned: 0, ms: 0 };

Deno.test("an idle worker stops at once", async () => {
  const { host, backend } = workerWorld();
  const worker = startWorker(host, backend, QUEUE, () => {});
  await host.clock.advance(5);
  assertEquals(await worker.stop(), NOTHING);
  backend.add(["a"]);
  await host.clock.advance(60_000);
  assertEquals([backend.ready, host.clock.open], [["a"], 0]);
});

Deno.test("a worker that is stopped as it starts claims nothing", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => {});
  assertEquals(await worker.stop(), NOTHING);
  assertEquals(backend.calls, []);
});

Deno.test("draining waits for what runs and claims no more", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b", "c"]);
  const lasts: Record<string, number> = { a: 100, b: 300 };
  const signals: AbortSignal[] = [];
  const worker = startWorker(host, backend, QUEUE, ({ id, signal }) => {
    signals.push(signal);
    return clock.sleep(lasts[id] ?? 0);
  }, { concurrency: 2 });
  await clock.advance(50);
  assertEquals(await worker.stop(), { finished: 2, returned: 0, ms: 250 });
  assertEquals(backend.settled.map(({ claim }) => claim.id), ["a", "b"]);
  assertEquals([backend.ready, clock.open], [["c"], 0]);
  assert(signals.every(({ aborted }) => !aborted));
});

Deno.test("after the deadline handlers are told, and a good end counts", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["good", "obeys", "deaf", "gives-up", "late"]);
  const why: unknown[] = [];
  const handler: Handler = async ({ id, signal, giveUp }) => {
    if (id === "deaf") return await clock.sleep(60_000);
    await clock.sleep(60_000, signal);
    why.push(signal.reason instanceof AttemptAborted && signal.reason.why);
    if (id === "late") await clock.sleep(1500);
    if (id === "obeys") signal.throwIfAborted();
    if (id === "gives-up") giveUp("enough");
  };
  const worker = startWorker(host, backend, QUEUE, handler, { concurrency: 5 });
  await clock.advance(1);
  const report = await worker.stop({ deadlineMs: 2000 });
  assertEquals(report, { finished: 2, returned: 3, ms: 3000 });
  assertEquals(why, ["stopping", "stopping", "stopping", "stopping"]);
  assertEquals(
    Object.fromEntries(
      backend.settled.map(({ claim, kind }) => [claim.id, kind]),
    ),
    {
      good: "complete",
      obeys: "return",
      deaf: "return",
      "gives-up": "dead",
      late: "return",
    },
  );
  assertEquals(worker.running, 2);
  // What a deaf handler gives in the end is nobody's.
  await clock.advance(60_000);
  assertEquals([backend.settled.length, worker.running], [5, 0]);
  assertEquals(clock.open, 0);
});

Deno.test("abort tells handlers at once", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "deaf"]);
  const worker = startWorker(host, backend, QUEUE, async ({ id, signal }) => {
    await clock.sleep(60_000, id === "a" ? signal : undefined);
    signal.throwIfAborted();
  }, { concurrency: 2 });
  await clock.advance(1);
  const report = await worker.stop({ mode: "abort" });
  assertEquals(report, { finished: 0, returned: 2, ms: 1000 });
  assertEquals(worker.counts.returned, 2);
});

Deno.test("a handler gets no longer than the deadline to obey", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"]);
  const sleep = () => host.clock.sleep(60_000);
  const worker = startWorker(host, backend, QUEUE, sleep);
  await host.clock.advance(1);
  const report = await worker.stop({ mode: "abort", deadlineMs: 300 });
  assertEquals(report, { finished: 0, returned: 1, ms: 300 });
});

Deno.test("stopping does not wait to try a backend that is back", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => {});
  backend.before = ({ call }) => {
    if (call === "settle") throw new Error("away");
  };
  await host.clock.advance(7000);
  backend.before = () => {};
  assertEquals(await worker.stop(), { finished: 1, returned: 0, ms: 0 });
});

Deno.test("a deadline of nothing returns everything that has not ended", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b"]);
  const gate = Promise.withResolvers<void>();
  const worker = startWorker(host, backend, QUEUE, async ({ id }) => {
    await (id === "a" ? gate.promise : clock.sleep(60_000));
  }, { concurrency: 2 });
  await clock.advance(1);
  gate.resolve();
  const report = await worker.stop({ deadlineMs: 0 });
  assertEquals([report.finished, report.returned], [1, 1]);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  assertEquals(backend.kindsOf("b"), ["return"]);
});

Deno.test("stopping twice is one stop, and abort makes it quicker", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, async ({ signal }) => {
    await clock.sleep(60_000, signal);
    signal.throwIfAborted();
  });
  await clock.advance(1);
  const first = worker.stop({ deadlineMs: 30_000 });
  await clock.advance(500);
  const second = worker.stop({ mode: "abort" });
  assert(first === second);
  assertEquals(await second, { finished: 0, returned: 1, ms: 500 });
  assert(await worker.stop() === await first);
});

Deno.test("what is claimed while a worker stops goes back unbegun", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b"]);
  backend.before = ({ call }) => call === "claim" ? clock.sleep(50) : undefined;
  const worker = startWorker(host, backend, QUEUE, () => {
    throw new Error("not reached");
  }, { concurrency: 2 });
  await clock.advance(10);
  assertEquals(await worker.stop(), { finished: 0, returned: 2, ms: 40 });
  assertEquals(backend.settled.map(({ kind }) => kind), ["return", "return"]);
});

Deno.test("a handler that stops its worker ends like the others", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a", "b"]);
  const ran: string[] = [];
  const worker = startWorker(host, backend, QUEUE, ({ id }) => {
    ran.push(id);
    worker.stop();
  }, { concurrency: 2 });
  await host.clock.advance(10);
  assertEquals(ran, ["a"]);
  assertEquals([backend.kindsOf("a"), backend.kindsOf("b")], [
    ["complete"],
    ["return"],
  ]);
});

Deno.test("stopping tries a backend again that fails for a moment", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(100));
  await clock.advance(1);
  let failures = 3;
  backend.before = ({ call }) => {
    if (call === "settle" && failures-- > 0) throw new Error("busy");
  };
  const report = await worker.stop();
  assertEquals([report.finished, report.returned], [1, 0]);
  assertEquals(clock.open, 0);
});

Deno.test("stopping waits for a backend that is away, but not for ever", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => {});
  backend.before = ({ call }) => {
    if (call === "settle") throw new Error("away");
  };
  await clock.advance(1);
  const report = await worker.stop({ deadlineMs: 500 });
  assertEquals(report, { finished: 0, returned: 1, ms: 2000 });
  assertEquals([worker.counts.lost, clock.open], [1, 0]);
});

Deno.test("stopping waits for a call that never ends, but not for ever", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b"]);
  const gate = Promise.withResolvers<void>();
  const worker = startWorker(host, backend, QUEUE, () => {}, { onLine });
  backend.before = ({ call }) => call === "settle" ? gate.promise : undefined;
  await clock.advance(1);
  const report = await worker.stop({ deadlineMs: 5000 });
  assertEquals(report, { finished: 0, returned: 1, ms: 5000 });
  // The answer comes late: nothing begins, and nothing is counted twice.
  gate.resolve();
  await clock.advance(60_000);
  assertEquals([worker.counts.lost, worker.counts.completed], [1, 0]);
  assertEquals([clock.open, lines.length], [0, 0]);
});

Deno.test("a worker can be stopped at each moment", async () => {
  const property = fc.asyncProperty(
    fc.nat({ max: 120 }),
    fc.record({
      mode: fc.constantFrom("abort" as const, "drain" as const),
      deadlineMs: fc.nat({ max: 60 }),
    }),
    fc.array(fc.nat({ max: 60 }), { maxLength: 12 }),
    fc.nat({ max: 7 }),
    fc.integer({ min: 1, max: 4 }),
    async (atMs, options, lasts, callMs, concurrency) => {
      const { host, backend } = workerWorld();
      const { clock } = host;
      const ids = lasts.map((_, at) => `j${at}`);
      backend.add(ids);
      backend.before = () => callMs > 0 ? clock.sleep(callMs) : undefined;
      const ended: string[] = [];
      const worker = startWorker(host, backend, QUEUE, async ({ id }) => {
        const ms = lasts[Number(id.slice(1))] ?? 0;
        if (ms > 0) await clock.sleep(ms);
        ended.push(id);
      }, { concurrency });
      if (atMs > 0) await clock.advance(atMs);
      const before = worker.counts;
      const report = await worker.stop(options);
      const { counts } = worker;
      assertEquals(backend.held, []);
      assertEquals(report.finished, counts.completed - before.completed);
      assertEquals(report.returned, counts.returned);
      assertEquals(counts.lost, 0);
      // Every job is done once, goes back once, or has not been touched.
      const touched = backend.settled.map(({ claim }) => claim.id);
      assertEquals([...touched, ...backend.ready].sort(), [...ids].sort());
      for (const { claim, kind } of backend.settled) {
        assert(kind === "return" || ended.includes(claim.id));
      }
      const { length } = backend.calls;
      await clock.advance(1000);
      assertEquals([backend.calls.length, clock.open], [length, 0]);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});
