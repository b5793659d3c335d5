// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Measures every promised figure and prints it beside its limit. Exits with 1
 * when one is over. Names as arguments choose: startup scan sweep race idle
 * reuse emit deliver exit jobs.
 *
 * Run with `deno task bench`.
 */

import { build } from "./build.ts";
import { type Figure, formatFigure, type Unmeasured } from "./bench/figure.ts";

type Bench = () => Promise<readonly (Figure | Unmeasured)[]>;

async function main(): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "reeve-bench-" });
  try {
    const main = await build(`${directory}/dist`);
    // The benches start daemons and commands from the bundle that ships.
    Deno.env.set("REEVE_TEST_MAIN", main);
    const { benchStartup } = await import("./bench/startup.ts");
    const { benchScan } = await import("./bench/scan.ts");
    const { benchSweep } = await import("./bench/sweep.ts");
    const { benchRace } = await import("./bench/race.ts");
    const { benchIdle } = await import("./bench/idle.ts");
    const { benchReuse } = await import("./bench/reuse.ts");
    const { benchEmit } = await import("./bench/emit.ts");
    const { benchDeliver } = await import("./bench/deliver.ts");
    const { benchExit } = await import("./bench/exit.ts");
    const { benchJobs } = await import("./bench/jobs.ts");
    const benches: Readonly<Record<string, Bench>> = {
      startup: () => benchStartup(main),
      scan: benchScan,
      sweep: benchSweep,
      race: benchRace,
      idle: benchIdle,
      reuse: benchReuse,
      emit: benchEmit,
      deliver: () => benchDeliver(main),
      exit: () => benchExit(main),
      jobs: benchJobs,
    };
    let over = 0;
    for (const [name, bench] of Object.entries(benches)) {
      if (Deno.args.length > 0 && !Deno.args.includes(name)) continue;
      console.log(name);
      for (const figure of await bench()) {
        if ("value" in figure && figure.value > figure.limit) over++;
        console.log(formatFigure(figure));
      }
    }
    console.log(over === 0 ? "All within limits." : `${over} over the limit.`);
    return over === 0 ? 0 : 1;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.exit(await main());
