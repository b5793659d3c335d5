/**
 * Networks and servers that fail in any order.
 *
 * @module
 */

import { type RealDelivery, realDelivery } from "#support/real_delivery.ts";
import { residueOf } from "../../src/queue/counts.ts";
import { replayDead } from "../../src/queue/dead.ts";
import {
  type Fault,
  inParallel,
  numbersFrom,
  Tally,
  wantedOf,
} from "./fault.ts";

const DAY_MS = 24 * 3_600_000;

/** What a server or what is before it may do to the next requests. */
const TROUBLES: readonly string[] = [
  "clock-skew=86400",
  "clock-skew=-86400",
  "drop-after-commit:1",
  "drop-after-commit=502:1",
  "drop-before-commit:1",
  "drop-before-commit=502:2",
  "duplicate-results:2",
  ...[401, 402, 403, 404, 408, 409, 412, 413, 418, 422, 426, 500, 503]
    .map((status) => `error=${status}:1`),
  "hang",
  "html:1",
  "max-bytes=3000:2",
  "max-events=3:2",
  "missing-results:1",
  "not-admitted:1",
  "pending:1",
  "poison=TaskSeen:2",
  "poison-results=TaskSeen:2",
  "protocol:1",
  "redirect:1",
  "slow=5:2",
  "throttle=1:1",
  "throttle=3600:1",
  "unknown-status:1",
];

const TYPES = ["TaskChanged", "TaskChanged", "TaskCreated", "TaskSeen"];

type Next = (limit: number) => number;

/** A pass that a hanging server does not keep. */
async function pass(delivery: RealDelivery, hangs: boolean): Promise<void> {
  const abort = new AbortController();
  const timer = hangs ? setTimeout(() => abort.abort(), 30) : undefined;
  try {
    await delivery.drain({ signal: abort.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function playHistory(next: Next, tally: Tally): Promise<void> {
  await using delivery = await realDelivery({ maxEvents: 4 + next(8) });
  const { faults } = delivery.server.receiver;
  // A newer snapshot takes the place and the id of one that waits.
  const ids = new Set<string>();
  for (let step = 3 + next(6); step > 0; step--) {
    for (let batch = next(3); batch >= 0; batch--) {
      const type = TYPES[next(TYPES.length)];
      for (const id of delivery.emit(1 + next(6), type)) ids.add(id);
    }
    const troubles = Array.from(
      { length: next(3) },
      () => TROUBLES[next(TROUBLES.length)] ?? "hang",
    );
    faults.set(...troubles);
    for (const trouble of troubles) tally.see(trouble.replace(/[=:].*$/, ""));
    await pass(delivery, troubles.includes("hang"));
    delivery.aheadMs += [0, 1000, 60_000, DAY_MS][next(4)] ?? 0;
    assertTrue(delivery, tally);
  }
  faults.set();
  for (let last = 0; last < 3; last++) {
    const nowMs = delivery.host.clock.now();
    replayDead(delivery.queue.store, {}, { actor: "ada", nowMs });
    delivery.aheadMs += DAY_MS;
    await delivery.drain();
  }
  assertTrue(delivery, tally);
  assertAll(delivery, ids, tally);
}

/** What the queue takes for delivered is at the server. */
function assertTrue({ queue, stored }: RealDelivery, tally: Tally): void {
  const there = new Set(stored);
  const missing = queue.store.db.all<{ id: string }>(
    `SELECT event_id AS id FROM events JOIN deliveries USING (seq)
      WHERE state IN ('delivered', 'duplicate')`,
  ).filter(({ id }) => !there.has(id));
  tally.lost += missing.length;
  if (missing.length > 0) throw new Error("the server does not have them all");
}

function assertAll(
  delivery: RealDelivery,
  ids: ReadonlySet<string>,
  tally: Tally,
): void {
  const { stored } = delivery;
  const there = new Set(stored);
  const missing = [...ids].filter((id) => !there.has(id)).length;
  tally.lost += missing;
  tally.see("events emitted", ids.size);
  tally.see("events at the server", there.size);
  if (missing > 0) throw new Error(`${missing} events never arrived`);
  if (there.size !== stored.length) throw new Error("an event is there twice");
  if (there.size !== ids.size) throw new Error("an event is nobody's");
  const counts = delivery.counts();
  const left = residueOf(counts) + counts.pendingRemote;
  if (left > 0) throw new Error(`${left} events are left in the queue`);
}

/** Random histories of a network. */
export const networkHistories: Fault = {
  id: "F13",
  title: "server and network fail in any order",
  promise: "every event is at the server exactly once in the end, and the " +
    "queue never takes one for delivered that is not there",
  how: "A real queue delivers to the reference receiver over real sockets " +
    "while a random history of its faults goes on: connections cut before and " +
    "after a commit, silence, every refusal, half and double answers, portals, " +
    "wrong clocks. Then the faults end and the clock goes on.",
  atLeast: { short: 40, long: 1000 },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    const seeds = Array.from({ length: wanted }, (_, at) => at + 1);
    await inParallel(seeds, 3, async (seed) => {
      await tally.attempt(
        `history ${seed}`,
        () => playHistory(numbersFrom(seed), tally),
      );
      options.onProgress(tally.tried, wanted);
    });
    return tally.result(wanted);
  },
};
