/**
 * Clocks that jump, and logs that grow.
 *
 * @module
 */

import { makeRoot, RealQueue, realQueueHost } from "#support/real_queue.ts";
import { LOG_MAX_BYTES, LOG_MAX_FILES } from "../../src/host/daemon_log.ts";
import { optIn } from "../../src/queue/consent.ts";
import { type Fault, numbersFrom, Tally, wantedOf } from "./fault.ts";

const START = Date.UTC(2026, 2, 29, 0, 59, 30);
const HOUR = 3_600_000;
const JUMPS = [
  0,
  1,
  60_000,
  HOUR,
  -HOUR,
  8 * HOUR,
  24 * HOUR,
  -24 * HOUR,
  10 * 365 * 24 * HOUR,
  -10 * 365 * 24 * HOUR,
];

async function jumpAbout(seed: number, tally: Tally): Promise<void> {
  const next = numbersFrom(seed);
  await using root = await makeRoot();
  let nowMs = START;
  const clock = { now: () => nowMs, elapsed: () => performance.now() };
  const host = { ...realQueueHost, clock };
  using queue = new RealQueue(root.path, { host, durability: "relaxed" });
  optIn(queue.store, "ada", nowMs);
  const emitted: string[] = [];
  const delivered: string[] = [];
  for (let step = 0; step < 25; step++) {
    nowMs += JUMPS[next(JUMPS.length)] ?? 0;
    tally.see("jumps");
    for (let count = next(3); count >= 0; count--) {
      const outcome = queue.emitter.emit("TaskChanged", {
        aggregateId: "a",
        payload: { n: step },
      });
      if (outcome.kind !== "captured") throw new Error(outcome.kind);
      emitted.push(outcome.eventId);
    }
    if (next(4) === 0) delivered.push(...queue.deliverAll());
  }
  nowMs += 24 * HOUR;
  delivered.push(...queue.deliverAll());
  const missing = emitted.filter((id) => !delivered.includes(id)).length;
  tally.lost += missing;
  tally.see("events emitted", emitted.length);
  if (missing > 0) throw new Error(`${missing} events were not delivered`);
  if (emitted.join() !== delivered.join()) throw new Error("out of order");
}

/** Clocks that jump. */
export const jumpingClocks: Fault = {
  id: "F9",
  title: "the clock goes back, jumps ahead or sleeps",
  promise: "no event is lost, doubled or out of order",
  how: "A real queue under a clock that a random history moves by an hour, a " +
    "day and ten years in both directions, between emissions and deliveries. " +
    "Idle time is measured by a clock that only goes on; a machine that " +
    "really sleeps was not tried.",
  atLeast: { short: 15, long: 500 },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    for (let seed = 1; seed <= wanted; seed++) {
      await tally.attempt(`history ${seed}`, () => jumpAbout(seed, tally));
      options.onProgress(tally.tried, wanted);
    }
    return tally.result(wanted);
  },
};

/** A line of the program that writes a log. */
const LINE_BYTES = 1000;

async function writeLog(mebibytes: number, tally: Tally): Promise<void> {
  await using root = await makeRoot();
  const program = new URL(
    "../../tests/programs/writes_a_long_log.ts",
    import.meta.url,
  );
  const lines = Math.round(mebibytes * LOG_MAX_BYTES / LINE_BYTES);
  const path = `${root.path}/daemon.log`;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", program.pathname, path, `${lines}`],
    stdin: "null",
  }).output();
  if (code !== 0) throw new Error(`the program ended with ${code}`);
  let bytes = 0;
  for await (const { name } of Deno.readDir(root.path)) {
    bytes += (await Deno.stat(`${root.path}/${name}`)).size;
  }
  tally.see("lines logged", lines);
  tally.see("bytes left on the disk", bytes);
  const cap = LOG_MAX_BYTES * LOG_MAX_FILES;
  if (bytes > cap * 1.05) throw new Error(`${bytes} bytes, not ${cap}`);
  const last = await Deno.readTextFile(path);
  if (!last.includes(`line ${lines - 1} of many`)) {
    throw new Error("the last line is not there");
  }
}

/** Logs that grow. */
export const growingLogs: Fault = {
  id: "F14",
  title: "a daemon logs without end",
  promise: "the log keeps its cap and its last line",
  how: "A program writes a daemon's log far beyond its cap; the directory is " +
    "measured.",
  atLeast: { short: 1, long: 3 },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    while (tally.tried < wanted) {
      const mebibytes = options.isLong ? 300 : 12;
      await tally.attempt("a log", () => writeLog(mebibytes, tally));
      options.onProgress(tally.tried, wanted);
    }
    return tally.result(wanted);
  },
};
