/**
 * What a process of a fake world can do only while it lives.
 *
 * @module
 */

import type { Host } from "../../src/host/host.ts";
import type { FakeClock } from "./fake_clock.ts";
import type { FakeHostOptions } from "./fake_options.ts";
import type { FakeProcess } from "./fake_process.ts";

/** The life of one process. */
export class FakeLife {
  /** Time, which passes for nobody who has ended. */
  readonly clock: Host["clock"];
  readonly #process: FakeProcess;
  readonly #gate: FakeHostOptions["gate"];

  /** Begins to watch over a process. */
  constructor(
    process: FakeProcess,
    clock: FakeClock,
    gate: FakeHostOptions["gate"],
  ) {
    this.#process = process;
    this.#gate = gate;
    this.clock = {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      sleep: async (ms, signal) => {
        await this.#stayAlive();
        await clock.sleep(ms, signal, process);
        await this.#stayAlive();
      },
      later: (ms, callback) => {
        process.assertAlive();
        return clock.later(ms, callback, process);
      },
    };
  }

  /** Lets an operation begin when the gate says so. */
  async enter(operation: string): Promise<void> {
    await this.#stayAlive();
    await this.#gate?.(operation);
    await this.#stayAlive();
  }

  /** An ended process has no more effects: it waits for ever. */
  async #stayAlive(): Promise<void> {
    if (this.#process.hasEnded) await new Promise(() => {});
  }
}
