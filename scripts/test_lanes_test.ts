import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { laneCount, portsOf, runInLanes } from "./test_lanes.ts";

Deno.test.each([
  { processors: 1, lanes: 1 },
  { processors: 2, lanes: 2 },
  { processors: 64, lanes: 4 },
  { processors: 0, lanes: 1 },
])("$processors processors make $lanes lanes", ({ processors, lanes }) => {
  assertEquals(laneCount(processors), lanes);
});

Deno.test("no two lanes share a port, and each has enough of them", () => {
  for (const lanes of [1, 2, 3, 4]) {
    const ranges = Array.from({ length: lanes }, (_, lane) => {
      const [first = 0, last = 0] = portsOf(lane, lanes).split("-").map(Number);
      assert(last - first >= 2500);
      return { first, last };
    });
    assertEquals(ranges[0]?.first, 20_000);
    for (const [at, { last }] of ranges.entries()) {
      assertEquals(ranges[at + 1]?.first ?? last + 1, last + 1);
      assert(last < 32_000);
    }
  }
});

Deno.test("each file runs once, and no lane runs two at the same time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.scheduler(),
      async (count, lanes, scheduler) => {
        const files = Array.from({ length: count }, (_, n) => `${n}_test.ts`);
        const busy = new Set<number>();
        let most = 0;
        const running = runInLanes(files, lanes, async (file, lane) => {
          assert(!busy.has(lane));
          busy.add(lane);
          most = Math.max(most, busy.size);
          await scheduler.schedule(Promise.resolve());
          busy.delete(lane);
          return `ran ${file}`;
        });
        const ended = await scheduler.waitFor(running);
        assertEquals(
          ended.map(({ file }) => file).toSorted(),
          files.toSorted(),
        );
        assert(ended.every(({ file, result }) => result === `ran ${file}`));
        assertEquals(most, Math.min(count, lanes));
      },
    ),
  );
});
