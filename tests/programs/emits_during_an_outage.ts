/**
 * Emits so many events although nothing ever leaves, and prints what became of
 * them and how much memory it took. Argument: JSON with `root`, `count`,
 * `batch`, `bytes`.
 */
import { RealQueue } from "../support/real_queue.ts";
import { optIn } from "../../src/queue/consent.ts";
import { countQueue } from "../../src/queue/counts.ts";

const { root, count, batch, bytes } = JSON.parse(Deno.args[0] ?? "");
using queue = new RealQueue(root, {
  durability: "relaxed",
  limits: { minFreeBytes: 0 },
});
optIn(queue.store, "ada", Date.now());

const text = "x".repeat(bytes);
const outcomes: Record<string, number> = {};
const memory: number[] = [];
const start = performance.now();
for (let n = 0; n < count; n += batch) {
  if (n % 10_000 === 0) memory.push(Deno.memoryUsage().rss);
  const events = Array.from({ length: batch }, (_, k) => ({
    type: "TaskChanged",
    aggregateId: `t${(n + k) % 100}`,
    payload: { n: n + k, text },
  }));
  for (const { kind } of queue.emitter.emitBatch(events)) {
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  }
}
const tookMs = performance.now() - start;
let disk = 0;
for (const { name } of Deno.readDirSync(queue.paths.directory)) {
  disk += Deno.statSync(`${queue.paths.directory}/${name}`).size;
}
const counts = countQueue(queue.host, queue.store);
const { warnings, spilled } = queue;
const told = { outcomes, memory, tookMs, disk, counts, warnings };
const line = JSON.stringify({ ...told, spilled: spilled.length });
Deno.stdout.writeSync(new TextEncoder().encode(line));
