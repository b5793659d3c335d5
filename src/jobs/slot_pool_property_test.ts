import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Busy, settle } from "#support/busy_worker.ts";
import { SlotPool } from "./slot_pool.ts";

type Step = {
  readonly do: "abort" | "free" | "take" | "wait";
  readonly door: number;
  readonly count: number;
};

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom("abort", "free", "take", "wait"),
    door: fc.nat(5),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  { maxLength: 60 },
);

Deno.test("whatever happens, no slot is given twice, lost, or free while somebody waits", async () => {
  const maxima = fc.array(fc.integer({ min: 1, max: 6 }), {
    minLength: 3,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      maxima,
      steps,
      async (total, maxima, steps) => {
        const pool = new SlotPool(total);
        const doors = Array.from({ length: 6 }, (_, index) => {
          const tenant = index % 3;
          const max = maxima[tenant] ?? 1;
          const slots = pool.slotsFor(`${tenant}`, { max });
          return {
            ...{ slots, tenant, max, taken: 0 },
            waits: [] as { stop: AbortController; isOver: boolean }[],
          };
        });
        const heldBy = (tenant: number) =>
          doors.filter((door) => door.tenant === tenant).reduce(
            (sum, { taken, waits }) =>
              sum + taken + waits.filter(({ isOver }) => isOver).length,
            0,
          );
        for (const step of steps) {
          const door = doors[step.door];
          assert(door !== undefined);
          if (step.do === "take") {
            door.taken += door.slots.take(step.count);
            // What was kept is taken now.
            door.waits = door.waits.filter(({ isOver }) => !isOver);
          }
          if (step.do === "free") {
            const count = Math.min(step.count, door.taken);
            door.taken -= count;
            door.slots.free(count);
          }
          if (step.do === "abort") door.waits.shift()?.stop.abort();
          if (step.do === "wait") {
            const wait = { stop: new AbortController(), isOver: false };
            door.slots.wait(wait.stop.signal).then(() => wait.isOver = true);
            door.waits.push(wait);
          }
          await settle();
          assertEquals(heldBy(0) + heldBy(1) + heldBy(2) + pool.free, total);
          for (const { tenant, max, waits } of doors) {
            assert(heldBy(tenant) <= max);
            const isHungry = waits.some(({ isOver }) => !isOver) &&
              heldBy(tenant) < max;
            assert(!isHungry || pool.free === 0, "a slot is idle");
          }
        }
        for (const door of doors) {
          for (const { stop } of door.waits) stop.abort();
          door.slots.free(door.taken);
        }
        assertEquals(pool.free, total);
      },
    ),
  );
});

Deno.test("whoever waits with no slot gets one after as many releases as there are tenants", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 2, max: 6 }),
      fc.array(fc.nat(1000), { minLength: 80, maxLength: 80 }),
      async (total, tenants, picks) => {
        const pool = new SlotPool(total);
        const all = Array.from(
          { length: tenants },
          (_, index) => new Busy(pool, `${index}`),
        );
        const missed = new Map<Busy, number>();
        for (const one of all) one.work();
        await settle();
        for (const pick of picks) {
          const running = all.filter((one) => one.running > 0);
          const one = running[pick % running.length];
          assert(one !== undefined);
          await one.endOne();
          for (const other of all) {
            const count = other.running > 0 ? 0 : (missed.get(other) ?? 0) + 1;
            missed.set(other, count);
            assert(count <= tenants, `${count} releases went by`);
          }
          const sum = all.reduce((sum, { running }) => sum + running, 0);
          assertEquals(sum, total);
        }
      },
    ),
  );
});

Deno.test("slots that move end where nobody has two more than another who wants them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 }),
      async (total, wants) => {
        const pool = new SlotPool(total);
        const all = wants.map((concurrency, index) =>
          new Busy(pool, `${index}`, { concurrency })
        );
        for (const one of all) one.work();
        await settle();
        for (let turn = 0; turn < 2 * total; turn++) {
          const most = all.toSorted((a, b) => b.running - a.running)[0];
          assert(most !== undefined);
          await most.endOne();
        }
        for (const [index, one] of all.entries()) {
          if (one.running === wants[index]) continue;
          for (const other of all) assert(other.running <= one.running + 1);
        }
      },
    ),
  );
});
