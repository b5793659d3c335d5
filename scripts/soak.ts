// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Starts, upgrades, kills and events in a loop for half an hour; exits with 1
 * when memory, open files or processes grow.
 *
 * Run with `deno task soak`.
 */

import { build } from "./build.ts";
import {
  type Given,
  runScript,
  ScriptError,
  type Usage,
  USAGE_EXIT,
} from "./run_script.ts";
import type { Soak } from "./faults/soak_loop.ts";

/** Time between two lines, in minutes. */
const SHOW_EVERY = 0.5;

const USAGE: Usage = {
  run: "deno task soak",
  does: "Starts, upgrades, kills and events in a loop; exits with 1 when " +
    "memory, open files or processes grow.",
  flags: { "minutes": { takes: "N", does: "How long [default: 30]." } },
};

function readMinutes(given: Given): number {
  const minutes = Number(given.last("minutes") ?? 30);
  if (minutes > 0) return minutes;
  throw new ScriptError("--minutes takes a number above 0", USAGE_EXIT);
}

async function main(given: Given): Promise<number> {
  const limit = readMinutes(given);
  const directory = await Deno.makeTempDir({ prefix: "reeve-soak-" });
  try {
    // The loop runs the bundle that ships.
    Deno.env.set("REEVE_TEST_MAIN", await build(`${directory}/dist`));
    const { soak } = await import("./faults/soak_loop.ts");
    const { memoryText } = await import("./faults/soak_verdict.ts");
    let shown = -SHOW_EVERY;
    const result = await soak(
      (_rounds, minutes) => minutes >= limit,
      ({ minutes, rssKib, files, processes, rounds }) => {
        if (minutes - shown < SHOW_EVERY) return;
        shown = minutes;
        console.log(
          `${minutes.toFixed(1)} min, ${rounds} rounds: ${rssKib} KiB, ` +
            `${files} files, ${processes} daemons`,
        );
      },
    );
    return tell(result, memoryText(result.peaksKib, result.trend));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Says how it went, and gives the exit code. */
function tell(soak: Soak, memory: string): number {
  const { rssSlope, fileSlope, problems, delivered, lost } = soak;
  console.log(
    `In short: ${memory}; ${delivered} events delivered, ${lost} lost.\n` +
      `Slope over the second half: ${rssSlope.toFixed(1)} KiB and ` +
      `${fileSlope.toFixed(2)} files a minute.`,
  );
  for (const problem of problems) console.log(`Not flat: ${problem}`);
  return problems.length === 0 && lost === 0 ? 0 : 1;
}

await runScript(USAGE, main);
