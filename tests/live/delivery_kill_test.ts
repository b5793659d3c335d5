/**
 * Processes that end without warning while they deliver, at every step: the
 * next one brings queue and server to agree, with each event once.
 */

import { assert, assertEquals } from "@std/assert";
import { type RealDelivery, realDelivery } from "#support/real_delivery.ts";
import { startQueueProgram } from "#support/real_queue.ts";
import { residueOf } from "../../src/queue/counts.ts";

const EVENTS = 25;
const MAX_EVENTS = 10;

interface Run {
  /** Signal that ended it, if one did. */
  readonly signal: string | null;
  /** Steps that it took, if it came to its end. */
  readonly steps: number | undefined;
}

/** Delivers in a process of its own, which may end in the middle. */
async function deliverElsewhere(
  { queue, server }: RealDelivery,
  when: { readonly killAt?: number; readonly inFlightMs?: number },
): Promise<Run> {
  const { url, token, workspace } = server;
  const child = startQueueProgram("delivers_until_killed", {
    root: queue.root,
    url,
    token,
    workspace,
    maxEvents: MAX_EVENTS,
    killAt: 0,
    ...when,
  });
  const text = await new Response(child.stdout).text();
  const { signal } = await child.status;
  const steps = text === "" ? undefined : Number(JSON.parse(text).steps);
  return { signal, steps };
}

/** The next pass delivers the rest, and nothing is there twice or missing. */
async function assertHealed(delivery: RealDelivery, ids: readonly string[]) {
  const { db } = delivery.queue.store;
  assertEquals(db.get("PRAGMA integrity_check"), { "integrity_check": "ok" });
  const before = new Set(delivery.stored);
  const closed = db.all<{ id: string }>(
    `SELECT event_id AS id FROM events JOIN deliveries USING (seq)
      WHERE is_open = 0`,
  );
  for (const { id } of closed) assert(before.has(id), "it was not there");
  const report = await delivery.drain();
  assertEquals(report.stoppedBecause, "done");
  assertEquals(delivery.stored.toSorted(), [...ids].toSorted());
  const counts = delivery.counts();
  assertEquals([residueOf(counts), counts.delivered], [0, EVENTS]);
  const open = db.get<{ n: number }>(
    "SELECT count(*) AS n FROM batches WHERE outcome IS NULL",
  );
  assertEquals(open, { n: 0 });
}

const SEEDS = 50;

/** Steps of a delivery that nobody disturbs. */
async function countSteps(): Promise<number> {
  await using delivery = await realDelivery();
  delivery.emit(EVENTS);
  const { steps = 0 } = await deliverElsewhere(delivery, {});
  assertEquals(delivery.stored.length, EVENTS);
  return steps;
}

Deno.test("a kill at any step of a delivery loses and doubles nothing", async () => {
  const steps = await countSteps();
  assert(steps > SEEDS, `${steps}`);
  let inFlight = 0;
  let unknown = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    await using delivery = await realDelivery();
    const ids = delivery.emit(EVENTS);
    const killAt = 1 + Math.floor(seed * steps / SEEDS);
    const { signal } = await deliverElsewhere(delivery, { killAt });
    assertEquals(signal, "SIGKILL", `step ${killAt} of ${steps}`);
    const { inflight, delivered } = delivery.counts();
    if (inflight > 0) inFlight++;
    if (delivery.stored.length > delivered) unknown++;
    await assertHealed(delivery, ids);
  }
  // The moments that matter were among them.
  assert(inFlight >= 5 && unknown >= 3, `${inFlight} ${unknown}`);
});

Deno.test("a kill between a request and its answer loses and doubles nothing", async () => {
  for (let seed = 0; seed < 12; seed++) {
    await using delivery = await realDelivery({
      faults: seed % 2 === 0 ? [] : ["slow=3"],
    });
    const ids = delivery.emit(EVENTS);
    const when = { inFlightMs: seed / 2 };
    const { signal } = await deliverElsewhere(delivery, when);
    assertEquals(signal, "SIGKILL");
    delivery.server.receiver.faults.set();
    await assertHealed(delivery, ids);
  }
});

Deno.test("kills again and again still come to an end", async () => {
  await using delivery = await realDelivery();
  const ids = delivery.emit(EVENTS);
  const steps = await countSteps();
  for (let kill = 1; kill <= 12; kill++) {
    const killAt = 20 + (kill * 37) % (steps - 20);
    await deliverElsewhere(delivery, { killAt });
  }
  await assertHealed(delivery, ids);
});
