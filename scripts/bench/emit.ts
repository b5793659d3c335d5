/** What capturing an event costs, beside a bare insert on the same disk. */

import { type Comparison, type Figure, median, quantile } from "./figure.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const FIRST = new URL("./first_program.ts", import.meta.url).pathname;
const PROGRAM = new URL("./emit_program.ts", import.meta.url).pathname;
const MEASURED = 4000;
const MANY = 100_000;

interface Took {
  readonly first: number;
  readonly emit: readonly number[];
  readonly bare: readonly number[];
}

async function measure(prefill: number, count: number): Promise<Took> {
  const root = await Deno.makeTempDir({ prefix: "reeve-bench-emit-" });
  try {
    const output = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--quiet",
        PROGRAM,
        root,
        crypto.randomUUID(),
        `${prefill}`,
        `${count}`,
      ],
    }).output();
    const text = new TextDecoder();
    if (!output.success) throw new Error(text.decode(output.stderr));
    return JSON.parse(text.decode(output.stdout));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** A program that calls the library, in a project that has events already. */
async function firstEmits(): Promise<Figure> {
  const directory = await Deno.makeTempDir({ prefix: "reeve-bench-first-" });
  const id = crypto.randomUUID();
  await Deno.writeTextFile(`${directory}/.reeve`, `REEVE_PROJECT_ID=${id}\n`);
  try {
    const firsts: { make: number; emit: number }[] = [];
    for (let run = 0; run < 16; run++) {
      const output = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "--quiet", "--config", CONFIG, FIRST],
        cwd: directory,
        env: { REEVE_HOME: `${directory}/home`, REEVE_SYNC_DISABLE: "1" },
      }).output();
      const text = new TextDecoder();
      if (!output.success) throw new Error(text.decode(output.stderr));
      if (run > 0) firsts.push(JSON.parse(text.decode(output.stdout)));
    }
    const made = median(firsts.map(({ make }) => make));
    return {
      name: "first emit of a process, median",
      value: median(firsts.map(({ emit }) => emit)),
      limit: 10,
      unit: "ms",
      note: `getEmitter() before it took ${made.toFixed(1)} ms`,
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Measures the emitter. */
export async function benchEmit(): Promise<readonly (Comparison | Figure)[]> {
  const empty = await measure(0, MEASURED);
  const full = await measure(MANY, MEASURED);
  const p50 = quantile(empty.emit, 0.5);
  const bare = quantile(empty.bare, 0.5);
  const beside = (name: string, share: number): Comparison => ({
    name,
    ours: quantile(empty.emit, share),
    theirs: [{
      name: "bare node:sqlite",
      value: quantile(empty.bare, share),
    }],
    unit: "ms",
  });
  return [
    beside("an event on disk, p50", 0.5),
    beside("an event on disk, p99", 0.99),
    { name: "emit, warm, FULL: p50", value: p50, limit: 0.2, unit: "ms" },
    {
      name: "emit, warm, FULL: p99",
      value: quantile(empty.emit, 0.99),
      limit: 1,
      unit: "ms",
    },
    {
      name: "emit beside a bare insert, p50",
      value: p50 / bare,
      limit: 2,
      unit: "×",
    },
    {
      name: "emit at 100,000 rows beside an empty queue, p50",
      value: (quantile(full.emit, 0.5) / quantile(full.bare, 0.5)) /
        (p50 / bare),
      limit: 1.3,
      unit: "×",
    },
    await firstEmits(),
  ];
}
