/** What delivery takes: rate, memory, the cost of a look, the latency. */

import type { Comparison, Figure } from "./figure.ts";
import { median, quantile } from "./figure.ts";
import { BENCH_TOKEN, startServer } from "./server.ts";

const MANY = 100_000;
const BARE = 25_000;
const LOOKS = 15;

function programPath(name: string): string {
  return new URL(`./${name}`, import.meta.url).pathname;
}

async function runProgram<T>(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", programPath(name), ...args],
    env: { ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!output.success) throw new Error(text.decode(output.stderr));
  return JSON.parse(text.decode(output.stdout));
}

interface Project {
  readonly root: string;
  readonly id: string;
  readonly cwd: string;
}

/** A project in a directory of its own, with so many events. */
async function makeProject(
  directory: string,
  name: string,
  events: number,
): Promise<Project> {
  const root = `${directory}/home-${name}`;
  const cwd = `${directory}/project-${name}`;
  const id = crypto.randomUUID();
  await Deno.mkdir(cwd, { recursive: true });
  await Deno.mkdir(root, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${cwd}/.reeve`, `REEVE_PROJECT_ID=${id}\n`);
  await runProgram("emit_program.ts", [root, id, `${events}`, "0"]);
  return { root, id, cwd };
}

async function timeStatus(main: string, project: Project): Promise<number> {
  const start = performance.now();
  await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", main, "sync", "status", "--json"],
    cwd: project.cwd,
    env: { REEVE_HOME: project.root },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - start;
}

async function benchStatus(
  main: string,
  few: Project,
  many: Project,
): Promise<Figure> {
  const times: [number[], number[]] = [[], []];
  for (let look = 0; look < LOOKS + 2; look++) {
    for (const [at, project] of [few, many].entries()) {
      const took = await timeStatus(main, project);
      if (look >= 2) times[at]?.push(took);
    }
  }
  return {
    name: "sync status at 100,000 events beside one event",
    value: median(times[1]) / median(times[0]),
    limit: 1.5,
    unit: "×",
    note: `${median(times[0]).toFixed(0)} ms with one event`,
  };
}

interface Delivered {
  readonly ms: number;
  readonly accepted: number;
  readonly stoppedBecause: string;
  readonly peakKib: number;
}

/** Microseconds that each event of another project takes without us. */
async function timeBare(
  directory: string,
  name: string,
  url: string,
): Promise<number> {
  const { root, id } = await makeProject(directory, name, BARE);
  const args = [root, id, url, BENCH_TOKEN];
  const took = await runProgram<{ ms: number; events: number }>(
    "bare_drain_program.ts",
    args,
  );
  if (took.events < BARE) throw new Error(`${took.events} events sent`);
  return took.ms * 1000 / took.events;
}

/** Measures delivery to the reference server on loopback. */
export async function benchDeliver(
  main: string,
): Promise<readonly (Comparison | Figure)[]> {
  const directory = await Deno.makeTempDir({ prefix: "reeve-bench-deliver-" });
  try {
    await using server = await startServer(main, directory);
    const few = await makeProject(directory, "few", 1);
    const many = await makeProject(directory, "many", MANY);
    const status = await benchStatus(main, few, many);
    // The server has less to look through before than after.
    const bareBefore = await timeBare(directory, "before", server.url);
    const done = await runProgram<Delivered>("deliver_program.ts", [
      many.root,
      many.id,
      server.url,
      BENCH_TOKEN,
    ]);
    if (done.accepted < MANY) throw new Error(done.stoppedBecause);
    const bareAfter = await timeBare(directory, "after", server.url);
    const live = await runProgram<{ readonly ms: readonly number[] }>(
      "live_program.ts",
      [few.cwd],
      {
        REEVE_HOME: few.root,
        REEVE_SERVER_URL: server.url,
        REEVE_TOKEN: BENCH_TOKEN,
      },
    );
    return [
      status,
      {
        name:
          "delivery to the server on loopback, share of 8,000 a second used",
        value: 8000 / (done.accepted / done.ms * 1000),
        limit: 1,
        unit: "×",
        note: `${(done.accepted / done.ms * 1000).toFixed(0)} events/s`,
      },
      {
        name: "an event delivered, in batches",
        ours: done.ms * 1000 / MANY,
        theirs: [{
          name: "bare node:sqlite and fetch",
          value: (bareBefore + bareAfter) / 2,
        }],
        unit: "µs",
      },
      {
        name: "100,000 events delivered",
        value: done.ms / 1000,
        limit: 15,
        unit: "s",
      },
      {
        name: "peak memory of that",
        value: done.peakKib / 1024,
        limit: 150,
        unit: "MiB",
      },
      {
        name: "from capture to delivered over a WebSocket, p95",
        value: quantile(live.ms, 0.95),
        limit: 150,
        unit: "ms",
        note: `p50 ${quantile(live.ms, 0.5).toFixed(0)} ms`,
      },
    ];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
