/**
 * A pid that changes hands between two of our steps.
 *
 * @module
 */

import { canUnshare, forceReuses } from "../bench/reuse.ts";
import { type Fault, inParallel, Tally, wantedOf } from "./fault.ts";

/** Rounds of one namespace, so that progress can be told. */
const PORTION = 100;

/** Namespaces at once: a round mostly waits. */
const TOGETHER = 6;

/** With a handle on the process, and as on a machine without such handles. */
const WAYS: readonly (readonly string[])[] = [[], ["by_number"]];

/** Forced reuse of pids. */
export const pidReuse: Fault = {
  id: "F2",
  title: "a pid is reused between two steps",
  promise: "no innocent process gets a signal",
  how:
    "In a private pid namespace a process in the shape of a daemon ends and " +
    "its pid is forced onto an innocent of the same shape: before it is held, " +
    "before it is proved, and between SIGTERM and SIGKILL, with pidfds and " +
    "without. How each innocent ends in the end tells whether any signal " +
    "came before ours.",
  atLeast: { short: 200, long: 10_000 },
  async unavailable() {
    if (!await canUnshare()) return "needs the right to make a pid namespace";
    const perl = new Deno.Command("perl", { args: ["-e", "1"] }).output();
    return await perl.then(() => undefined, () => "needs perl");
  },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    const portions = Array.from(
      { length: Math.ceil(wanted / PORTION) },
      (_, at) => WAYS[at % WAYS.length] ?? [],
    );
    await inParallel(portions, TOGETHER, async (more) => {
      const [way = "by handle"] = more;
      const { rounds, hits, outcomes } = await forceReuses(PORTION, ...more);
      tally.tried += rounds;
      tally.wrongSignals += hits;
      for (const [what, count] of Object.entries(outcomes)) {
        tally.see(`${way.replace("_", " ")}, ${what}`, count);
      }
      options.onProgress(tally.tried, wanted);
    });
    return tally.result(wanted);
  },
};
