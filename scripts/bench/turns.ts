/** Times commands in turn, so that noise meets all of them alike. */

import { median } from "./figure.ts";

/** A command to be timed. */
export interface Timed {
  /** How it is called in the results. */
  readonly name: string;
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** Variables beside those of the bench. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Rounds that only warm up. */
const WARM_UP = 2;

/** Runs a command once; milliseconds until it has ended. */
async function time({ words, env }: Timed): Promise<number> {
  const [name = "", ...args] = words;
  const command = new Deno.Command(name, {
    args,
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  const start = performance.now();
  await command.output();
  return performance.now() - start;
}

/** Times commands; the median of each, in their order. */
export async function timeInTurns(
  commands: readonly Timed[],
  runs: number,
): Promise<readonly { readonly name: string; readonly value: number }[]> {
  const times: number[][] = commands.map(() => []);
  for (let run = 0; run < runs + WARM_UP; run++) {
    for (const [at, command] of commands.entries()) {
      const took = await time(command);
      if (run >= WARM_UP) times[at]?.push(took);
    }
  }
  return commands.map(({ name }, at) => ({
    name,
    value: median(times[at] ?? []),
  }));
}
