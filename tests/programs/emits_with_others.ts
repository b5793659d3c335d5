/**
 * Emits events as soon as its input ends, and prints what became of each.
 * Argument: JSON with `root`, `name`, `count`, `isOneLane`.
 */
import { RealQueue } from "../support/real_queue.ts";

function say(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

const { root, name, count, isOneLane } = JSON.parse(Deno.args[0] ?? "");
const queue = new RealQueue(root);
say("ready");
for await (const _ of Deno.stdin.readable);

const outcomes: { id: string; kind: string; reason: string }[] = [];
let slowestMs = 0;
for (let n = 0; n < count; n++) {
  const start = performance.now();
  const outcome = queue.emitter.emit("TaskChanged", {
    aggregateId: isOneLane ? "shared" : `${name}-${n % 7}`,
    payload: { n, text: `${name} says ${"x".repeat(200)}` },
  });
  slowestMs = Math.max(slowestMs, performance.now() - start);
  outcomes.push({
    id: "eventId" in outcome ? outcome.eventId : "",
    kind: outcome.kind,
    reason: "reason" in outcome ? outcome.reason : "",
  });
}
queue[Symbol.dispose]();
say(JSON.stringify({ outcomes, slowestMs }));
