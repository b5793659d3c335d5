import { assert, assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import type { Handler } from "./handler.ts";
import { SlotPool } from "./slot_pool.ts";
import type { Slots } from "./slots.ts";
import { startWorker } from "./worker.ts";

/** Slots that only count. */
class CountedSlots implements Slots {
  taken = 0;
  most = 0;
  #wake = Promise.withResolvers<void>();
  readonly total: number;

  constructor(total: number) {
    this.total = total;
  }

  take(wanted: number): number {
    const count = Math.min(wanted, this.total - this.taken);
    this.taken += count;
    this.most = Math.max(this.most, this.taken);
    return count;
  }

  free(count: number): void {
    this.taken -= count;
    assert(this.taken >= 0);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#wake.promise, aborted]);
  }
}

Deno.test("a worker claims no more than it gets slots for", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  const slots = new CountedSlots(2);
  backend.add(["a", "b", "c", "d", "e"]);
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(10), {
    concurrency: 10,
    slots,
  });
  await clock.advance(5);
  assertEquals([worker.running, slots.taken], [2, 2]);
  assertEquals(backend.calls, [{ call: "claim", limit: 2 }]);
  await clock.advance(100);
  assertEquals(worker.counts.completed, 5);
  assertEquals([slots.most, slots.taken], [2, 0]);
  await worker.stop();
});

Deno.test("slots that bring no job are free at once", async () => {
  const { host, backend } = workerWorld();
  const slots = new CountedSlots(8);
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => host.clock.sleep(10), {
    concurrency: 5,
    slots,
  });
  await host.clock.advance(1);
  assertEquals([slots.most, slots.taken], [5, 1]);
  await host.clock.advance(100);
  assertEquals(slots.taken, 0);
  await worker.stop();
});

Deno.test("slots are free again when a claim fails", async () => {
  const { host, backend } = workerWorld();
  const slots = new CountedSlots(3);
  backend.before = () => Promise.reject(new Error("away"));
  const worker = startWorker(host, backend, QUEUE, () => {}, {
    concurrency: 3,
    slots,
  });
  await host.clock.advance(50);
  assertEquals([slots.most, slots.taken], [3, 0]);
  await worker.stop();
});

Deno.test("a slot is taken until the handler returns, whatever ends before", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  const slots = new CountedSlots(1);
  backend.add(["a"], { timeoutMs: 10 });
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(5000), {
    slots,
  });
  await clock.advance(20);
  assertEquals([backend.kindsOf("a"), slots.taken], [["retry"], 1]);
  await worker.stop({ mode: "abort", deadlineMs: 0 });
  assertEquals(slots.taken, 1);
  await clock.advance(5000);
  assertEquals(slots.taken, 0);
});

Deno.test("a job that is not begun holds no slot", async () => {
  const { host, backend } = workerWorld();
  const slots = new CountedSlots(1);
  backend.add(["late"], { expiresAt: 1 });
  const worker = startWorker(host, backend, QUEUE, () => {}, { slots });
  await host.clock.advance(10);
  assertEquals([backend.kindsOf("late"), slots.taken], [["dead"], 0]);
  await worker.stop();
});

Deno.test("a worker without a slot waits for one, and can be stopped", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  const slots = new CountedSlots(1);
  slots.take(1);
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => {}, { slots });
  await clock.advance(60_000);
  assertEquals([backend.calls, clock.open], [[], 0]);
  slots.free(1);
  await clock.advance(1);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  slots.take(1);
  backend.add(["b"]);
  await clock.advance(10);
  await worker.stop();
  assertEquals([backend.ready, slots.taken], [["b"], 1]);
});

/** Slots that say how they are asked, and give what they are told to. */
function scriptedSlots(gives: readonly number[]) {
  const gate = Promise.withResolvers<void>();
  const asked: number[] = [];
  const waits = { count: 0 };
  const slots: Slots = {
    take: (wanted) => {
      asked.push(wanted);
      return gives[asked.length - 1] ?? 0;
    },
    free: () => {},
    wait: () => {
      waits.count++;
      return gate.promise;
    },
  };
  return { gate, asked, waits, slots };
}

Deno.test("a slot that was waited for is left when no work is known", async () => {
  const { host, backend } = workerWorld();
  const { gate, asked, slots } = scriptedSlots([1, 0, 2]);
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => host.clock.sleep(10), {
    concurrency: 2,
    slots,
  });
  await host.clock.advance(20);
  const { length } = asked;
  assertEquals(asked.slice(0, 3), [2, 1, 2]);
  gate.resolve();
  await host.clock.advance(20);
  assertEquals(asked.slice(length), [0]);
  await worker.stop();
});

Deno.test("a worker waits once for a slot, whatever ends meanwhile", async () => {
  const { host, backend } = workerWorld();
  const { gate, waits, slots } = scriptedSlots([2]);
  backend.add(["a", "b", "c"]);
  const lasts: Record<string, number> = { a: 10, b: 20 };
  const handler: Handler = ({ id }) => host.clock.sleep(lasts[id] ?? 1);
  const worker = startWorker(host, backend, QUEUE, handler, {
    concurrency: 3,
    slots,
  });
  await host.clock.advance(50);
  assertEquals([worker.counts.completed, waits.count], [2, 1]);
  gate.resolve();
  await worker.stop();
});

Deno.test("two tenants share one slot, and an idle one keeps none", async () => {
  const { host, backend } = workerWorld();
  const { host: _, backend: other } = workerWorld();
  const { clock } = host;
  const pool = new SlotPool(1);
  const ran: string[] = [];
  const start = (which: typeof backend, tenant: string) =>
    startWorker(host, which, QUEUE, async ({ id }) => {
      ran.push(id);
      await clock.sleep(10);
    }, { concurrency: 3, slots: pool.slotsFor(tenant) });
  backend.add(["a1", "a2", "a3"]);
  other.add(["b1", "b2"]);
  const workers = [start(backend, "a"), start(other, "b")];
  await clock.advance(1000);
  assertEquals(ran, ["a1", "b1", "a2", "b2", "a3"]);
  assertEquals(pool.free, 1);
  for (const worker of workers) await worker.stop();
  assertEquals([pool.free, clock.open], [1, 0]);
});

Deno.test("a slot that comes when there is no work any more is given back", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  const pool = new SlotPool(2);
  const rival = pool.slotsFor("rival");
  assertEquals(rival.take(1), 1);
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(10), {
    concurrency: 2,
    slots: pool.slotsFor("a"),
  });
  await clock.advance(100);
  rival.free(1);
  await clock.advance(100);
  assertEquals([worker.counts.completed, pool.free], [1, 2]);
  await worker.stop();
});

Deno.test("a worker with less than its share keeps its slot from job to job", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  const pool = new SlotPool(3);
  const rival = pool.slotsFor("rival");
  assertEquals(rival.take(2), 2);
  backend.add(["a1", "a2", "a3"]);
  const worker = startWorker(host, backend, QUEUE, () => clock.sleep(10), {
    concurrency: 1,
    slots: pool.slotsFor("a"),
  });
  await clock.advance(5);
  const end = new AbortController();
  let gotAfter: number | undefined;
  const wait = rival.wait(end.signal).then(() => {
    gotAfter = worker.counts.completed;
  });
  await clock.advance(100);
  assertEquals([worker.counts.completed, gotAfter], [3, 3]);
  end.abort();
  await wait;
  await worker.stop();
  assertEquals(pool.free, 1);
});
