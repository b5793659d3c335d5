import { assert, assertEquals, assertRejects } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import type { Handler } from "./handler.ts";
import { startWorker } from "./worker.ts";

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
