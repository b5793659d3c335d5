/** What an idle daemon costs: CPU ticks, resident and proportional memory. */

import { startDaemon, type Started } from "#support/population.ts";
import { makeSandbox } from "#support/sandbox.ts";
import type { Figure, Unmeasured } from "./figure.ts";

const IDLE_SECONDS = 10;

async function ticks(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function memory(pid: number, key: "Pss" | "Rss"): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  const match = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text);
  return Number(match?.[1]) / 1024;
}

/** Measures idle daemons. */
export async function benchIdle(): Promise<readonly (Figure | Unmeasured)[]> {
  if (Deno.build.os !== "linux") {
    return [{ name: "idle daemon", reason: "needs /proc" }];
  }
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startDaemon(sandbox));
  const settle = () => new Promise((resolve) => setTimeout(resolve, 2000));
  await settle();
  const rss = await memory(first.pid, "Rss");
  const before = await ticks(first.pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  const used = await ticks(first.pid) - before;
  const all: Started[] = [first];
  for (let count = 1; count < 18; count++) {
    all.push(stack.use(await startDaemon(sandbox)));
  }
  await settle();
  const pss = await Promise.all(all.map(({ pid }) => memory(pid, "Pss")));
  return [
    {
      name: "idle daemon: CPU ticks in 10 s",
      value: used,
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
  ];
}
