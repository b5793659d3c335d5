import { assertEquals, assertRejects } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import { readAudit } from "./audit.ts";
import { optIn, readConsent } from "./consent.ts";
import { LeaseLost } from "./lease.ts";
import { spill } from "./overflow.ts";
import { planPurge, purge } from "./purge.ts";
import { verify } from "./verify.ts";

/** Kept here, delivered, in flight, ready, overflow and quarantine. */
async function withEverything(ready = 3) {
  const queue = await fakeQueue();
  queue.change("local");
  optIn(queue.store, "ada", queue.host.clock.now());
  for (let at = 0; at < 4 + ready; at++) queue.change(`t${at}`);
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: 2 });
  if (batch !== undefined) queue.settle(lease, batch, { kind: "delivered" });
  queue.claim(lease, { maxEvents: 2 });
  queue.emit("Unknown", "t1");
  spill(queue.host, queue.paths.overflow, [draftOf()]);
  return queue;
}

async function purgeAll(queue: FakeQueue) {
  const { host, store } = queue;
  const plan = planPurge(host, store);
  const lease = queue.takeLease();
  return await purge(host, store, lease, { plan, actor: "ada" });
}

async function brokenIn({ host, store }: FakeQueue) {
  const { checks } = await verify(host, store);
  return checks.filter(({ verdict }) => verdict !== "ok");
}

Deno.test("planPurge() counts everything and changes nothing", async () => {
  const queue = await withEverything();
  const before = queue.counts();
  queue.host.world.disk.put(`${queue.paths.directory}/queue.corrupt-1.db`, "x");
  const plan = planPurge(queue.host, queue.store);
  assertEquals(plan.byState, { local: 1, inflight: 2, ready: 3 });
  assertEquals([plan.toSeq, plan.possiblySent], [8, 2]);
  assertEquals([plan.events.count, plan.overflow.count], [6, 1]);
  assertEquals(plan.quarantine.count, 1);
  assertEquals(plan.overflow.bytes, before.overflowBytes);
  assertEquals(plan.asides, ["queue.corrupt-1.db"]);
  assertEquals(queue.counts(), before);
});

Deno.test("purge() leaves what is delivered, and a queue that holds", async () => {
  const queue = await withEverything();
  const { events, overflow, quarantine } = await purgeAll(queue);
  assertEquals(
    [events.count, overflow.count, quarantine.count],
    [6, 1, 1],
  );
  const counts = queue.counts();
  assertEquals([counts.ready, counts.inflight, counts.liveRows], [0, 0, 2]);
  assertEquals([counts.quarantined, counts.overflowBytes], [0, 0]);
  assertEquals(readConsent(queue.store).keptLocal, 0);
  assertEquals(await brokenIn(queue), []);
  const actions = readAudit(queue.store, 3).map(({ action }) => action);
  assertEquals(actions, ["purge_quarantine", "purge", "purge_overflow"]);
});

Deno.test("purge() leaves what was captured after its plan", async () => {
  const queue = await withEverything();
  const { host, store } = queue;
  const plan = planPurge(host, store);
  queue.change("late");
  queue.emit("Unknown", "late");
  const lease = queue.takeLease();
  await purge(host, store, lease, { plan, actor: "ada" });
  const counts = queue.counts();
  assertEquals([counts.ready, counts.quarantined], [1, 1]);
  assertEquals(queue.claim(queue.takeLease())?.events.map(({ seq }) => seq), [
    9,
  ]);
  assertEquals(await brokenIn(queue), []);
});

Deno.test("purge() works in steps and tells of each", async () => {
  const queue = await withEverything(2000);
  const { host, store } = queue;
  const steps: number[] = [];
  await purge(host, store, queue.takeLease(), {
    plan: planPurge(host, store),
    actor: "ada",
    onDone: (count) => void steps.push(count),
  });
  assertEquals(steps, [1000, 1000, 3]);
  assertEquals(await brokenIn(queue), []);
});

Deno.test("purge() stops when another process has taken over", async () => {
  const queue = await withEverything();
  const lease = queue.takeLease();
  queue.takeLease();
  const { host, store } = queue;
  const plan = planPurge(host, store);
  await assertRejects(
    () => purge(host, store, lease, { plan, actor: "ada" }),
    LeaseLost,
  );
  assertEquals(planPurge(host, store), plan, "nothing was thrown away");
});

Deno.test("purge() can be interrupted between two steps", async () => {
  const queue = await withEverything(1500);
  const { host, store } = queue;
  const lease = queue.takeLease();
  const onDone = () => {
    throw new Error("killed");
  };
  const plan = planPurge(host, store);
  await assertRejects(
    () => purge(host, store, lease, { plan, actor: "ada", onDone }),
    Error,
    "killed",
  );
  assertEquals(queue.counts().ready, 503);
  assertEquals(await brokenIn(queue), []);
});
