/**
 * The claims that a worker holds, kept by heartbeats. There is a timer only
 * while there is a claim.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import type { QueueBackend } from "./backend.ts";
import type { RunningAttempt } from "./running_attempt.ts";
import type { Trouble } from "./trouble.ts";

/** What holding claims needs. */
export interface HeldOptions {
  /** Time. */
  readonly clock: Pick<Clock, "elapsed" | "later">;
  /** Where the claims are from. */
  readonly backend: Pick<QueueBackend, "heartbeat">;
  /** How long a claim is held without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  /** Told about a heartbeat that fails. */
  readonly trouble: Trouble;
  /** Told about a claim that somebody else has. */
  readonly onLost: (attempt: RunningAttempt) => void;
}

/** Heartbeats within one lease: two may fail. */
const BEATS = 3;
/** After a failure the lease is running out. */
const HURRIED_BEATS = 12;

/** Claims that are not settled yet. */
export class HeldClaims {
  readonly #options: HeldOptions;
  readonly #attempts = new Set<RunningAttempt>();
  #timer: Disposable | undefined;
  #isBeating = false;

  /** Makes it without claims. */
  constructor(options: HeldOptions) {
    this.#options = options;
  }

  /** How many. */
  get size(): number {
    return this.#attempts.size;
  }

  /** Those whose end is not decided. */
  get unended(): readonly RunningAttempt[] {
    return [...this.#attempts].filter(({ isOver }) => !isOver);
  }

  /** Holds one; {@linkcode update} follows. */
  add(attempt: RunningAttempt): void {
    this.#attempts.add(attempt);
  }

  /** Lets one go; {@linkcode update} follows. */
  delete(attempt: RunningAttempt): void {
    this.#attempts.delete(attempt);
  }

  /** Lets all go. */
  clear(): void {
    this.#attempts.clear();
    this.update();
  }

  /** Sets or ends the timer, once claims have come and gone. */
  update(): void {
    if (this.#attempts.size > 0) return this.#arm(BEATS);
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #arm(beats: number): void {
    if (this.#timer !== undefined || this.#isBeating) return;
    const { clock, leaseMs } = this.#options;
    this.#timer = clock.later(Math.floor(leaseMs / beats), () => {
      this.#timer = undefined;
      this.#beat();
    });
  }

  async #beat(): Promise<void> {
    const { clock, backend, leaseMs, trouble } = this.#options;
    const attempts = [...this.#attempts];
    const since = clock.elapsed();
    this.#isBeating = true;
    let beats = BEATS;
    try {
      const held = await backend.heartbeat(
        attempts.map(({ claim }) => claim),
        leaseMs,
      );
      trouble.worked("heartbeat");
      attempts.forEach((attempt, at) => {
        if (held[at] === false) this.#miss(attempt);
        else attempt.leaseUntil = since + leaseMs;
      });
    } catch (error) {
      trouble.failed("heartbeat", error);
      beats = HURRIED_BEATS;
    }
    this.#isBeating = false;
    if (this.#attempts.size > 0) this.#arm(beats);
  }

  /** What is settled, or just being settled, is not held for that reason. */
  #miss(attempt: RunningAttempt): void {
    if (!this.#attempts.has(attempt) || attempt.isSettling) return;
    this.#options.onLost(attempt);
  }
}
