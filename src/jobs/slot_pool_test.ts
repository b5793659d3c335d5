import { assert, assertEquals, assertThrows } from "@std/assert";
import { Busy, settle } from "#support/busy_worker.ts";
import { SlotPool } from "./slot_pool.ts";

const NEVER = new AbortController().signal;

Deno.test("take() gives a tenant alone all there is and never more", () => {
  const pool = new SlotPool(4);
  const slots = pool.slotsFor("a");
  assertEquals([slots.take(3), slots.take(3), slots.take(1)], [3, 1, 0]);
  assertEquals(pool.free, 0);
  slots.free(2);
  assertEquals(slots.take(9), 2);
});

Deno.test.each([{ wanted: 0 }, { wanted: -1 }])(
  "take() of $wanted takes nothing",
  ({ wanted }) => {
    const pool = new SlotPool(2);
    assertEquals(pool.slotsFor("a").take(wanted), 0);
    assertEquals(pool.free, 2);
  },
);

Deno.test("take() never goes over the tenant's own limit, over all its doors", () => {
  const pool = new SlotPool(9);
  const first = pool.slotsFor("a", { max: 3 });
  const second = pool.slotsFor("a", { max: 3 });
  assertEquals([first.take(2), second.take(9), first.take(1)], [2, 1, 0]);
  first.free(1);
  assertEquals(second.take(9), 1);
});

Deno.test("slotsFor() with a higher limit serves who waited for it", async () => {
  const pool = new SlotPool(2);
  const slots = pool.slotsFor("a", { max: 1 });
  slots.take(1);
  let isServed = false;
  slots.wait(NEVER).then(() => isServed = true);
  await settle();
  assert(!isServed);
  pool.slotsFor("a", { max: 2 });
  await settle();
  assert(isServed);
});

Deno.test("a tenant above its share gets nothing until another has its own", async () => {
  const pool = new SlotPool(4);
  const flood = new Busy(pool, "flood");
  flood.work();
  assertEquals(flood.running, 4);
  const late = new Busy(pool, "late");
  late.work();
  await flood.endOne();
  await flood.endOne();
  assertEquals([flood.running, late.running], [2, 2]);
  for (let turn = 0; turn < 20; turn++) await flood.endOne();
  assertEquals([flood.running, late.running], [2, 2]);
});

Deno.test("a tenant whose jobs are short keeps its share beside long ones", async () => {
  const pool = new SlotPool(4);
  const long = new Busy(pool, "long");
  const short = new Busy(pool, "short", { concurrency: 2 });
  long.work();
  short.work();
  await long.endOne();
  await long.endOne();
  for (let turn = 0; turn < 20; turn++) {
    await short.endOne();
    assertEquals([long.running, short.running], [2, 2]);
  }
});

Deno.test("weights decide with many slots and with one", async () => {
  const pool = new SlotPool(8);
  const light = new Busy(pool, "light");
  light.work();
  const heavy = new Busy(pool, "heavy", { limits: { weight: 3 } });
  heavy.work();
  for (let turn = 0; turn < 6; turn++) await light.endOne();
  assertEquals([light.running, heavy.running], [2, 6]);

  const narrow = new SlotPool(1);
  const one = new Busy(narrow, "one");
  const three = new Busy(narrow, "three", { limits: { weight: 3 } });
  one.work();
  three.work();
  for (let turn = 0; turn < 40; turn++) {
    await (one.running > 0 ? one : three).endOne();
  }
  assert(Math.abs(three.served - 3 * one.served) <= 3);
});

Deno.test("turns missed while idle are not made up for", async () => {
  const pool = new SlotPool(1);
  const early = new Busy(pool, "early");
  early.work();
  for (let turn = 0; turn < 50; turn++) await early.endOne();
  const late = new Busy(pool, "late");
  late.work();
  const before = early.served;
  for (let turn = 0; turn < 10; turn++) {
    await (early.running > 0 ? early : late).endOne();
  }
  assertEquals([early.served - before, late.served], [5, 5]);
});

Deno.test("two workers of a tenant take turns", async () => {
  const pool = new SlotPool(1);
  const flood = new Busy(pool, "a");
  flood.work();
  const late = new Busy(pool, "a");
  late.work();
  for (let turn = 0; turn < 9; turn++) {
    await (flood.running > 0 ? flood : late).endOne();
  }
  assertEquals([flood.served, late.served], [6, 4]);
});

Deno.test("wait() settles at once while there is a slot, and keeps it", async () => {
  const pool = new SlotPool(1);
  const slots = pool.slotsFor("a");
  await slots.wait(NEVER);
  assertEquals(pool.free, 0);
  assertEquals(pool.slotsFor("b").take(1), 0);
  assertEquals(slots.take(5), 1);
});

Deno.test("wait() settles on abort, before, while waiting and while a slot is kept", async () => {
  const pool = new SlotPool(1);
  const slots = pool.slotsFor("a");
  await slots.wait(AbortSignal.abort());
  assertEquals(pool.free, 1);

  const kept = new AbortController();
  await slots.wait(kept.signal);
  assertEquals(pool.free, 0);
  const other = pool.slotsFor("b");
  let isServed = false;
  other.wait(NEVER).then(() => isServed = true);
  await settle();
  assert(!isServed);
  kept.abort();
  await settle();
  assert(isServed);

  const waiting = new AbortController();
  const waited = slots.wait(waiting.signal);
  waiting.abort();
  await waited;
  assertEquals(other.take(1), 1);
  other.free(1);
  await settle();
  assertEquals(pool.free, 1);
});

Deno.test("an abort after take() gives nothing back twice", async () => {
  const pool = new SlotPool(1);
  const slots = pool.slotsFor("a");
  const stop = new AbortController();
  await slots.wait(stop.signal);
  assertEquals(slots.take(1), 1);
  stop.abort();
  assertEquals(pool.free, 0);
});

Deno.test("a signal that lives long is left alone after each wait", async () => {
  const pool = new SlotPool(1);
  const slots = pool.slotsFor("a");
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (
    ...args: Parameters<typeof removeEventListener>
  ) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  for (let turn = 0; turn < 3; turn++) {
    await slots.wait(signal);
    assertEquals(listeners, 1);
    slots.free(slots.take(1));
  }
  assertEquals(listeners, 0);
});

Deno.test("take() of less than is kept gives the rest to others", async () => {
  const pool = new SlotPool(1);
  const slots = pool.slotsFor("a");
  await slots.wait(NEVER);
  assertEquals(slots.take(0), 0);
  assertEquals(pool.free, 1);
});

Deno.test("free() refuses slots that were not taken at this door", () => {
  const pool = new SlotPool(2);
  const slots = pool.slotsFor("a");
  pool.slotsFor("a").take(1);
  assertThrows(() => slots.free(1), TypeError, "Cannot free 1 slots of 0");
});

Deno.test.each([{ total: 0 }, { total: 1.5 }, { total: NaN }])(
  "SlotPool refuses $total slots",
  ({ total }) => {
    assertThrows(() => new SlotPool(total), TypeError);
  },
);

Deno.test.each([
  { limits: { weight: 0 } },
  { limits: { weight: Infinity } },
  { limits: { max: 0 } },
])("slotsFor() refuses $limits", ({ limits }) => {
  const pool = new SlotPool(1);
  assertThrows(() => pool.slotsFor("a", limits), TypeError);
});
