/** What jobs cost on SQLite, and on Redis beside bare BullMQ. */

import type { Figure, Unmeasured } from "./figure.ts";

const SQLITE = new URL("./jobs_program.ts", import.meta.url).pathname;
const REDIS = new URL("./jobs_redis_program.ts", import.meta.url).pathname;

interface SqliteTook {
  readonly single: number;
  readonly bulk: number;
  readonly worked: number;
  readonly startStopMs: number;
  readonly idleTicks: number;
}

/** Jobs a second, ours and those of bare BullMQ. */
interface Beside {
  readonly ours: number;
  readonly bare: number;
}

interface RedisTook {
  readonly single: Beside;
  readonly bulk: Beside;
  readonly worked: Beside;
}

async function runProgram<T>(program: string): Promise<T> {
  const root = await Deno.makeTempDir({ prefix: "reeve-bench-jobs-" });
  try {
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", program, root],
    }).output();
    const text = new TextDecoder();
    if (!output.success) throw new Error(text.decode(output.stderr));
    return JSON.parse(text.decode(output.stdout));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function perSecond(name: string, rate: number, wanted: number): Figure {
  return {
    name: `${name}: time beside ${wanted.toLocaleString("en")} a second`,
    value: wanted / rate,
    limit: 1,
    unit: "×",
    note: `${Math.round(rate).toLocaleString("en")}/s`,
  };
}

function beside(name: string, { ours, bare }: Beside): Figure {
  const shown = [ours, bare].map((rate) =>
    `${Math.round(rate).toLocaleString("en")}/s`
  );
  return {
    name: `redis, ${name}: time beside bare BullMQ`,
    value: bare / ours,
    limit: 1.1,
    unit: "×",
    note: `${shown[0]}, bare ${shown[1]}`,
  };
}

/** Measures the job queue. */
export async function benchJobs(): Promise<readonly (Figure | Unmeasured)[]> {
  const sqlite = await runProgram<SqliteTook>(SQLITE);
  const redis = await runProgram<RedisTook>(REDIS);
  return [
    perSecond("sqlite, FULL, one at a time", sqlite.single, 4000),
    perSecond("sqlite, FULL, in bulk", sqlite.bulk, 50_000),
    perSecond("sqlite, FULL, done by a worker", sqlite.worked, 5000),
    {
      name: "sqlite: start and stop of the runtime, median",
      value: sqlite.startStopMs,
      limit: 15,
      unit: "ms",
    },
    {
      name: "sqlite: CPU ticks of an idle worker in 10 s",
      value: sqlite.idleTicks,
      limit: 0,
      unit: "ticks",
    },
    beside("one at a time", redis.single),
    beside("in bulk", redis.bulk),
    beside("done by a worker", redis.worked),
  ];
}
