/** What jobs cost on SQLite, and on Redis beside bare BullMQ. */

import type { Comparison, Figure, Other } from "./figure.ts";

const SQLITE = new URL("./jobs_program.ts", import.meta.url).pathname;
const BESIDE = new URL("./jobs_beside_program.ts", import.meta.url).pathname;
const REDIS = new URL("./jobs_redis_program.ts", import.meta.url).pathname;

interface SqliteTook {
  readonly single: number;
  readonly bulk: number;
  readonly worked: number;
  readonly startStopMs: number;
  readonly idleTicks: number;
}

/** Medians of jobs a second, and our time beside that of bare BullMQ. */
interface Beside {
  readonly ours: number;
  readonly bare: number;
  /** Of each pair of blocks, one right after the other. */
  readonly ratio: Spread;
  /** CPU time of the program's own process. */
  readonly clientRatio: Spread;
  /** CPU time of the server. */
  readonly serverRatio: Spread;
}

interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

interface RedisTook {
  readonly single: Beside;
  readonly bulk: Beside;
  readonly worked: Beside;
}

/** Microseconds for each job, ours first. */
interface BesideTook {
  readonly one: readonly Other[];
  readonly many: readonly Other[];
  readonly work: readonly Other[];
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

/** @param setUp what both sides have alike. */
function beside(name: string, setUp: string, took: Beside): Figure {
  const [ours, bare] = [took.ours, took.bare].map((rate) =>
    `${Math.round(rate).toLocaleString("en")}/s`
  );
  const { ratio, clientRatio, serverRatio } = took;
  const [least, most, client, server] = [
    ratio.least,
    ratio.most,
    clientRatio.median,
    serverRatio.median,
  ].map((times) => times.toFixed(2));
  return {
    name: `redis, ${name}: time beside bare BullMQ`,
    value: ratio.median,
    limit: 1.1,
    unit: "×",
    note: `${ours}, bare ${bare}; blocks ${least} to ${most}; ` +
      `CPU of client ${client}, of server ${server}; ` +
      `both without append-only file, ${setUp}`,
  };
}

function compared(
  name: string,
  [ours, ...theirs]: readonly Other[],
): Comparison {
  const value = ours?.value ?? NaN;
  return { name, ours: value, theirs, unit: "µs" };
}

/** Measures the job queue. */
export async function benchJobs(): Promise<readonly (Comparison | Figure)[]> {
  const sqlite = await runProgram<SqliteTook>(SQLITE);
  const sides = await runProgram<BesideTook>(BESIDE);
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
    compared("a job added, one at a time, on disk", sides.one),
    compared("a job added, 1,000 at a time, on disk", sides.many),
    compared("a job done, 50 at once, on disk", sides.work),
    beside("one at a time", "one connection", redis.single),
    beside("in bulk", "one connection, 1,000 a call", redis.bulk),
    beside(
      "done by a worker",
      "two connections, 50 jobs at once",
      redis.worked,
    ),
  ];
}
