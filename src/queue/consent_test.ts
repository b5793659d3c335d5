import { assert, assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { readAudit } from "./audit.ts";
import {
  countHistory,
  optIn,
  optOut,
  readConsent,
  releaseHistory,
} from "./consent.ts";

/** Emits events, each of another task. */
function emit(queue: FakeQueue, ...tasks: readonly string[]): void {
  for (const task of tasks) queue.change(task);
}

/** Tasks in the order in which they leave, when all is delivered. */
function deliverAll(queue: FakeQueue): readonly string[] {
  const lease = queue.takeLease();
  const sent: string[] = [];
  for (let pass = 0; pass < 100; pass++) {
    queue.requeue(lease, "asked");
    const batch = queue.claim(lease, { maxEvents: 2 });
    if (batch === undefined) return sent;
    sent.push(...batch.events.map(({ lane }) => lane.replace("Task:", "")));
    queue.settle(lease, batch, { kind: "delivered" });
  }
  throw new Error("It never ends");
}

function release(queue: FakeQueue, limit = 100): number {
  return releaseHistory(queue.store, "ada", { nowMs: 9, limit });
}

Deno.test("nothing leaves before somebody has opted in", async () => {
  const queue = await fakeQueue();
  emit(queue, "a", "b");
  assertEquals(deliverAll(queue), []);
  assertEquals(readConsent(queue.store), {
    openEpoch: 0,
    fromSeq: 0,
    since: undefined,
    keptLocal: 2,
  });
});

Deno.test("optIn() lets leave what comes from now on, and nothing before", async () => {
  const queue = await fakeQueue();
  emit(queue, "a", "b");
  assertEquals(optIn(queue.store, "ada", 5), "opted_in");
  emit(queue, "c");
  assertEquals(deliverAll(queue), ["c"]);
  assertEquals(readConsent(queue.store), {
    openEpoch: 1,
    fromSeq: 3,
    since: 5,
    keptLocal: 2,
  });
});

Deno.test("optIn() and optOut() a second time change nothing", async () => {
  const queue = await fakeQueue();
  const { store } = queue;
  assertEquals(optOut(store, "ada", 1), "already");
  optIn(store, "ada", 2);
  emit(queue, "a");
  assertEquals(optIn(store, "bob", 3), "already");
  assertEquals(readConsent(store).since, 2);
  optOut(store, "ada", 4);
  assertEquals(optOut(store, "bob", 5), "already");
  const actions = readAudit(store, 9).map((
    { action, actor },
  ) => [action, actor]);
  assertEquals(actions, [["optout", "ada"], ["optin", "ada"]]);
});

Deno.test("optOut() seals what has not left yet", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  emit(queue, "a", "b");
  optOut(queue.store, "ada", 2);
  emit(queue, "c");
  assertEquals(deliverAll(queue), []);
  assertEquals(
    queue.rows("SELECT epoch, state, from_seq, to_seq FROM consent"),
    [
      { epoch: 1, state: "sealed", "from_seq": 1, "to_seq": 2 },
    ],
  );
});

Deno.test("optIn() again does not open what was sealed, tried or not", async () => {
  const queue = await fakeQueue();
  const { store } = queue;
  optIn(store, "ada", 1);
  emit(queue, "sent", "flying", "refused", "untried");
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: 3 });
  assert(batch !== undefined);
  const { events: [sent, , refused] } = batch;
  assert(sent !== undefined && refused !== undefined);
  queue.settle(
    lease,
    { ...batch, events: [sent, refused] },
    (seq) =>
      seq === sent.seq
        ? { kind: "delivered" }
        : { kind: "retry", reason: "unknown" },
  );
  optOut(store, "ada", 2);
  optIn(store, "ada", 3);
  emit(queue, "new");
  assertEquals(deliverAll(queue), ["new"]);
  assertEquals(countHistory(store), 3);
});

Deno.test("optIn() again does not let a sealed event stop its lane", async () => {
  const queue = await fakeQueue();
  const { store } = queue;
  optIn(store, "ada", 1);
  emit(queue, "a");
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "unsent" });
  optOut(store, "ada", 2);
  optIn(store, "ada", 3);
  emit(queue, "a");
  assertEquals(queue.claim(lease)?.events.map(({ seq }) => seq), [2]);
});

Deno.test("releaseHistory() lets everything leave, once, in order", async () => {
  const queue = await fakeQueue();
  emit(queue, "a", "b", "c");
  optIn(queue.store, "ada", 1);
  emit(queue, "d");
  assertEquals(countHistory(queue.store), 3);
  assertEquals(release(queue), 3);
  assertEquals(countHistory(queue.store), 0);
  assertEquals(readConsent(queue.store).keptLocal, 0);
  assertEquals(deliverAll(queue), ["a", "b", "c", "d"]);
  assertEquals(deliverAll(queue), []);
  assertEquals(queue.counts().delivered, 4);
});

Deno.test("releaseHistory() releases a part at a time until nothing is left", async () => {
  const queue = await fakeQueue();
  emit(queue, "a", "b", "c");
  optIn(queue.store, "ada", 1);
  assertEquals([release(queue, 2), release(queue, 2), release(queue, 2)], [
    2,
    1,
    0,
  ]);
  const details = readAudit(queue.store, 2).map(({ details }) => details);
  assertEquals(details, ['{"epoch":1,"count":1}', '{"epoch":1,"count":2}']);
});

Deno.test("releaseHistory() needs an open consent", async () => {
  const queue = await fakeQueue();
  emit(queue, "a");
  assertEquals(release(queue), 0);
  optIn(queue.store, "ada", 1);
  optOut(queue.store, "ada", 2);
  assertEquals(release(queue), 0);
  assertEquals(deliverAll(queue), []);
});

Deno.test("releaseHistory() keeps the order of a lane before what is new", async () => {
  const queue = await fakeQueue();
  emit(queue, "a", "b", "a");
  optIn(queue.store, "ada", 1);
  emit(queue, "a", "b");
  release(queue);
  const lease = queue.takeLease();
  const order: number[] = [];
  for (let batch = queue.claim(lease, { maxEvents: 2 }); batch !== undefined;) {
    order.push(...batch.events.map(({ seq }) => seq));
    queue.settle(lease, batch, { kind: "delivered" });
    batch = queue.claim(lease, { maxEvents: 2 });
  }
  assertEquals(order.toSorted(), [1, 2, 3, 4, 5]);
  const lane = order.filter((seq) => seq !== 2 && seq !== 5);
  assertEquals(lane, [1, 3, 4]);
});

Deno.test("releaseHistory() does not send again what is delivered", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  emit(queue, "a", "b");
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: 1 });
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "delivered" });
  optOut(queue.store, "ada", 2);
  optIn(queue.store, "ada", 3);
  assertEquals(release(queue), 1);
  assertEquals(deliverAll(queue), ["b"]);
});

Deno.test("readConsent() counts as kept only what was captured without consent", async () => {
  const queue = await fakeQueue();
  const { store } = queue;
  emit(queue, "a", "b");
  optIn(store, "ada", 1);
  emit(queue, "c");
  optOut(store, "ada", 2);
  emit(queue, "d");
  optIn(store, "ada", 3);
  assertEquals(readConsent(store).keptLocal, 3);
  // The sealed event is released too, but was never kept for want of consent.
  assertEquals(release(queue, 3), 3);
  assertEquals(readConsent(store).keptLocal, 1);
  release(queue);
  assertEquals(readConsent(store).keptLocal, 0);
});
