import { assert, assertEquals } from "@std/assert";
import type {
  Attributes,
  BatchObservableCallback,
  Meter,
  Observable,
} from "@opentelemetry/api";
import { createNoopMeter } from "@opentelemetry/api";
import { FakeWorld } from "#support/fake_host.ts";
import { createMemoryBackend } from "./memory_backend.ts";
import { observeBackend } from "./metrics.ts";

/** A meter that keeps what it is told. */
class KeepingMeter {
  readonly sums = new Map<string, number>();
  readonly looks = new Set<BatchObservableCallback>();
  readonly #names = new Map<unknown, string>();
  readonly meter: Meter = {
    ...createNoopMeter(),
    createCounter: (name) => ({
      add: (value, attributes) => {
        const key = keyOf(name, attributes ?? {});
        this.sums.set(key, (this.sums.get(key) ?? 0) + value);
      },
    }),
    createObservableGauge: (name) => {
      const gauge = { addCallback: () => {}, removeCallback: () => {} };
      this.#names.set(gauge, name);
      return gauge;
    },
    addBatchObservableCallback: (look) => void this.looks.add(look),
    removeBatchObservableCallback: (look) => void this.looks.delete(look),
  };

  /** What the gauges show now. */
  async collect(): Promise<Record<string, number>> {
    const shown: Record<string, number> = {};
    for (const look of this.looks) {
      await look({
        observe: (
          gauge: Observable,
          value: number,
          attributes: Attributes = {},
        ) => {
          shown[keyOf(this.#names.get(gauge) ?? "", attributes)] = value;
        },
      });
    }
    return shown;
  }
}

function keyOf(name: string, attributes: Attributes): string {
  return [name, ...Object.values(attributes)].join(" ");
}

async function place() {
  const world = new FakeWorld();
  const host = world.host();
  const backend = createMemoryBackend(host, { tenant: "acme" });
  await backend.start();
  const keeping = new KeepingMeter();
  const stop = async () => void await backend.stop();
  const { clock } = world;
  return { host, clock, backend, keeping, [Symbol.asyncDispose]: stop };
}

Deno.test("observeBackend() counts what happens, by queue, tenant and backend", async () => {
  await using world = await place();
  const { host, backend, keeping } = world;
  using _observed = observeBackend(host, backend, keeping.meter);
  let turn = 0;
  backend.process("mail", () => {
    if (++turn === 2) throw new Error("once");
  });
  backend.process("news", (job) => job.giveUp("never"));
  await backend.enqueue("mail", 1);
  await backend.enqueue("mail", 2);
  await backend.enqueue("news", 3);
  await host.clock.sleep(60_000);
  assertEquals(Object.fromEntries([...keeping.sums].sort()), {
    "reeve.jobs.completed mail acme memory": 2,
    "reeve.jobs.dead news acme memory": 1,
    "reeve.jobs.enqueued mail acme memory": 2,
    "reeve.jobs.enqueued news acme memory": 1,
    "reeve.jobs.failed mail acme memory": 1,
    "reeve.jobs.started mail acme memory": 3,
    "reeve.jobs.started news acme memory": 1,
  });
});

Deno.test("observeBackend() counts stalls and leaves the rest out", async () => {
  await using world = await place();
  const { host, backend, keeping } = world;
  const listeners: Parameters<typeof backend.subscribe>[0][] = [];
  const subscribe: typeof backend.subscribe = (listener) => {
    listeners.push(listener);
    return { [Symbol.dispose]: () => {} };
  };
  const stats = () => backend.stats();
  const told = { stats, subscribe, kind: "redis", tenant: "b" } as const;
  using _observed = observeBackend(host, told, keeping.meter);
  for (const kind of ["stalled", "cancelled", "progress"] as const) {
    for (const tell of listeners) tell({ kind, queue: "mail", id: "a" });
  }
  assertEquals([...keeping.sums], [["reeve.jobs.stalled mail b redis", 1]]);
});

Deno.test("observeBackend() shows depth by state and the age of the oldest ready job", async () => {
  await using world = await place();
  const { host, clock, backend, keeping } = world;
  using _observed = observeBackend(host, backend, keeping.meter);
  assertEquals(await keeping.collect(), {});
  await backend.enqueue("mail", 1);
  await host.clock.sleep(2500);
  await backend.enqueue("mail", 2);
  await backend.enqueue("mail", 3, { delayMs: 60_000 });
  assertEquals(await keeping.collect(), {
    "reeve.jobs.depth mail acme memory ready": 2,
    "reeve.jobs.depth mail acme memory scheduled": 1,
    "reeve.jobs.depth mail acme memory active": 0,
    "reeve.jobs.depth mail acme memory completed": 0,
    "reeve.jobs.depth mail acme memory dead": 0,
    "reeve.jobs.oldest_ready_age mail acme memory": 2.5,
  });
  // The clock of the machine was set back.
  clock.setWall(clock.now() - 60_000);
  const shown = await keeping.collect();
  assertEquals(shown["reeve.jobs.oldest_ready_age mail acme memory"], 0);
});

Deno.test("observeBackend() shows nothing of a queue that cannot be looked at", async () => {
  const { host, backend, keeping } = await place();
  await backend.enqueue("mail", 1);
  using _observed = observeBackend(host, backend, keeping.meter);
  await backend.stop();
  assertEquals(await keeping.collect(), {});
});

Deno.test("observeBackend() hears nothing any more once it is disposed of", async () => {
  await using world = await place();
  const { host, backend, keeping } = world;
  const observed = observeBackend(host, backend, keeping.meter);
  observed[Symbol.dispose]();
  await backend.enqueue("mail", 1);
  assertEquals([keeping.sums.size, keeping.looks.size], [0, 0]);
});

Deno.test("observeBackend() does not even listen where nobody collects", async () => {
  await using world = await place();
  const { host, backend } = world;
  let listeners = 0;
  backend.subscribe = () => {
    listeners++;
    return { [Symbol.dispose]: () => {} };
  };
  observeBackend(host, backend)[Symbol.dispose]();
  assertEquals(listeners, 0);
  const { meter } = new KeepingMeter();
  observeBackend(host, backend, meter)[Symbol.dispose]();
  assert(listeners > 0);
});
