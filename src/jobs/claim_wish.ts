/**
 * How many jobs a worker wants now: as many as it has room for, when there may
 * be some. Knows when to look again without looking all the time.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import type { ClaimRequest, QueueBackend } from "./backend.ts";
import type { Slots } from "./slots.ts";
import type { Trouble } from "./trouble.ts";

/** What wishing needs. */
export interface WishOptions {
  /** Time. */
  readonly clock: Pick<Clock, "elapsed" | "sleep">;
  /** Where the jobs are. */
  readonly backend: Pick<QueueBackend, "waitForWork">;
  /** The queue. */
  readonly queue: string;
  /** How long a claim is held without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  /** Most jobs at the same time. */
  readonly concurrency: number;
  /** Room that is shared with other workers. */
  readonly slots: Slots | undefined;
  /** Told about waiting that fails. */
  readonly trouble: Trouble;
  /** Aborts when nothing is wished for any more. */
  readonly signal: AbortSignal;
  /** Called when there may be another wish. */
  readonly wake: () => void;
}

/** Waits shorter than this, again and again with no job, get a pause. */
const SHORT_WAIT_MS = 1;
const SHORT_WAITS = 4;
const LONGEST_PAUSE_MS = 256;

/** Counts room and watches for work. */
export class ClaimWish {
  readonly #options: WishOptions;
  #used = 0;
  /** Slots of handlers that have returned, until the next wish. */
  #spare = 0;
  #mayHaveWork = true;
  #isWatchingWork = false;
  #isWatchingSlots = false;
  #vainWaits = 0;

  /** Makes it with all its room, and a first look to take. */
  constructor(options: WishOptions) {
    this.#options = options;
  }

  /** Handlers that run. */
  get used(): number {
    return this.#used;
  }

  /**
   * The next wish, if there is one; it takes its room until
   * {@linkcode grant} or {@linkcode fail}.
   *
   * @param isAsking whether the backend is called anyway.
   */
  next(isAsking: boolean): ClaimRequest | undefined {
    const { concurrency, slots, queue, leaseMs } = this.#options;
    this.release();
    const room = concurrency - this.#used;
    const isIdle = !this.#mayHaveWork && !isAsking;
    // After a wait a slot is kept for us, which others may have then.
    if (room <= 0 || isIdle) slots?.take(0);
    if (room <= 0) return undefined;
    if (isIdle) return void this.#watchWork();
    const limit = slots === undefined ? room : slots.take(room);
    if (limit <= 0) {
      return this.#mayHaveWork
        ? void this.#watchSlots()
        : void this.#watchWork();
    }
    this.#used += limit;
    // What comes while the call is under way must not be forgotten.
    this.#mayHaveWork = false;
    return { queue, limit, leaseMs };
  }

  /** Notes what a wish brought; what it did not use is free again. */
  grant({ limit }: ClaimRequest, count: number): void {
    if (count > 0) this.#vainWaits = 0;
    if (count >= limit) this.#mayHaveWork = true;
    this.#free(limit - count);
  }

  /** Notes that nobody knows what a wish brought. */
  fail({ limit }: ClaimRequest): void {
    this.#mayHaveWork = true;
    this.#free(limit);
    this.release();
  }

  /**
   * Notes that a handler has returned. Its slot is given back in the same step
   * as the next wish takes some: between the two, others that wait would get
   * it, although this worker is about to want it and has less than they.
   */
  free(): void {
    this.#used--;
    this.#spare++;
    if (this.#options.signal.aborted) this.release();
  }

  /** Gives back what waits for the next wish. */
  release(): void {
    const count = this.#spare;
    this.#spare = 0;
    if (count > 0) this.#options.slots?.free(count);
  }

  #free(count: number): void {
    if (count <= 0) return;
    this.#used -= count;
    this.#options.slots?.free(count);
  }

  async #watchWork(): Promise<void> {
    if (this.#isWatchingWork) return;
    this.#isWatchingWork = true;
    const { backend, clock, queue, signal, trouble, wake } = this.#options;
    const began = clock.elapsed();
    try {
      await backend.waitForWork(queue, signal);
      trouble.worked("wait");
      const wasShort = clock.elapsed() - began < SHORT_WAIT_MS;
      this.#vainWaits = wasShort ? this.#vainWaits + 1 : 0;
      if (this.#vainWaits > SHORT_WAITS) {
        const pause = 2 ** (this.#vainWaits - SHORT_WAITS);
        await clock.sleep(Math.min(pause, LONGEST_PAUSE_MS), signal);
      }
    } catch (error) {
      await clock.sleep(trouble.failed("wait", error), signal);
    }
    this.#isWatchingWork = false;
    this.#mayHaveWork = true;
    wake();
  }

  async #watchSlots(): Promise<void> {
    if (this.#isWatchingSlots) return;
    this.#isWatchingSlots = true;
    await this.#options.slots?.wait(this.#options.signal);
    this.#isWatchingSlots = false;
    this.#options.wake();
  }
}
