/**
 * Times for the order in which jobs end: milliseconds, and a fraction that
 * grows within one.
 *
 * @module
 */

/** So many fractions a double can tell apart at today's epoch milliseconds. */
const STEPS = 4096;

/** Gives times that never come twice, as long as they are few. */
export class Ticks {
  #lastMs = -Infinity;
  #step = 0;

  /** The next time at or after `nowMs`, in epoch milliseconds. */
  next(nowMs: number): number {
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#step = 0;
    } else {
      this.#step = Math.min(this.#step + 1, STEPS - 1);
    }
    return this.#lastMs + this.#step / STEPS;
  }
}
