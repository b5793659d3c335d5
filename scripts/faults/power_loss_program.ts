/**
 * Emits events one by one, some into the overflow file, and says each that it
 * has acknowledged. Argument: the state root.
 *
 * @module
 */

import { killingHost, KillSwitch } from "#support/killing_host.ts";
import { RealQueue, realQueueHost } from "#support/real_queue.ts";

const EVENTS = 60;

// Never ends itself: it only keeps the queue busy.
const busy = new KillSwitch(0);
const host = killingHost(realQueueHost, busy);
const [root = ""] = Deno.args;
using queue = new RealQueue(root, { host, durability: "full" });
for (let n = 0; n < EVENTS; n++) {
  busy.isBusy = n % 5 === 4;
  const outcome = queue.emitter.emit("TaskChanged", {
    aggregateId: "t",
    payload: { n, text: "x".repeat(500) },
  });
  if (outcome.kind !== "captured" && outcome.kind !== "spilled") continue;
  const line = `kept ${outcome.eventId}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}
