/**
 * The score of a module under mutation, and what is wrong with it.
 *
 * @module
 */

import type { Mutant } from "./instrument.ts";
import type { Fate, JobResult } from "./run_mutants.ts";

/** Least share of mutants that the tests of a module have to notice. */
export const LEAST_SCORE = 95;

/** Why a mutant may survive. It is found by its text, not by its line. */
export interface Reason {
  /** Module. */
  readonly module: string;
  /** Kind of change. */
  readonly mutator: string;
  /** Line that it begins in, with white space folded. */
  readonly text: string;
  /** What stands there. */
  readonly original: string;
  /** What the mutant has there. */
  readonly replacement: string;
  /** Why no test can notice it. */
  readonly reason: string;
}

/** A mutant that no test noticed, and why that is right. */
export interface Survivor extends Mutant {
  /** What became of it. */
  readonly fate: Fate;
  /** Why it may; `undefined` when nobody has said so. */
  readonly reason: string | undefined;
}

/** The score of one module. */
export interface ModuleScore {
  /** Name. */
  readonly name: string;
  /** File below `src`. */
  readonly file: string;
  /** Number of mutants. */
  readonly mutants: number;
  /** Those that a test noticed, or that never came to an end. */
  readonly killed: number;
  /** Those that nobody noticed. */
  readonly survivors: readonly Survivor[];
  /** Share of killed ones in percent. */
  readonly score: number;
  /** Duration in milliseconds. */
  readonly ms: number;
  /** What is wrong, one line each. */
  readonly faults: readonly string[];
}

type Named = Pick<Reason, "mutator" | "text" | "original" | "replacement">;

function keyOf({ mutator, text, original, replacement }: Named): string {
  return JSON.stringify([mutator, text, original, replacement]);
}

/** Judges the fates of the mutants of one module. */
export function judge(
  { name, file, mutants }: {
    readonly name: string;
    readonly file: string;
    readonly mutants: readonly Mutant[];
  },
  result: JobResult | undefined,
  reasons: readonly Reason[],
): ModuleScore {
  const fates = result?.fates ?? {};
  const open = [...reasons];
  const survivors = mutants.flatMap((mutant): Survivor[] => {
    const fate = fates[mutant.id] ?? "not_reached";
    if (fate === "killed" || fate === "timed_out") return [];
    const at = open.findIndex((one) => keyOf(one) === keyOf(mutant));
    const [found] = at < 0 ? [] : open.splice(at, 1);
    return [{ ...mutant, fate, reason: found?.reason }];
  });
  const killed = mutants.length - survivors.length;
  const score = mutants.length === 0 ? 0 : 100 * killed / mutants.length;
  const problem = result === undefined ? "no result" : result.problem;
  const faults = problem === undefined
    ? [
      ...score < LEAST_SCORE
        ? [`${name}: ${score.toFixed(1)} % is below ${LEAST_SCORE} %`]
        : [],
      ...survivors.filter(({ reason }) => reason === undefined).map((one) =>
        `${name}: no reason: ${describe(file, one)}`
      ),
      ...open.map((one) =>
        `${name}: a reason without a survivor: ${one.mutator} ` +
        `${one.original} → ${one.replacement} in: ${one.text}`
      ),
    ]
    : [`${name}: ${problem}`];
  const ms = result?.ms ?? 0;
  return {
    name,
    file,
    mutants: mutants.length,
    killed,
    survivors,
    score,
    ms,
    faults,
  };
}

function describe(file: string, one: Survivor): string {
  return `${file}:${one.line} ${one.mutator} (${one.fate}): ` +
    `${one.original} → ${one.replacement}`;
}

/** The scores as a table for a terminal. */
export function formatTable(scores: readonly ModuleScore[]): string {
  const rows = scores.map(({ name, mutants, killed, survivors, score, ms }) =>
    [
      score < LEAST_SCORE ? "UNDER" : "ok   ",
      name.padEnd(16),
      `${killed}`.padStart(5),
      "of",
      `${mutants}`.padStart(4),
      `${score.toFixed(1)} %`.padStart(8),
      `(limit ${LEAST_SCORE} %)`,
      `${survivors.length}`.padStart(3),
      "survive",
      `${(ms / 1000).toFixed(1)} s`.padStart(7),
    ].join(" ")
  );
  const sum = (pick: (one: ModuleScore) => number) =>
    scores.reduce((total, one) => total + pick(one), 0);
  const killed = sum((one) => one.killed);
  const mutants = sum((one) => one.mutants);
  const share = mutants === 0 ? 0 : 100 * killed / mutants;
  const seconds = (sum((one) => one.ms) / 1000).toFixed(1);
  return [
    ...rows,
    `${killed} of ${mutants} mutants killed, ${share.toFixed(1)} %, ` +
    `${seconds} s`,
  ].join("\n");
}
