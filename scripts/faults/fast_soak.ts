/**
 * A long life in a short time.
 *
 * @module
 */

import { type Fault, Tally, wantedOf } from "./fault.ts";
import { soak } from "./soak_loop.ts";

/** Much use in a short time. */
export const fastSoak: Fault = {
  id: "F15",
  title: "starts, upgrades, kills and events in a loop",
  promise: "memory, open files and processes stay flat",
  how:
    "In one root daemons of five versions are started, handed over, killed " +
    "and cleaned; in another one daemon lives all the time while commands use " +
    "it and it delivers the events of a project. `deno task soak` does the " +
    "same for half an hour.",
  atLeast: { short: 6, long: 300 },
  unavailable: () =>
    Promise.resolve(Deno.build.os === "linux" ? undefined : "needs Linux"),
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    const { samples, rssSlope, fileSlope, problems, delivered, lost } =
      await soak(
        (rounds) => rounds >= wanted,
        ({ rounds }) => options.onProgress(rounds, wanted),
      );
    tally.tried = samples.length;
    tally.lost = lost;
    for (const problem of problems) tally.problem(problem);
    const last = samples.at(-1);
    tally.note(`${delivered} events delivered.`);
    tally.note(
      `Memory ${last?.rssKib} KiB, ${rssSlope.toFixed(0)} KiB a minute; ` +
        `${last?.files} files, ${fileSlope.toFixed(2)} a minute.`,
    );
    return tally.result(wanted);
  },
};
