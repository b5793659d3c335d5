/**
 * A worker's trouble with its backend: said once, and how long to wait.
 *
 * @module
 */

import { KnownError, messageOf } from "../errors.ts";

/** What a worker asks of a backend. */
export type TroubleStep = "claim or settle" | "heartbeat" | "progress" | "wait";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/** Knows what fails now, so that the same is not said again and again. */
export class Trouble {
  readonly #tell: (text: string) => void;
  readonly #failures = new Map<TroubleStep, number>();
  #told: TroubleStep | undefined;

  /** Makes it, with whom to tell. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** Notes that a step failed; gives how long to wait, in milliseconds. */
  failed(step: TroubleStep, error: unknown): number {
    const failures = (this.#failures.get(step) ?? 0) + 1;
    this.#failures.set(step, failures);
    if (this.#told === undefined) {
      this.#told = step;
      this.#tell(`Cannot reach the queue (${step}): ${explain(error)}`);
    }
    return Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  }

  /** Notes that a step works. */
  worked(step: TroubleStep): void {
    this.#failures.delete(step);
    // Who waits tries again by itself; the others may have nothing to try.
    const isMain = step === "claim or settle" && this.#told !== "wait";
    if (this.#told === step || isMain) {
      this.#told = undefined;
    }
  }
}

function explain(error: unknown): string {
  const hint = error instanceof KnownError ? error.hint : undefined;
  const advice = hint === undefined ? "" : ` ${hint}`;
  return `${messageOf(error)}; it is tried again until it works.${advice}`;
}
