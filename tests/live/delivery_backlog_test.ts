// deno-lint-ignore-file no-console -- figures for whoever runs the test
/** A long time offline: a hundred thousand events at once. */

import { assert, assertEquals } from "@std/assert";
import { realDelivery } from "#support/real_delivery.ts";

const EVENTS = 100_000;
const BATCH = 1000;
const LIMIT_MS = 60_000;

Deno.test("a hundred thousand events are delivered within a minute", async () => {
  await using delivery = await realDelivery({ logLimit: 10 });
  const filling = performance.now();
  for (let at = 0; at < EVENTS; at += BATCH) delivery.emit(BATCH);
  const filledMs = performance.now() - filling;
  const before = performance.now();
  const report = await delivery.drain();
  const ms = performance.now() - before;
  assertEquals([report.stoppedBecause, report.accepted], ["done", EVENTS]);
  assertEquals(delivery.server.receiver.countEvents(), EVENTS);
  assertEquals(delivery.counts().delivered, EVENTS);
  assertEquals(report.duplicate, 0);
  const { rss } = Deno.memoryUsage();
  console.log(
    `filled in ${(filledMs / 1000).toFixed(1)} s, ` +
      `delivered in ${(ms / 1000).toFixed(1)} s ` +
      `(${Math.round(EVENTS / ms * 1000)} events/s), ` +
      `${Math.round(rss / 2 ** 20)} MiB with the receiver`,
  );
  assert(filledMs + ms < LIMIT_MS, `${filledMs + ms} ms`);
});
