/**
 * Time that passes only when everybody waits for it.
 *
 * @module
 */

import type { Clock } from "../../src/host/host.ts";
import { idle } from "./fake_idle.ts";

/** Wall-clock time at which a fake world begins. */
export const WORLD_START_MS: number = Date.UTC(2026, 0, 2, 3, 4, 5);

/** After so much time, a loop that never ends is the likely reason. */
const LIMIT_MS = 30 * 24 * 60 * 60 * 1000;

interface Sleeper {
  readonly wakeAt: number;
  readonly owner: object | undefined;
  readonly wake: () => void;
  /** An alarm has none: time does not pass for its sake. */
  readonly fail?: (error: Error) => void;
}

function canFail({ fail }: Sleeper): boolean {
  return fail !== undefined;
}

/** A clock on which the earliest sleeper wakes once nobody else can go on. */
export class FakeClock implements Clock {
  #epochMs: number;
  #elapsedMs = 0;
  #isRunning = false;
  readonly #sleepers = new Set<Sleeper>();

  /** Starts at a wall-clock time. */
  constructor(startMs: number = WORLD_START_MS) {
    this.#epochMs = startMs;
  }

  /** Wall-clock time in epoch milliseconds. */
  now(): number {
    return this.#epochMs + this.#elapsedMs;
  }

  /** Milliseconds since the world began. */
  elapsed(): number {
    return this.#elapsedMs;
  }

  /** Sets the wall clock, as an administrator does; nobody wakes of it. */
  setWall(epochMs: number): void {
    this.#epochMs = epochMs - this.#elapsedMs;
  }

  /** Settles after `ms` milliseconds, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal, owner?: object): Promise<void> {
    // No real timer takes less than a millisecond.
    return this.pause(ms > 1 ? ms : 1, signal, owner);
  }

  /** Like {@linkcode sleep}, but 0 waits for everybody else only. */
  pause(ms: number, signal?: AbortSignal, owner?: object): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      this.#sleepers.delete(sleeper);
      signal?.removeEventListener("abort", wake);
    };
    const wake = () => {
      leave();
      resolve();
    };
    const fail = (error: Error) => {
      leave();
      reject(error);
    };
    const wakeAt = this.#elapsedMs + ms;
    const sleeper: Sleeper = { wakeAt, owner, wake, fail };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", wake);
    if (!this.#isRunning) this.#run();
    return promise;
  }

  /** Calls back once when others have let `ms` milliseconds pass. */
  later(ms: number, callback: () => void, owner?: object): Disposable {
    const alarm: Sleeper = {
      wakeAt: this.#elapsedMs + (ms > 1 ? ms : 1),
      owner,
      wake: () => {
        this.#sleepers.delete(alarm);
        // What it throws is an uncaught error, as on a real clock.
        queueMicrotask(callback);
      },
    };
    this.#sleepers.add(alarm);
    return { [Symbol.dispose]: () => void this.#sleepers.delete(alarm) };
  }

  /** Lets time pass, and then everybody go as far as they can. */
  async advance(ms: number): Promise<void> {
    await this.pause(ms);
    await this.pause(0);
  }

  /** Lets the sleepers of an ended process sleep for ever. */
  forget(owner: object): void {
    for (const sleeper of this.#sleepers) {
      if (sleeper.owner === owner) this.#sleepers.delete(sleeper);
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#next(canFail) !== undefined) {
      await idle();
      this.#wakeNext();
    }
    this.#isRunning = false;
  }

  #wakeNext(): void {
    const sleeper = this.#next(canFail);
    const first = this.#next();
    if (sleeper === undefined || first === undefined) return;
    if (!(first.wakeAt <= LIMIT_MS)) {
      sleeper.fail?.(new Error("30 days have passed: which loop never ends?"));
      return;
    }
    this.#elapsedMs = first.wakeAt;
    first.wake();
  }

  #next(isMeant: (one: Sleeper) => boolean = () => true): Sleeper | undefined {
    let first: Sleeper | undefined;
    // Of two that wake at the same time, the one that slept first is first.
    for (const sleeper of this.#sleepers) {
      if (!isMeant(sleeper)) continue;
      if (first === undefined || sleeper.wakeAt < first.wakeAt) first = sleeper;
    }
    return first;
  }
}
