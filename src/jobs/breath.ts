/**
 * Turns of the event loop for everybody else. Quick handlers on a quick backend
 * go from promise to promise: no signal, no timer, no heartbeat would get
 * through.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";

const BREATH_MS = 20;
/** A worker with little to do leaves turns enough by itself. */
const BREATH_CALLS = 16;

/** Knows when the last turn was given. */
export class Breath {
  readonly #clock: Pick<Clock, "elapsed" | "sleep">;
  #breathedAt: number;
  #calls = 0;

  /** Begins to count. */
  constructor(clock: Pick<Clock, "elapsed" | "sleep">) {
    this.#clock = clock;
    this.#breathedAt = clock.elapsed();
  }

  /** Counts one step of work, and gives a turn when it is time. */
  async take(): Promise<void> {
    this.#calls++;
    if (this.#calls < BREATH_CALLS) return;
    if (this.#clock.elapsed() - this.#breathedAt < BREATH_MS) return;
    await this.#clock.sleep(0);
    this.#breathedAt = this.#clock.elapsed();
    this.#calls = 0;
  }
}
