/**
 * Loads test files into a worker and runs them with one mutant switched on.
 * The worker can be ended from outside when a mutant never comes to an end.
 *
 * @module
 */

import fc from "fast-check";

/** What the worker is asked for. */
export type Ask =
  /** Loads the tests, with a mutant switched on before, and runs them all. */
  | {
    readonly kind: "load";
    readonly tests: readonly string[];
    readonly active?: string;
  }
  /** Runs some of the loaded tests, by index, until one fails. */
  | {
    readonly kind: "run";
    readonly id: string;
    readonly tests: readonly number[];
  };

/** What it answers. */
export type Answer =
  | { readonly kind: "failed"; readonly test: string; readonly error: string }
  | {
    readonly kind: "passed";
    /** Duration of each test in milliseconds. */
    readonly times: readonly number[];
    /** Mutants that were reached while the files were loaded. */
    readonly atLoad: readonly string[];
    /** Mutants that each test reached. */
    readonly byTest: readonly (readonly string[])[];
  };

interface Switches {
  activeMutant: string;
  currentTestId?: string | undefined;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: {
    readonly static: Readonly<Record<string, number>>;
    readonly perTest: Readonly<
      Record<string, Readonly<Record<string, number>>>
    >;
  };
}

type TestFn = (...row: readonly unknown[]) => void | Promise<void>;

interface Collected {
  readonly name: string;
  readonly run: () => void | Promise<void>;
}

const HIT_LIMIT = 1_000_000;
const collected: Collected[] = [];
const switches: Switches = { activeMutant: "none" };

// The same random inputs each time: a mutant is not killed by luck.
fc.configureGlobal({ seed: 20, endOnFailure: true });

function collect(name: string, run: TestFn): void {
  collected.push({ name, run: () => run() });
}

function each(rows: readonly unknown[]) {
  return (name: string, run: TestFn) => {
    rows.forEach((row, index) => {
      const values = Array.isArray(row) ? row : [row];
      collected.push({ name: `${name} #${index}`, run: () => run(...values) });
    });
  };
}

Object.assign(globalThis, { "__stryker__": switches });
Object.assign(Deno, { test: Object.assign(collect, { each }) });

async function load(tests: readonly string[]): Promise<void> {
  for (const url of tests) await import(url);
}

async function runOne(index: number): Promise<Answer | undefined> {
  const test = collected[index];
  if (test === undefined) throw new TypeError(`Cannot find test ${index}`);
  switches.currentTestId = `${index}`;
  switches.hitCount = 0;
  switches.hitLimit = HIT_LIMIT;
  try {
    await test.run();
    return undefined;
  } catch (error) {
    return { kind: "failed", test: test.name, error: String(error) };
  } finally {
    switches.currentTestId = undefined;
  }
}

async function runAll(indexes: readonly number[]): Promise<Answer> {
  const times: number[] = [];
  for (const index of indexes) {
    const start = performance.now();
    const failed = await runOne(index);
    if (failed !== undefined) return failed;
    times.push(performance.now() - start);
  }
  const { static: atLoad = {}, perTest = {} } = switches.mutantCoverage ?? {};
  return {
    kind: "passed",
    times,
    atLoad: Object.keys(atLoad),
    byTest: indexes.map((index) => Object.keys(perTest[index] ?? {})),
  };
}

async function answer(ask: Ask): Promise<Answer> {
  if (ask.kind === "run") {
    switches.activeMutant = ask.id;
    return await runAll(ask.tests);
  }
  switches.activeMutant = ask.active ?? "none";
  try {
    await load(ask.tests);
  } catch (error) {
    return { kind: "failed", test: "loading", error: String(error) };
  }
  return await runAll([...collected.keys()]);
}

interface Scope {
  onmessage: (event: MessageEvent<Ask>) => void;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = async ({ data }) => scope.postMessage(await answer(data));
