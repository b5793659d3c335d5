/**
 * Keys that keep equal jobs away from one queue in memory.
 *
 * @module
 */

import { SortedList } from "./memory_sorted.ts";

interface Held {
  readonly key: string;
  readonly id: string;
  readonly until: number;
}

/** Who holds which key, and until when. */
export class DedupeKeys {
  readonly #held = new Map<string, Held>();
  readonly #ending: SortedList<Held> = new SortedList((a, b) =>
    a.until - b.until || (a.key < b.key ? -1 : 1)
  );

  /** Frees the keys whose time is over. */
  pass(nowMs: number): void {
    let held = this.#ending.first;
    while (held !== undefined && held.until <= nowMs) {
      this.#drop(held);
      held = this.#ending.first;
    }
  }

  /** Id of the job that holds a key. */
  holderOf(key: string): string | undefined {
    return this.#held.get(key)?.id;
  }

  /**
   * Until when a job holds its key; without an end that is `undefined`, and
   * a job that holds none has no answer.
   */
  holdOf(
    key: string | undefined,
    id: string,
  ): { readonly key: string; readonly until: number | undefined } | undefined {
    const held = this.#heldBy(key, id);
    if (held === undefined) return undefined;
    const { key: itself, until } = held;
    return { key: itself, until: until === Infinity ? undefined : until };
  }

  /** Gives a free key to a job, for a time or until the job has ended. */
  take(key: string, id: string, until: number | undefined): void {
    const held = { key, id, until: until ?? Infinity };
    this.#held.set(key, held);
    this.#ending.add(held);
  }

  /** A job has ended: its key is free unless it holds it for a time. */
  onEnd(key: string | undefined, id: string): void {
    const held = this.#heldBy(key, id);
    if (held?.until === Infinity) this.#drop(held);
  }

  /** A job was taken out before it ran: its key is free. */
  onRemove(key: string | undefined, id: string): void {
    const held = this.#heldBy(key, id);
    if (held !== undefined) this.#drop(held);
  }

  #heldBy(key: string | undefined, id: string): Held | undefined {
    const held = key === undefined ? undefined : this.#held.get(key);
    return held?.id === id ? held : undefined;
  }

  #drop(held: Held): void {
    this.#held.delete(held.key);
    this.#ending.remove(held);
  }
}
