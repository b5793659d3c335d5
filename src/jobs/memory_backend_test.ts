import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import type { QueueBackend } from "./backend.ts";
import { createMemoryBackend, type MemoryOptions } from "./memory_backend.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ERROR = { name: "Error", message: "no" };

interface Opened {
  readonly host: FakeHost;
  readonly backend: QueueBackend;
}

async function open(options: MemoryOptions = {}): Promise<Opened> {
  const host = createFakeHost();
  const backend = createMemoryBackend(host, options);
  await backend.start();
  return { host, backend };
}

async function claimOne({ backend }: Opened, leaseMs = HOUR_MS) {
  const [claim] = await backend.claim({ queue: "q", limit: 1, leaseMs });
  if (claim === undefined) throw new Error("nothing to claim");
  return claim;
}

async function stateOf({ backend }: Opened, id: string) {
  return (await backend.get("q", id))?.state;
}

Deno.test("a job in memory is due to the millisecond of the host's clock", async () => {
  const opened = await open();
  const { host, backend } = opened;
  await backend.enqueue("q", 1, { id: "a", delayMs: HOUR_MS });
  await host.world.advance(HOUR_MS - 1);
  assertEquals(await stateOf(opened, "a"), "scheduled");
  await host.world.advance(1);
  assertEquals(await stateOf(opened, "a"), "ready");
});

Deno.test("a lease in memory ends at the millisecond of the host's clock", async () => {
  const opened = await open();
  const { host, backend } = opened;
  await backend.enqueue("q", 1, { id: "a" });
  const claim = await claimOne(opened, 1000);
  await host.world.advance(999);
  assertEquals(await backend.heartbeat([claim], 1000), [true]);
  await host.world.advance(999);
  assertEquals(await stateOf(opened, "a"), "active");
  await host.world.advance(1);
  assertEquals(await stateOf(opened, "a"), "ready");
  assertEquals(await backend.heartbeat([claim], 1000), [false]);
});

Deno.test("completed jobs are kept in memory for a day", async () => {
  const opened = await open();
  const { host, backend } = opened;
  await backend.enqueue("q", 1, { id: "a" });
  const claim = await claimOne(opened);
  await backend.settle([{ kind: "complete", claim, result: "1" }]);
  await host.world.advance(DAY_MS);
  assertEquals(await stateOf(opened, "a"), "completed");
  await host.world.advance(1);
  assertEquals(await stateOf(opened, "a"), undefined);
  assertEquals((await backend.enqueue("q", 1, { id: "a" })).status, "enqueued");
});

Deno.test("dead jobs are kept in memory for ninety days", async () => {
  const opened = await open();
  const { host, backend } = opened;
  await backend.enqueue("q", 1, { id: "a" });
  const claim = await claimOne(opened);
  await backend.settle([
    { kind: "dead", claim, error: ERROR, reason: "failed" },
  ]);
  const { clock } = host.world;
  clock.setWall(clock.now() + 90 * DAY_MS);
  assertEquals(await stateOf(opened, "a"), "dead");
  clock.setWall(clock.now() + 1);
  assertEquals(await stateOf(opened, "a"), undefined);
});

Deno.test("a worker in memory sleeps until a job is due", async () => {
  const { host, backend } = await open();
  const begins: number[] = [];
  const startMs = host.clock.now();
  backend.process("q", () => void begins.push(host.clock.now() - startMs));
  await backend.enqueue("q", 1, { delayMs: 3 * HOUR_MS });
  await backend.enqueue("q", 1, { delayMs: HOUR_MS });
  await host.world.advance(2 * HOUR_MS);
  assertEquals(begins, [HOUR_MS]);
  await host.world.advance(2 * HOUR_MS);
  assertEquals(begins, [HOUR_MS, 3 * HOUR_MS]);
  await backend.stop();
});

Deno.test("a retry in memory comes after its wait", async () => {
  const { host, backend } = await open();
  const begins: number[] = [];
  const startMs = host.clock.now();
  backend.process("q", () => {
    begins.push(host.clock.now() - startMs);
    throw new Error("no");
  });
  await backend.enqueue("q", 1, {
    id: "a",
    attempts: 3,
    backoff: { baseMs: 1000, capMs: HOUR_MS, jitter: "none" },
  });
  await host.world.advance(HOUR_MS);
  assertEquals(begins, [0, 1000, 3000]);
  const job = await backend.get("q", "a");
  assertEquals([job?.state, job?.deadReason], ["dead", "failed"]);
  await backend.stop();
});

Deno.test("an idle worker in memory lets no time pass", async () => {
  const { host, backend } = await open();
  backend.process("q", () => undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  using _heard = backend.subscribe(({ kind }) => {
    if (kind === "completed") resolve();
  });
  await backend.enqueue("q", 1);
  await promise;
  const elapsedMs = host.clock.elapsed();
  for (let turn = 0; turn < 5; turn++) {
    await new Promise<void>((done) => setImmediate(done));
  }
  assertEquals(host.clock.elapsed(), elapsedMs);
  await backend.stop();
});

Deno.test("a clock that is set forward wakes a worker in memory", async () => {
  const { host, backend } = await open();
  const done: unknown[] = [];
  backend.process("q", ({ data }) => void done.push(data));
  await backend.enqueue("q", "tomorrow", { delayMs: DAY_MS });
  await host.world.advance(1000);
  host.world.clock.setWall(host.clock.now() + DAY_MS);
  await host.world.advance(60_000);
  assertEquals(done, ["tomorrow"]);
  await backend.stop();
});

Deno.test("a listener may use the backend that it listens to", async () => {
  const { host, backend } = await open();
  const seen: unknown[] = [];
  using _heard = backend.subscribe(({ kind, id }) => {
    if (kind !== "stalled") return;
    backend.get("q", id).then((job) => seen.push(job?.state));
  });
  const ids = ["a", "b", "c"];
  for (const id of ids) await backend.enqueue("q", 1, { id });
  await backend.claim({ queue: "q", limit: 3, leaseMs: 10 });
  await host.world.advance(10);
  await backend.stats();
  await host.world.advance(1);
  assertEquals(seen, ["ready", "ready", "ready"]);
});

Deno.test("the same function may listen twice and stop once", async () => {
  const { host, backend } = await open();
  let heard = 0;
  const listener = () => void heard++;
  const first = backend.subscribe(listener);
  using _second = backend.subscribe(listener);
  await backend.enqueue("q", 1);
  await host.world.advance(1);
  assertEquals(heard, 2);
  first[Symbol.dispose]();
  await backend.enqueue("q", 1);
  await host.world.advance(1);
  assertEquals(heard, 3);
});

Deno.test("who has stopped listening does not hear what was before", async () => {
  const { host, backend } = await open();
  let heard = 0;
  const listening = backend.subscribe(() => void heard++);
  const adding = backend.enqueue("q", 1);
  listening[Symbol.dispose]();
  await adding;
  await host.world.advance(1);
  assertEquals(heard, 0);
});

Deno.test("a backend in memory is of the tenant that was said", () => {
  const host = createFakeHost();
  const tenantOf = (tenant?: string) =>
    createMemoryBackend(host, tenant === undefined ? {} : { tenant }).tenant;
  assertEquals(
    [tenantOf(), tenantOf("_default"), tenantOf("ada")],
    ["_default", "_default", "ada"],
  );
  assertThrows(() => tenantOf("A da"), KnownError, "tenant");
});

Deno.test("two backends in memory have their own jobs", async () => {
  const [one, two] = [await open(), await open()];
  await one.backend.enqueue("q", 1, { id: "a" });
  assertEquals(await stateOf(two, "a"), undefined);
  assertEquals(await two.backend.stats(), []);
});

Deno.test("what a caller changes later does not change the job", async () => {
  const opened = await open();
  const { backend } = opened;
  const data = { list: [1] };
  await backend.enqueue("q", data, { id: "a" });
  data.list.push(2);
  const claim = await claimOne(opened);
  const progress = [1];
  await backend.progress(claim, progress);
  progress.push(2);
  const job = await backend.get("q", "a");
  assertEquals([job?.data, job?.progress], [{ list: [1] }, [1]]);
});

Deno.test("an export goes on where the last job has gone", async () => {
  const { backend } = await open();
  for (const id of ["a", "b", "c"]) await backend.enqueue("q", 1, { id });
  const last = { queue: "q", id: "b" };
  const idsAfter = async () =>
    (await backend.exportJobs(last, 9)).map(({ job }) => job.id);
  assertEquals(await idsAfter(), ["c"]);
  await backend.cancel("q", "b");
  // Whoever imports has "a" already and leaves it alone.
  assertEquals(await idsAfter(), ["a", "c"]);
});

Deno.test("a backend in memory is not used before its start", async () => {
  const backend = createMemoryBackend(createFakeHost());
  const error = await assertRejects(() => backend.stats(), KnownError);
  assertEquals(error.code, "not_ready");
  assertEquals(
    error.message,
    "Cannot count jobs: the queue backend in memory is stopped",
  );
});
