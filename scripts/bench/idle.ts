/** What an idle daemon costs: CPU, memory and wake-ups, beside others. */

import { startDaemon, type Started } from "#support/population.ts";
import { makeSandbox } from "#support/sandbox.ts";
import type { Comparison, Figure, Other, Unmeasured } from "./figure.ts";
import { startIdlePeers } from "./idle_peers.ts";
import { type Waits, waitsBetween } from "./thread_waits.ts";

const IDLE_SECONDS = 10;

/** What a process has used. */
interface Usage {
  /** Hundredths of a second of CPU time. */
  readonly ticks: number;
  /** How often each of its threads has waited for something. */
  readonly waits: Waits;
}

async function usageOf(pid: number): Promise<Usage> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const waits = new Map<string, number>();
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/status`);
    const count = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1];
    waits.set(name, Number(count));
  }
  return { ticks: Number(fields[11]) + Number(fields[12]), waits };
}

async function memory(pid: number, key: "Pss" | "Rss"): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  const match = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text);
  return Number(match?.[1]) / 1024;
}

const pause = (seconds: number) =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Hundredths of a second of CPU time and waits of each in the same seconds. */
async function watch(
  pids: readonly number[],
): Promise<readonly { readonly ticks: number; readonly waits: number }[]> {
  const before = await Promise.all(pids.map(usageOf));
  await pause(IDLE_SECONDS);
  const after = await Promise.all(pids.map(usageOf));
  const none: Usage = { ticks: 0, waits: new Map() };
  return after.map(({ ticks, waits }, at) => {
    const then = before[at] ?? none;
    return {
      ticks: ticks - then.ticks,
      waits: waitsBetween(then.waits, waits),
    };
  });
}

function comparison(
  name: string,
  unit: string,
  [ours, ...theirs]: readonly Other[],
): Comparison {
  return { name, unit, ours: ours?.value ?? NaN, theirs };
}

/** Measures idle daemons. */
export async function benchIdle(): Promise<
  readonly (Comparison | Figure | Unmeasured)[]
> {
  if (Deno.build.os !== "linux") {
    return [{ name: "idle daemon", reason: "needs /proc" }];
  }
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  // Only a first one compiles its code; Deno keeps that.
  await (await startDaemon(sandbox))[Symbol.asyncDispose]();
  const first = stack.use(await startDaemon(sandbox));
  const { peers, missing } = await startIdlePeers(sandbox.directory, stack);
  const all = [{ name: "reeve", pid: first.pid }, ...peers];
  await pause(2);
  const rss = await memory(first.pid, "Rss");
  const used = await watch(all.map(({ pid }) => pid));
  const memories = await Promise.all(all.map(({ pid }) => memory(pid, "Rss")));
  const each = (value: (at: number) => number) =>
    all.map(({ name }, at) => ({ name, value: value(at) }));
  const compared = [
    comparison("resident memory", "MiB", each((at) => memories[at] ?? NaN)),
    comparison(
      `CPU time in ${IDLE_SECONDS} s`,
      "ms",
      each((at) => (used[at]?.ticks ?? NaN) * 10),
    ),
    comparison(
      "waits of its threads a second",
      "",
      each((at) => (used[at]?.waits ?? NaN) / IDLE_SECONDS),
    ),
  ];
  const daemons: Started[] = [first];
  for (let count = 1; count < 18; count++) {
    daemons.push(stack.use(await startDaemon(sandbox)));
  }
  await pause(2);
  const pss = await Promise.all(daemons.map(({ pid }) => memory(pid, "Pss")));
  return [
    {
      name: "idle daemon: CPU ticks in 10 s",
      value: used[0]?.ticks ?? NaN,
      limit: 0,
      unit: "ticks",
    },
    { name: "idle daemon: RSS alone", value: rss, limit: 45, unit: "MiB" },
    {
      name: "idle daemon: PSS each among 18, the largest",
      value: Math.max(...pss),
      limit: 14,
      unit: "MiB",
    },
    ...compared,
    ...missing,
  ];
}
