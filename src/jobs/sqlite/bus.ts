/**
 * What backends on one file in one process tell each other: what happened, and
 * that there may be work. Other processes learn of it from the file.
 *
 * @module
 */

import type { JobEvent } from "../backend.ts";

/** Whoever hears of what happens to jobs. */
export type JobListener = (event: JobEvent) => void;

/** The listeners on one file. */
export class Bus {
  readonly #listeners = new Set<JobListener>();
  readonly #sleepers = new Map<string, Set<() => void>>();
  readonly #onEmpty: () => void;

  /** Makes one without listeners; calls back when the last one has left. */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  /** Adds a listener. */
  subscribe(listener: JobListener): Disposable {
    // The same function may listen twice.
    const own: JobListener = (event) => listener(event);
    this.#listeners.add(own);
    return this.#leaving(() => this.#listeners.delete(own));
  }

  /** Tells listeners what happened, each in a turn of its own. */
  tell(events: readonly JobEvent[]): void {
    if (this.#listeners.size === 0) return;
    for (const event of events) {
      for (const listener of this.#listeners) {
        // What a listener throws is an uncaught error and not ours to hide.
        queueMicrotask(() => {
          if (this.#listeners.has(listener)) listener(event);
        });
      }
    }
  }

  /** Calls back, possibly often, when a queue may have work. */
  onWork(queue: string, callback: () => void): Disposable {
    const sleepers = this.#sleepers.get(queue) ?? new Set();
    this.#sleepers.set(queue, sleepers);
    const own = () => callback();
    sleepers.add(own);
    return this.#leaving(() => {
      sleepers.delete(own);
      if (sleepers.size === 0) this.#sleepers.delete(queue);
    });
  }

  /** Says that a queue may have work. */
  wake(queue: string): void {
    for (const callback of [...this.#sleepers.get(queue) ?? []]) callback();
  }

  #leaving(leave: () => void): Disposable {
    return {
      [Symbol.dispose]: () => {
        leave();
        if (this.#listeners.size + this.#sleepers.size === 0) this.#onEmpty();
      },
    };
  }
}

const buses = new Map<string, Bus>();

/** The bus of a file; ask anew each time, as it goes with its last listener. */
export function busOf(path: string): Bus {
  let bus = buses.get(path);
  if (bus === undefined) {
    bus = new Bus(() => void buses.delete(path));
    buses.set(path, bus);
  }
  return bus;
}

/** The bus of a file, if anybody listens. */
export function busIfAny(path: string): Bus | undefined {
  return buses.get(path);
}
