import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import { KnownError } from "../errors.ts";
import type { Handler, ProcessOptions, RunningJob } from "./handler.ts";
import { startWorker } from "./worker.ts";

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
    () => startWorker(host, backend, QUEUE, () => {}, options),
    KnownError,
  );
  assertEquals(error.message, `Cannot work on work: ${problem}`);
  assertEquals(error.code, "usage");
});

Deno.test("startWorker() refuses a wrong queue and what is no handler", () => {
  const { host, backend } = workerWorld();
  assertThrows(() => startWorker(host, backend, "Work", () => {}), KnownError);
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
