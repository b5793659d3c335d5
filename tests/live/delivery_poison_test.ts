/** Events that the server refuses, anywhere among others. */

import { assert, assertEquals } from "@std/assert";
import { type RealDelivery, realDelivery } from "#support/real_delivery.ts";
import { BISECT_BUDGET } from "../../src/sync/exchange.ts";

/** Numbers that are the same for the same seed. */
function randomly(seed: number): (limit: number) => number {
  let state = seed * 7919 + 17;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor(state / 65_536) % limit;
  };
}

/** Emits so many events, of which the chosen ones are of a type of their own. */
function emitWith(
  delivery: RealDelivery,
  count: number,
  culprits: ReadonlySet<number>,
): readonly string[] {
  const { emitter } = delivery.queue;
  const outcomes = emitter.emitBatch(
    Array.from({ length: count }, (_, at) => ({
      type: culprits.has(at) ? "TaskTimed" : "TaskChanged",
      aggregateId: `t${at}`,
      payload: { n: at },
    })),
  );
  return outcomes.map((one) => one.kind === "captured" ? one.eventId : "");
}

function bound(count: number): number {
  return 2 * Math.ceil(Math.log2(count)) + 1;
}

const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1);

Deno.test.each(SEEDS)("poison of seed %i costs only itself", async (seed) => {
  await using delivery = await realDelivery({ faults: ["poison=TaskTimed"] });
  const next = randomly(seed);
  const count = 2 + next(400);
  const culprits = new Set(
    Array.from({ length: 1 + next(4) }, () => next(count)),
  );
  const ids = emitWith(delivery, count, culprits);
  const report = await delivery.drain();
  const k = culprits.size;
  assertEquals([report.accepted, report.retried], [count - k, k]);
  assertEquals(report.stoppedBecause, "done");
  // Every accepted event was sent and stored once.
  assertEquals(report.duplicate, 0);
  assertEquals(delivery.stored, ids.filter((_, at) => !culprits.has(at)));
  assertEquals(report.requests, delivery.requests);
  assert(
    delivery.requests <= Math.min(k * bound(count), 1 + BISECT_BUDGET),
    `${delivery.requests} requests for ${k} in ${count}`,
  );
  const { log } = delivery.server.receiver;
  const statuses = new Set(log.batches().map(({ status }) => status));
  assertEquals(statuses, new Set([200, 400]));
});

Deno.test("one culprit in a thousand costs 21 requests at most", async () => {
  for (const at of [0, 1, 499, 500, 998, 999]) {
    await using delivery = await realDelivery({ faults: ["poison=TaskTimed"] });
    emitWith(delivery, 1000, new Set([at]));
    const report = await delivery.drain();
    assertEquals([report.accepted, report.retried], [999, 1]);
    assert(delivery.requests <= 21, `${delivery.requests}`);
  }
});

Deno.test("a thousand culprits cost 65 requests, and the rest stays ready", async () => {
  await using delivery = await realDelivery({ faults: ["poison=TaskTimed"] });
  emitWith(delivery, 1000, new Set(Array.from({ length: 1000 }).keys()));
  const report = await delivery.drain();
  assertEquals(report.stoppedBecause, "bisect_budget");
  assertEquals(delivery.requests, 1 + BISECT_BUDGET);
  const { retry, ready, dead } = delivery.counts();
  assertEquals([retry + ready, dead], [1000, {}]);
  assert(ready > 900);
});

Deno.test("an event that is rejected by itself costs no other request", async () => {
  await using delivery = await realDelivery({
    faults: ["poison-results=TaskTimed"],
  });
  emitWith(delivery, 300, new Set([7, 150, 299]));
  const report = await delivery.drain();
  assertEquals([report.accepted, report.retried], [297, 3]);
  assertEquals(delivery.requests, 1);
});

Deno.test("a culprit that our own rules know costs two requests", async () => {
  await using delivery = await realDelivery({ faults: ["poison=TaskTimed"] });
  const culprits = new Set([3, 77, 200]);
  const ids = emitWith(delivery, 256, culprits);
  const known = new Set(ids.filter((_, at) => culprits.has(at)));
  const report = await delivery.drain({
    findInvalid: ({ eventId }) =>
      known.has(eventId) ? "payload.n must be text" : undefined,
  });
  assertEquals([report.accepted, report.retried], [253, 3]);
  assertEquals(delivery.requests, 2);
});

Deno.test("a culprit is a dead letter in the end, and others never wait for it", async () => {
  await using delivery = await realDelivery({ faults: ["poison=TaskTimed"] });
  emitWith(delivery, 20, new Set([10]));
  for (let day = 0; day < 6; day++) {
    await delivery.drain();
    assertEquals(delivery.stored.length, 19 + day);
    delivery.emit(1);
    delivery.aheadMs += 24 * 3_600_000;
  }
  assertEquals(delivery.counts().dead, { "schema_mismatch": 1 });
});
