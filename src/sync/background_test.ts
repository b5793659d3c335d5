import { assert, assertEquals } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import type { QueueCounts } from "../queue/counts.ts";
import { Background, type BackgroundOptions } from "./background.ts";
import { emptyReport, type PassReport } from "./pass_report.ts";

const INTERVAL_MS = 300_000;
const GAP_MS = 5000;

/** A background whose passes a test plays. */
class Played {
  readonly world = new FakeWorld();
  /** When each pass began. */
  readonly begun: number[] = [];
  readonly reports: PassReport[] = [];
  readonly errors: unknown[] = [];
  gapMs = GAP_MS;
  /** How many passes run right now. */
  running = 0;
  pass: (signal: AbortSignal) => PassReport | Promise<PassReport> = emptyReport;
  readonly background: Background;

  constructor(options: Partial<BackgroundOptions> = {}) {
    this.background = new Background(this.world.host(), {
      pass: (signal) => this.#run(signal),
      intervalMs: INTERVAL_MS,
      gapMs: () => this.gapMs,
      onPass: (report) => void this.reports.push(report),
      onError: (error) => void this.errors.push(error),
      ...options,
    });
  }

  async #run(signal: AbortSignal): Promise<PassReport> {
    this.begun.push(this.world.clock.elapsed());
    this.running++;
    assertEquals(this.running, 1);
    try {
      return await this.pass(signal);
    } finally {
      this.running--;
    }
  }
}

function report(changes: Partial<PassReport> = {}): PassReport {
  return { ...emptyReport(), ...changes };
}

Deno.test("nothing happens before the first nudge or interval", async () => {
  const { world, begun, background } = new Played();
  await world.advance(INTERVAL_MS - 1);
  assertEquals(begun, []);
  await world.advance(2 * INTERVAL_MS + 1);
  assertEquals(begun, [INTERVAL_MS, 2 * INTERVAL_MS, 3 * INTERVAL_MS]);
  await background.stop();
});

Deno.test("nudges that come together are one pass", async () => {
  const { world, begun, background } = new Played();
  for (let nudge = 0; nudge < 50; nudge++) background.wake();
  await world.advance(60);
  background.wake();
  await world.advance(39);
  assertEquals(begun, []);
  await world.advance(1);
  assertEquals(begun, [100]);
  await world.advance(1000);
  assertEquals(begun.length, 1);
  await background.stop();
});

Deno.test("between two passes there is a gap, however often it is nudged", async () => {
  const { world, begun, background } = new Played();
  for (let at = 0; at < 160; at++) {
    background.wake();
    await world.advance(100);
  }
  assertEquals(begun, [100, 5100, 10_100, 15_100]);
  await background.stop();
});

Deno.test("without a gap a nudge counts at once", async () => {
  const played = new Played();
  const { world, begun, background } = played;
  played.gapMs = 0;
  background.wake();
  await world.advance(1);
  background.wake();
  await world.advance(1);
  assertEquals(begun, [1, 2]);
  await background.stop();
});

Deno.test("a nudge during a pass is one more pass afterwards", async () => {
  const played = new Played();
  const { world, begun, background } = played;
  const passing = Promise.withResolvers<void>();
  played.pass = async () => {
    await passing.promise;
    return report();
  };
  background.wake();
  await world.advance(100);
  assert(background.isRunning);
  for (let nudge = 0; nudge < 5; nudge++) background.wake();
  await world.advance(20_000);
  assertEquals(begun, [100]);
  passing.resolve();
  await world.advance(1);
  assert(!background.isRunning);
  await world.advance(GAP_MS);
  assertEquals(begun, [100, 25_100]);
  await world.advance(INTERVAL_MS - 2 * GAP_MS);
  assertEquals(begun.length, 2);
  await background.stop();
});

const START = new FakeWorld().clock.now();

function counts(nextRetryAt: number | undefined): QueueCounts {
  return { nextRetryAt } as QueueCounts;
}

Deno.test.each([
  { name: "a good pass", after: {}, waitMs: INTERVAL_MS },
  {
    name: "one that names a time",
    after: { nextAttemptAt: START + 60_100 },
    waitMs: 60_000,
  },
  {
    name: "one that names a time after the interval",
    after: { nextAttemptAt: START + 10 * INTERVAL_MS },
    waitMs: INTERVAL_MS,
  },
  {
    name: "one that names a time that is over",
    after: { nextAttemptAt: START - 60_000 },
    waitMs: 100,
  },
  {
    name: "one with a refused event",
    after: { counts: counts(START + 30_100) },
    waitMs: 30_000,
  },
  {
    name: "one with a refused event and an earlier time",
    after: { nextAttemptAt: START + 1100, counts: counts(START + 30_100) },
    waitMs: 1000,
  },
  {
    name: "one at its limit",
    after: { stoppedBecause: "limit" as const },
    waitMs: 10,
  },
  {
    name: "one at its deadline",
    after: { stoppedBecause: "deadline" as const },
    waitMs: 10,
  },
])("the pass after $name comes after $waitMs ms", async (row) => {
  const played = new Played();
  const { world, begun, background } = played;
  played.pass = () => begun.length === 1 ? report(row.after) : report();
  background.wake();
  await world.advance(100 + row.waitMs - 1);
  assertEquals(begun, [100]);
  await world.advance(1);
  assertEquals(begun, [100, 100 + row.waitMs]);
  await background.stop();
});

Deno.test.each(
  ["auth_required", "no_consent", "transport", "protocol", "busy"] as const,
)(
  "an event that is due makes no haste when a pass ends with %s",
  async (word) => {
    const played = new Played();
    const { world, begun, background } = played;
    played.pass = () =>
      report({
        stoppedBecause: word,
        nextAttemptAt: world.clock.now() + 60_000,
        counts: counts(START - 1),
      });
    background.wake();
    await world.advance(60_000);
    assertEquals(begun, [100]);
    await background.stop();
  },
);

Deno.test("a pass that throws is told, and the next one comes", async () => {
  const played = new Played();
  const { world, begun, errors, reports, background } = played;
  const error = new Error("the disk is gone");
  played.pass = () => {
    if (begun.length === 1) throw error;
    return report({ accepted: 5 });
  };
  background.wake();
  await world.advance(100);
  assertEquals([errors, reports.length], [[error], 0]);
  background.wake();
  await world.advance(GAP_MS);
  assertEquals(reports.map(({ accepted }) => accepted), [5]);
  await background.stop();
});

Deno.test("a listener that throws ends nothing", async () => {
  const played = new Played({
    onPass: () => {
      throw new Error("no ears");
    },
    onError: () => {
      throw new Error("no mouth");
    },
  });
  const { world, begun, background } = played;
  background.wake();
  await world.advance(100);
  background.wake();
  await world.advance(GAP_MS);
  assertEquals(begun, [100, 5100]);
  await background.stop();
});

Deno.test("stop() tells a pass under way and waits for it", async () => {
  const played = new Played();
  const { world, begun, background } = played;
  let wasTold = "no";
  played.pass = async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await world.clock.sleep(70);
    wasTold = "told and done";
    return report();
  };
  background.wake();
  await world.advance(100);
  background.wake();
  await background.stop();
  assertEquals([wasTold, world.clock.elapsed()], ["told and done", 170]);
  background.wake();
  await world.advance(10 * INTERVAL_MS);
  assertEquals(begun, [100]);
});

Deno.test("stop() before any pass, and a second time, is at once", async () => {
  const { world, begun, background } = new Played();
  background.wake();
  await Promise.all([background.stop(), background.stop()]);
  assertEquals(world.clock.elapsed(), 0);
  await world.advance(10 * INTERVAL_MS);
  assertEquals(begun, []);
});
