/** A whole reset of 18 stale daemons, beside what one would type by hand. */

import { reeve } from "#support/cli.ts";
import { startDaemon, type Started } from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type Comparison, median, type Unmeasured } from "./figure.ts";
import { findProgram } from "./peer_programs.ts";

const DAEMONS = 18;
const RUNS = 3;

/** Starts daemons, ends them in one way and returns its milliseconds. */
async function timeEnd(
  act: (sandbox: Sandbox, pids: ReadonlySet<number>) => Promise<void>,
): Promise<number> {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const started: Started[] = [];
  for (let count = 0; count < DAEMONS; count++) {
    started.push(stack.use(await startDaemon(sandbox, { version: "3.2.2" })));
  }
  const pids = new Set(started.map(({ pid }) => pid));
  const start = performance.now();
  await act(sandbox, pids);
  await Promise.all(started.map(({ ended }) => ended));
  return performance.now() - start;
}

async function byReeve(sandbox: Sandbox): Promise<void> {
  await reeve(sandbox, ["auth", "doctor", "--reset", "--json"]);
}

/** `kill $(lsof -t -iTCP:… -sTCP:LISTEN)`, which asks nobody who they are. */
async function byHand(
  lsof: string,
  sandbox: Sandbox,
  ours: ReadonlySet<number>,
): Promise<void> {
  const range = `${sandbox.firstPort}-${sandbox.firstPort + 49}`;
  const args = ["-nP", "-t", `-iTCP:${range}`, "-sTCP:LISTEN"];
  const { stdout } = await new Deno.Command(lsof, { args }).output();
  const text = new TextDecoder().decode(stdout).trim();
  const pids = text.split("\n").filter((pid) => ours.has(Number(pid)));
  await new Deno.Command("sh", { args: ["-c", `kill ${pids.join(" ")}`] })
    .output();
}

/** Measures resets. */
export async function benchReset(): Promise<
  readonly (Comparison | Unmeasured)[]
> {
  const name = `a whole reset of ${DAEMONS} daemons, until all have ended`;
  const lsof = await findProgram("lsof");
  if ("reason" in lsof) return [{ name, reason: `lsof: ${lsof.reason}` }];
  const times: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    times[0].push(await timeEnd(byReeve));
    times[1].push(
      await timeEnd((sandbox, pids) => byHand(lsof.path, sandbox, pids)),
    );
  }
  const theirs = [{ name: "kill $(lsof -t …)", value: median(times[1]) }];
  return [{ name, ours: median(times[0]), theirs, unit: "ms" }];
}
