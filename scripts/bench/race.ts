/** Many command lines at once, and two versions in turn. */

import { reeve, reeveCommand } from "#support/cli.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type Figure, median, quantile } from "./figure.ts";

async function startTimed(sandbox: Sandbox, version: string) {
  const start = performance.now();
  const args = ["daemon", "start", "--json"];
  const env = { REEVE_CLI_VERSION: version };
  const result = await reeve(sandbox, args, env);
  if (result.code !== 0) throw new Error(result.stdout + result.stderr);
  return { took: performance.now() - start, pid: Number(result.json.pid) };
}

async function countOwners(sandbox: Sandbox): Promise<number> {
  let owners = 0;
  for await (const entry of Deno.readDir(`${sandbox.root}/sync/daemon`)) {
    if (/^owner-\d+\.json$/.test(entry.name)) owners++;
  }
  return owners;
}

/** The same load without any of our work: what 50 empty programs take. */
async function timeFloor(sandbox: Sandbox): Promise<number> {
  const empty = `${sandbox.directory}/empty.js`;
  await Deno.writeTextFile(empty, "");
  const args = [...reeveCommand([]).slice(0, -1), empty];
  const times = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const start = performance.now();
      await new Deno.Command(Deno.execPath(), {
        args,
        env: { ...sandbox.env },
        stdin: "null",
      }).output();
      return performance.now() - start;
    }),
  );
  return quantile(times, 0.99);
}

/** Measures 50 starts at once and 200 alternations of an old and a new CLI. */
export async function benchRace(): Promise<readonly Figure[]> {
  await using sandbox = await makeSandbox();
  const floor = await timeFloor(sandbox);
  try {
    await startTimed(sandbox, "3.2.4");
    await reeve(sandbox, ["daemon", "stop"]);
    const starts = await Promise.all(
      Array.from({ length: 50 }, () => startTimed(sandbox, "3.2.4")),
    );
    const owners = await countOwners(sandbox);
    const pids = new Set(starts.map(({ pid }) => pid));
    const p99 = quantile(starts.map(({ took }) => took), 0.99);
    const alternated: number[] = [];
    const seen = new Set<number>();
    for (let turn = 0; turn < 200; turn++) {
      const version = turn % 2 === 0 ? "3.2.5" : "3.2.4";
      const { took, pid } = await startTimed(sandbox, version);
      seen.add(pid);
      alternated.push(took);
    }
    return [{
      name: "50 starts at once: owners",
      value: Math.max(owners, pids.size),
      limit: 1,
      unit: "owners",
    }, {
      name: "50 starts at once: p99",
      value: Math.round(p99),
      limit: 400,
      unit: "ms",
      note: `50 empty programs at once: p99 ${Math.round(floor)} ms`,
    }, {
      name:
        "200 alternations of 3.2.5 and 3.2.4: daemons ended after the first",
      value: seen.size - 1,
      limit: 0,
      unit: "daemons",
      note: `median ${median(alternated).toFixed(0)} ms a start`,
    }];
  } finally {
    await reeve(sandbox, ["daemon", "stop"]);
  }
}
