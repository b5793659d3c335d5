/** What a command costs beside an empty program, in one interleaved run. */

import { RUN_FLAGS } from "../package_launcher.ts";
import { startDaemon } from "#support/population.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { type Figure, median } from "./figure.ts";

const RUNS = 25;

/** Runs a bundled program once and returns the milliseconds it took. */
async function time(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const start = performance.now();
  await new Deno.Command(Deno.execPath(), {
    args: [...RUN_FLAGS, ...args],
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - start;
}

/** Times programs in turn, so that noise meets all of them alike. */
async function timeAll(
  programs: readonly (readonly string[])[],
  env: Readonly<Record<string, string>>,
): Promise<readonly number[]> {
  const times: number[][] = programs.map(() => []);
  for (let run = 0; run < RUNS + 3; run++) {
    for (const [at, args] of programs.entries()) {
      const took = await time(args, env);
      if (run >= 3) times[at]?.push(took);
    }
  }
  return times.map(median);
}

/** Measures start-up of the bundled command line. */
export async function benchStartup(main: string): Promise<readonly Figure[]> {
  await using sandbox = await makeSandbox();
  const empty = `${sandbox.directory}/empty.js`;
  await Deno.writeTextFile(empty, "");
  const doctor = [main, "auth", "doctor", "--json"];
  const [floor = NaN, help = NaN, bare = NaN] = await timeAll(
    [[empty], [main, "--help"], doctor],
    sandbox.env,
  );
  await using stack = new AsyncDisposableStack();
  for (let count = 0; count < 18; count++) {
    stack.use(await startDaemon(sandbox, { version: "3.2.2" }));
  }
  const [floor18 = NaN, live18 = NaN] = await timeAll(
    [[empty], doctor],
    sandbox.env,
  );
  const figure = (name: string, took: number, base: number, limit: number) => ({
    name,
    value: took / base,
    limit,
    unit: "× an empty program",
    note: `${took.toFixed(1)} ms against ${base.toFixed(1)} ms`,
  });
  return [
    figure("reeve --help", help, floor, 1.6),
    figure("auth doctor --json, empty range", bare, floor, 2.5),
    figure("auth doctor --json, 18 live daemons", live18, floor18, 3.5),
  ];
}
