// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Runs the tests of modules against each of their mutants. A process of its
 * own, whose import map puts the instrumented files in place of the real ones.
 *
 * Reads a list of {@linkcode MutantJob} as JSON from its input and prints one
 * line of JSON, a {@linkcode JobResult}, for each.
 *
 * @module
 */

import type { Answer, Ask } from "./mutant_worker.ts";

/** One module, its mutants and its tests. */
export interface MutantJob {
  /** Name of the module. */
  readonly name: string;
  /** Switches of its mutants. */
  readonly mutants: readonly string[];
  /** Addresses of its test files. */
  readonly tests: readonly string[];
}

/** What became of a mutant. */
export type Fate = "killed" | "not_reached" | "survived" | "timed_out";

/** What became of the mutants of a module. */
export interface JobResult {
  /** Name of the module. */
  readonly name: string;
  /** Why there is no result: the tests fail without any mutant. */
  readonly problem?: string;
  /** What became of each mutant. */
  readonly fates: Readonly<Record<string, Fate>>;
  /** Duration in milliseconds. */
  readonly ms: number;
}

/** How long the tests may take without a mutant, in milliseconds. */
const BASE_LIMIT_MS = 120_000;

/** Without an answer for so long, a mutant never ends; in milliseconds. */
const HANG_MS = 5000;

type Loaded = Extract<Answer, { kind: "passed" }>;

class Bench {
  #worker: Worker | undefined;
  readonly #tests: readonly string[];
  #limitMs = BASE_LIMIT_MS;

  constructor(tests: readonly string[]) {
    this.#tests = tests;
  }

  load(active?: string): Promise<Answer | "timed_out"> {
    this.end();
    this.#worker = new Worker(
      new URL("./mutant_worker.ts", import.meta.url).href,
      { type: "module" },
    );
    return this.#ask({
      kind: "load",
      tests: this.#tests,
      ...(active === undefined ? {} : { active }),
    });
  }

  async run(
    id: string,
    tests: readonly number[],
  ): Promise<Answer | "timed_out"> {
    if (this.#worker === undefined) await this.load();
    return await this.#ask({ kind: "run", id, tests });
  }

  /** Sets the limit by how long the tests take without a mutant. */
  expect({ times }: Loaded): void {
    const baseMs = times.reduce((sum, ms) => sum + ms, 0);
    this.#limitMs = Math.max(HANG_MS, 5 * baseMs);
  }

  end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ask(ask: Ask): Promise<Answer | "timed_out"> {
    const worker = this.#worker;
    if (worker === undefined) throw new TypeError("Cannot ask: no worker");
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.end();
        resolve("timed_out");
      }, this.#limitMs);
      const done = (answer: Answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      worker.onmessage = ({ data }: MessageEvent<Answer>) => done(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.end();
        done({ kind: "failed", test: "worker", error: event.message });
      };
      worker.postMessage(ask);
    });
  }
}

function fateOf(answer: Answer | "timed_out"): Fate {
  if (answer === "timed_out") return answer;
  return answer.kind === "failed" ? "killed" : "survived";
}

/** Tests that reach a mutant, the fastest first. */
function reaching(id: string, { byTest, times }: Loaded): readonly number[] {
  return byTest.flatMap((ids, index) => ids.includes(id) ? [index] : [])
    .toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
}

async function judgeAll(
  bench: Bench,
  loaded: Loaded,
  mutants: readonly string[],
): Promise<Readonly<Record<string, Fate>>> {
  const fates: Record<string, Fate> = {};
  const atLoad = new Set(loaded.atLoad);
  for (const id of mutants.filter((one) => !atLoad.has(one))) {
    const tests = reaching(id, loaded);
    fates[id] = tests.length === 0
      ? "not_reached"
      : fateOf(await bench.run(id, tests));
  }
  // What runs while a file is loaded is only changed by loading it anew.
  for (const id of mutants.filter((one) => atLoad.has(one))) {
    fates[id] = fateOf(await bench.load(id));
  }
  return fates;
}

async function runJob({ name, mutants, tests }: MutantJob): Promise<JobResult> {
  const start = performance.now();
  const bench = new Bench(tests);
  const since = () => Math.round(performance.now() - start);
  try {
    const loaded = await bench.load();
    if (loaded === "timed_out") {
      return { name, problem: "the tests never end", fates: {}, ms: since() };
    }
    if (loaded.kind === "failed") {
      const problem = `without any mutant: ${loaded.test}: ${loaded.error}`;
      return { name, problem, fates: {}, ms: since() };
    }
    bench.expect(loaded);
    const fates = await judgeAll(bench, loaded, mutants);
    return { name, fates, ms: since() };
  } finally {
    bench.end();
  }
}

if (import.meta.main) {
  const jobs = await new Response(Deno.stdin.readable).json();
  for (const job of jobs as readonly MutantJob[]) {
    console.log(JSON.stringify(await runJob(job)));
  }
}
