/**
 * Every fault of the receiver, on the first, a middle and the last batch: in
 * the end it has each event once, and the queue knows that.
 */

import { assert, assertEquals } from "@std/assert";
import { type RealDelivery, realDelivery } from "#support/real_delivery.ts";
import { waitUntil } from "#support/wait_until.ts";
import { residueOf } from "../../src/queue/counts.ts";
import { replayDead } from "../../src/queue/dead.ts";
import { type FaultName, FAULTS } from "../../src/receiver/fault_names.ts";

const DAY_MS = 24 * 3_600_000;

/** Ways to write each fault; what is not about batches must do no harm. */
const SPECS: Readonly<Record<FaultName, readonly string[]>> = {
  "clock-skew": ["clock-skew=86400", "clock-skew=-86400"],
  "drop-after-commit": ["drop-after-commit", "drop-after-commit=502"],
  "drop-before-commit": ["drop-before-commit", "drop-before-commit=502"],
  "duplicate-results": ["duplicate-results"],
  "error": [400, 402, 403, 404, 408, 409, 412, 413, 418, 422, 426, 500, 503]
    .map((status) => `error=${status}`),
  "expire-tokens": ["expire-tokens=1"],
  "hang": ["hang"],
  "html": ["html"],
  "max-bytes": ["max-bytes=3000"],
  "max-events": ["max-events=3"],
  "missing-results": ["missing-results"],
  "not-admitted": ["not-admitted"],
  "pending": ["pending"],
  "poison": ["poison=TaskSeen"],
  "poison-results": ["poison-results=TaskSeen"],
  "protocol": ["protocol"],
  "redirect": ["redirect"],
  "slow": ["slow=20"],
  "throttle": ["throttle=1", "throttle=3600"],
  "unknown-status": ["unknown-status"],
  "ws-close": ["ws-close=4401"],
  "ws-drop-acks": ["ws-drop-acks"],
  "ws-silent": ["ws-silent"],
};

Deno.test("the matrix has every fault that the receiver can have", () => {
  assertEquals(Object.keys(SPECS), Object.keys(FAULTS));
});

const POSITIONS = ["first", "middle", "last"] as const;
const BATCHES = 3;
const BATCH_EVENTS = 10;

const ROWS = Object.values(SPECS).flat().flatMap((fault) =>
  POSITIONS.map((position, at) => ({ fault, position, at }))
);

/** Runs a pass that a hanging server cannot keep for ever. */
async function drainWith(delivery: RealDelivery, fault: string, at: number) {
  const { faults, log } = delivery.server.receiver;
  const abort = new AbortController();
  let batches = 0;
  const begin = () => {
    if (batches === at) faults.set(fault);
  };
  begin();
  const draining = delivery.drain({
    signal: abort.signal,
    onProgress: () => {
      batches++;
      begin();
    },
  });
  if (fault === "hang") {
    await waitUntil(
      "a request hangs",
      () => log.all().some(({ status }) => status === undefined),
    );
    abort.abort();
  }
  return await draining;
}

/** What only these may say about an event alone makes it a dead letter. */
const FINAL: readonly string[] = ["error=409", "error=413"];

/** Nothing is given up without cause. */
function assertSafe(delivery: RealDelivery, fault: string): void {
  const { dead, delivered } = delivery.counts();
  if (!FINAL.includes(fault)) assertEquals(dead, {}, fault);
  // What the queue takes for delivered is there.
  const rows = delivery.queue.store.db.all<{ id: string }>(
    `SELECT event_id AS id FROM events JOIN deliveries USING (seq)
      WHERE state IN ('delivered', 'duplicate')`,
  );
  const stored = new Set(delivery.stored);
  assertEquals(rows.length, delivered);
  for (const { id } of rows) assert(stored.has(id), `${fault}: ${id}`);
}

Deno.test.each(ROWS)(
  "$fault on the $position batch loses nothing and doubles nothing",
  async ({ fault, at }) => {
    await using delivery = await realDelivery({ maxEvents: BATCH_EVENTS });
    const { faults } = delivery.server.receiver;
    const ids = [
      ...delivery.emit(9),
      ...delivery.emit(1, "TaskSeen"),
      ...delivery.emit(9),
      ...delivery.emit(1, "TaskCreated"),
      ...delivery.emit(9),
      ...delivery.emit(1, "TaskTimed"),
    ];
    assertEquals(ids.length, BATCHES * BATCH_EVENTS);
    await drainWith(delivery, fault, at);
    assertSafe(delivery, fault);
    faults.set();
    const nowMs = delivery.host.clock.now();
    replayDead(delivery.queue.store, {}, { actor: "ada", nowMs });
    for (let pass = 0; pass < 3; pass++) {
      delivery.aheadMs += DAY_MS;
      await delivery.drain();
    }
    assertEquals(delivery.stored.toSorted(), [...ids].toSorted());
    const counts = delivery.counts();
    assertEquals(residueOf(counts) + counts.pendingRemote, 0);
    assertEquals([counts.parked, counts.dead], [{}, {}]);
    assertEquals(counts.delivered, ids.length);
    assertSafe(delivery, fault);
  },
);
