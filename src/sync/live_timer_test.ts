import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { isLate, startTimer } from "./live_timer.ts";

Deno.test.each([
  { waitMs: 25_000, tookMs: 25_000, late: false },
  { waitMs: 25_000, tookMs: 50_000, late: false },
  { waitMs: 25_000, tookMs: 50_001, late: true },
  { waitMs: 10, tookMs: 5010, late: false },
  { waitMs: 10, tookMs: 5011, late: true },
  { waitMs: 25_000, tookMs: -1000, late: false },
])("isLate() of $waitMs ms that took $tookMs is $late", (row) => {
  assertEquals(isLate(row.waitMs, row.tookMs), row.late);
});

Deno.test.each([
  { name: "in time", jumpMs: 0, outcome: "due" },
  { name: "with the clock set back", jumpMs: -3_600_000, outcome: "due" },
  { name: "after a sleep", jumpMs: 3_600_000, outcome: "slept" },
])("startTimer() calls back $name", async ({ jumpMs, outcome }) => {
  const host = createFakeHost();
  const heard: string[] = [];
  startTimer(host, 10_000, {
    onDue: () => void heard.push("due"),
    onSlept: () => void heard.push("slept"),
  });
  host.world.clock.setWall(host.clock.now() + jumpMs);
  await host.world.advance(10_000);
  assertEquals(heard, [outcome]);
});

Deno.test("startTimer() is silent once it is disposed of", async () => {
  const host = createFakeHost();
  const heard: string[] = [];
  const onDue = () => void heard.push("due");
  startTimer(host, 10, { onDue, onSlept: onDue })[Symbol.dispose]();
  await host.world.advance(100);
  assertEquals(heard, []);
});
