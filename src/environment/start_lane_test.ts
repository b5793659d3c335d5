import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { inTurns } from "./start_lane.ts";

Deno.test("inTurns() keeps the order and its limit, and works on everything", async () => {
  await fc.assert(fc.asyncProperty(
    fc.uniqueArray(fc.nat(), { maxLength: 12 }),
    fc.oneof(
      fc.integer({ min: 1, max: 6 }),
      fc.constant(Number.POSITIVE_INFINITY),
    ),
    async (items, limit) => {
      const begun: number[] = [];
      let now = 0;
      let most = 0;
      await inTurns(items, limit, async (item) => {
        begun.push(item);
        most = Math.max(most, ++now);
        for (let tick = 0; tick < item % 3; tick++) await Promise.resolve();
        now--;
      });
      assertEquals(begun, items);
      assert(most <= limit);
    },
  ));
});

Deno.test("inTurns() fails with what its work throws", async () => {
  const work = (item: number) =>
    item === 2 ? Promise.reject(new Error("two")) : Promise.resolve();
  await assertRejects(() => inTurns([1, 2, 3], 1, work), Error, "two");
});
