import { assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import type { QueueBackend } from "./backend.ts";
import { createMemoryBackend } from "./memory_backend.ts";
import { migrateJobs, type MigrateOptions } from "./migrate.ts";

/** A backend at a place of its own: in memory all are at the same. */
function placed(
  backend: QueueBackend,
  place: string,
  change: Partial<QueueBackend> = {},
): QueueBackend {
  return new Proxy(backend, {
    get(inner, name) {
      if (name === "place") return place;
      if (Object.hasOwn(change, name)) return Reflect.get(change, name);
      const value = Reflect.get(inner, name);
      return typeof value === "function" ? value.bind(inner) : value;
    },
  });
}

async function setUp(host: FakeHost = createFakeHost()) {
  const source = placed(createMemoryBackend(host), "file:/a");
  const target = placed(createMemoryBackend(host), "redis://b");
  await source.start();
  await target.start();
  const go = (
    options: Partial<MigrateOptions> = {},
    backends = { source, target },
  ) =>
    migrateJobs(host, backends, {
      timeoutMs: 1000,
      signal: new AbortController().signal,
      ...options,
    });
  const back = () => go({}, { source: target, target: source });
  return { host, source, target, go, back };
}

const claimOne = (backend: QueueBackend) =>
  backend.claim({ queue: "q", limit: 1, leaseMs: 30_000 });

async function idsOf(backend: QueueBackend) {
  return (await backend.list("q")).map(({ id, state }) => `${id} ${state}`);
}

Deno.test("migrateJobs() moves jobs in their order and closes the source", async () => {
  const { source, target, go } = await setUp();
  for (const id of ["b", "a", "c"]) await source.enqueue("q", id, { id });
  await source.enqueue("q", "later", { id: "d", delayMs: 60_000 });
  const report = await go();
  assertEquals(
    [report.outcome, report.jobs, report.added, report.different],
    ["moved", 4, 4, []],
  );
  assertEquals(await idsOf(target), [
    "b ready",
    "a ready",
    "c ready",
    "d scheduled",
  ]);
  const [claim] = await claimOne(target);
  assertEquals(claim?.id, "b");
  await assertRejects(() => source.enqueue("q", 1), KnownError, "redis://b");
});

Deno.test("migrateJobs() moves more jobs than one page, once", async () => {
  const { source, target, go } = await setUp();
  await source.enqueueMany(
    "q",
    Array.from({ length: 1201 }, (_, data) => ({ data })),
  );
  assertEquals((await go()).added, 1201);
  const [stats] = await target.stats();
  assertEquals(stats?.counts.ready, 1201);
});

Deno.test("migrateJobs() a second time does nothing, whatever has run", async () => {
  const { source, target, go } = await setUp();
  await source.enqueue("q", 1, { id: "a" });
  await go();
  const [claim] = await claimOne(target);
  if (claim === undefined) throw new Error("nothing was claimed");
  await target.settle([{ claim, kind: "complete", result: undefined }]);
  assertEquals((await go()).outcome, "already");
  assertEquals(await idsOf(target), ["a completed"]);
});

Deno.test("migrateJobs() goes on after it was interrupted between pages", async () => {
  const { source, target, go } = await setUp();
  await source.enqueueMany(
    "q",
    Array.from({ length: 900 }, (_, data) => ({ data })),
  );
  const stop = new AbortController();
  const first = await go({
    signal: stop.signal,
    onStep: (step) => step === "move" && stop.abort(),
  });
  assertEquals([first.outcome, first.jobs], ["stopped", 500]);
  await assertRejects(
    () => target.enqueue("q", 1),
    KnownError,
    "once this move is finished",
  );
  const second = await go();
  assertEquals(
    [second.outcome, second.jobs, second.added],
    ["moved", 900, 400],
  );
  const added = await target.enqueue("q", 1, { id: "new" });
  assertEquals(added.status, "enqueued");
});

Deno.test("migrateJobs() waits for jobs that run and moves what they leave", async () => {
  const { host, source, target, go } = await setUp();
  await source.enqueue("q", 1, { id: "a" });
  await source.enqueue("q", 2, { id: "b" });
  const [claim] = await claimOne(source);
  if (claim === undefined) throw new Error("nothing was claimed");
  const moving = go();
  await host.world.advance(400);
  await source.settle([{ claim, kind: "complete", result: undefined }]);
  await host.world.advance(600);
  assertEquals((await moving).outcome, "moved");
  assertEquals(await idsOf(target), ["b ready"]);
});

Deno.test("migrateJobs() takes over a job whose worker has vanished", async () => {
  const { host, source, target, go } = await setUp();
  await source.enqueue("q", 1, { id: "a" });
  await source.claim({ queue: "q", limit: 1, leaseMs: 5000 });
  const moving = go({ timeoutMs: 20_000 });
  await host.world.advance(20_000);
  assertEquals((await moving).outcome, "moved");
  assertEquals(await idsOf(target), ["a ready"]);
});

Deno.test("migrateJobs() does not wait for a lease that is over", async () => {
  const { host, source, go } = await setUp();
  await source.enqueue("q", 1, { id: "a" });
  await claimOne(source);
  const job = await source.get("q", "a");
  if (job === undefined) throw new Error("there is no job");
  const held = (leaseUntil: number) =>
    placed(source, "file:/a", {
      list: () => Promise.resolve([{ ...job, leaseUntil }]),
    });
  const target = placed(createMemoryBackend(host), "redis://b");
  await target.start();
  const now = host.clock.now();
  const busy = go({ timeoutMs: 0 }, { source: held(now + 1), target });
  assertEquals((await busy).outcome, "busy");
  const moved = go({ timeoutMs: 0 }, { source: held(now), target });
  assertEquals((await moved).outcome, "moved");
});

Deno.test.each([
  { how: "the time is over", outcome: "busy", stops: false },
  { how: "somebody ends it", outcome: "waiting_stopped", stops: true },
])(
  "migrateJobs() opens both sides again when jobs run and $how",
  async (row) => {
    const { host, source, target, go } = await setUp();
    await source.enqueue("q", 1);
    await claimOne(source);
    const stop = new AbortController();
    const moving = go({ signal: stop.signal });
    await host.world.advance(500);
    if (row.stops) stop.abort();
    await host.world.advance(1000);
    const report = await moving;
    assertEquals([report.outcome, report.active], [row.outcome, 1]);
    assertEquals((await source.enqueue("q", 2)).status, "enqueued");
    assertEquals((await target.enqueue("q", 2)).status, "enqueued");
  },
);

Deno.test("migrateJobs() back takes out what was done meanwhile", async () => {
  const { source, target, go, back } = await setUp();
  for (const id of ["a", "b", "c"]) await source.enqueue("q", id, { id });
  await go();
  const [claim] = await claimOne(target);
  if (claim === undefined) throw new Error("nothing was claimed");
  await target.settle([{ claim, kind: "complete", result: undefined }]);
  await target.enqueue("q", "new", { id: "d" });
  const report = await back();
  assertEquals(
    [report.outcome, report.added, report.removed],
    ["moved", 1, 1],
  );
  assertEquals(await idsOf(source), ["b ready", "c ready", "d ready"]);
  await assertRejects(() => target.enqueue("q", 1), KnownError, "file:/a");
});

Deno.test("migrateJobs() back that finds running jobs leaves the old source closed", async () => {
  const { host, source, target, go, back } = await setUp();
  for (const id of ["a", "b"]) await source.enqueue("q", id, { id });
  await go();
  const [claim] = await claimOne(target);
  if (claim === undefined) throw new Error("nothing was claimed");
  const busy = back();
  await host.world.advance(2000);
  assertEquals((await busy).outcome, "busy");
  await assertRejects(() => source.enqueue("q", 1), KnownError, "redis://b");
  assertEquals((await go()).outcome, "already");
  await target.settle([{ claim, kind: "complete", result: undefined }]);
  // It is still known that the old source holds copies.
  assertEquals((await back()).removed, 1);
  assertEquals(await idsOf(source), ["b ready"]);
});

Deno.test("migrateJobs() back goes on after it was interrupted", async () => {
  const { host, source, target, go } = await setUp();
  for (const id of ["a", "b"]) await source.enqueue("q", id, { id });
  await go();
  const [claim] = await claimOne(target);
  if (claim === undefined) throw new Error("nothing was claimed");
  await target.settle([{ claim, kind: "complete", result: undefined }]);
  const stop = new AbortController();
  const backwards = { source: target, target: source };
  const first = await migrateJobs(host, backwards, {
    timeoutMs: 0,
    signal: stop.signal,
    onStep: (step) => step === "move" && stop.abort(),
  });
  assertEquals(first.outcome, "stopped");
  const second = await go({}, backwards);
  assertEquals([second.outcome, second.removed], ["moved", 1]);
  assertEquals(await idsOf(source), ["b ready"]);
});

Deno.test("migrateJobs() keeps a queue paused that was", async () => {
  const { source, target, go } = await setUp();
  await source.enqueue("q", 1);
  await source.enqueue("open", 1);
  await source.pause("q");
  await go();
  const stats = await target.stats();
  assertEquals(
    stats.map(({ queue, isPaused }) => [queue, isPaused]),
    [["open", false], ["q", true]],
  );
});

Deno.test("migrateJobs() leaves jobs alone that a target has of its own", async () => {
  const { source, target, go } = await setUp();
  await target.enqueue("q", "own", { id: "own" });
  await source.enqueue("q", "a", { id: "a" });
  assertEquals((await go()).removed, 0);
  assertEquals(await idsOf(target), ["own ready", "a ready"]);
});

Deno.test("migrateJobs() stays closed when a job of that id differs there", async () => {
  const { source, target, go } = await setUp();
  await target.enqueue("q", "other", { id: "a" });
  await source.enqueue("q", "mine", { id: "a" });
  const report = await go();
  assertEquals(
    [report.outcome, report.different],
    ["differs", [{ queue: "q", id: "a" }]],
  );
  await assertRejects(() => source.enqueue("q", 1), KnownError);
});

Deno.test("migrateJobs() does not go back on an unfinished move", async () => {
  const { source, go, back } = await setUp();
  await source.enqueue("q", 1);
  const stop = new AbortController();
  await go({
    signal: stop.signal,
    onStep: (step) => step === "move" && stop.abort(),
  });
  await assertRejects(back, KnownError, "they are still on their way");
});

Deno.test("migrateJobs() refuses a source that has moved elsewhere", async () => {
  const { source, go } = await setUp();
  await source.seal("redis://third");
  await assertRejects(() => go(), KnownError, "have to do with another place");
});
