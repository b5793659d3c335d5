/**
 * Workers at the slots of a process, without jobs and without a backend.
 *
 * @module
 */

import type { SlotLimits, SlotPool } from "../../src/jobs/slot_pool.ts";
import type { Slots } from "../../src/jobs/slots.ts";

const NEVER = new AbortController().signal;

/** Lets what is due in this turn of the event loop happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

/** A worker that always has work, for jobs that a test ends. */
export class Busy {
  /** Slots it has. */
  running = 0;
  /** Slots it has ever had. */
  served = 0;
  #isWaiting = false;
  readonly #slots: Slots;
  readonly #concurrency: number;

  /** Takes nothing yet. */
  constructor(pool: SlotPool, tenant: string, options: {
    readonly concurrency?: number;
    readonly limits?: SlotLimits;
  } = {}) {
    this.#slots = pool.slotsFor(tenant, options.limits);
    this.#concurrency = options.concurrency ?? 100;
  }

  /** Takes what it can get and waits for more. */
  work(): void {
    const got = this.#slots.take(this.#concurrency - this.running);
    this.running += got;
    this.served += got;
    if (this.running < this.#concurrency && !this.#isWaiting) this.#wait();
  }

  async #wait(): Promise<void> {
    this.#isWaiting = true;
    await this.#slots.wait(NEVER);
    this.#isWaiting = false;
    this.work();
  }

  /** Ends a job and lets what follows happen. */
  async endOne(): Promise<void> {
    this.running--;
    this.#slots.free(1);
    this.work();
    await settle();
  }
}
