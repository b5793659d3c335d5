/** Hours without a server. */

import { assert, assertEquals } from "@std/assert";
import { makeRoot, startQueueProgram } from "#support/real_queue.ts";
import {
  DEFAULT_LIMITS,
  OVERFLOW_LIMIT_BYTES,
} from "../../src/queue/capacity.ts";
import type { QueueCounts } from "../../src/queue/counts.ts";

interface Told {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly memory: readonly number[];
  readonly tookMs: number;
  readonly disk: number;
  readonly spilled: number;
  readonly counts: QueueCounts;
  readonly warnings: readonly string[];
}

async function outage(input: {
  readonly count: number;
  readonly batch: number;
  readonly bytes: number;
}): Promise<Told> {
  await using root = await makeRoot();
  const child = startQueueProgram("emits_during_an_outage", {
    root: root.path,
    ...input,
  });
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** What the queue and the overflow file may hold, and a tenth more. */
const MOST_BYTES = 1.1 * (DEFAULT_LIMITS.maxBytes + OVERFLOW_LIMIT_BYTES);
const MIB = 1024 * 1024;

function checkBounds(
  { outcomes, disk, counts, spilled, warnings }: Told,
): void {
  const { captured = 0, spilled: toFile = 0, refused = 0 } = outcomes;
  assertEquals(counts.captured, captured);
  assertEquals(counts.ready, captured);
  assertEquals(spilled, toFile);
  assertEquals(counts.refused, refused);
  assert(disk <= MOST_BYTES, `${Math.round(disk / MIB)} MiB on the disk`);
  assertEquals(warnings.length, refused > 0 ? 2 : 1);
}

Deno.test("180,000 small events without a server stay within the limits, and all are accounted for", async () => {
  const told = await outage({ count: 180_000, batch: 50, bytes: 200 });
  const { outcomes, memory } = told;
  const { captured = 0, spilled = 0, refused = 0 } = outcomes;
  assertEquals(captured, DEFAULT_LIMITS.maxRows);
  assertEquals(captured + spilled + refused, 180_000);
  assert(spilled > 10_000 && refused > 10_000);
  checkBounds(told);
  // Flat: what the second half needs more than the first is noise.
  const half = memory.length / 2;
  const most = (part: readonly number[]) => Math.max(...part);
  const growth = most(memory.slice(half)) - most(memory.slice(0, half));
  assert(growth < 32 * MIB, `it grew by ${Math.round(growth / MIB)} MiB`);
});

Deno.test("large events without a server stay within the limits, and all are accounted for", async () => {
  const told = await outage({ count: 12_000, batch: 50, bytes: 40_000 });
  const { captured = 0, spilled = 0, refused = 0 } = told.outcomes;
  assertEquals(captured + spilled + refused, 12_000);
  assert(captured < 7000 && spilled > 300 && refused > 1000);
  checkBounds(told);
});
