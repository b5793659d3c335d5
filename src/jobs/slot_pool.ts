/**
 * The slots of one process: how many jobs run at the same time, shared fairly
 * among tenants. Nothing here looks at a clock: a slot is given away when one
 * is freed or somebody begins to wait.
 *
 * @module
 */

import { afterTurn, nextWish, type Standing, type Wish } from "./fair_share.ts";
import type { Slots } from "./slots.ts";

/** What one tenant may have of the slots. */
export interface SlotLimits {
  /** How much it is worth beside other tenants. @default 1 */
  readonly weight?: number;
  /** Most slots at the same time. @default all */
  readonly max?: number;
}

type Tenant = { -readonly [K in keyof Standing]: Standing[K] };

/** One call of `wait`, until it is taken for or aborts. */
interface Waiter extends Wish {
  readonly standing: Tenant;
  /** Settles the call and keeps the slot that was given. */
  readonly serve: () => void;
}

/** Slots that several tenants share. */
export class SlotPool {
  /** How many there are. */
  readonly total: number;
  readonly #tenants = new Map<string, Tenant>();
  readonly #waiting = new Set<Waiter>();
  #free: number;
  #turn = 0;
  #wishes = 0;
  #isSharing = false;

  /** Makes a pool in which every slot is free. */
  constructor(total: number) {
    if (!Number.isInteger(total) || total < 1) {
      throw new TypeError(`Cannot share ${total} slots`);
    }
    this.total = total;
    this.#free = total;
  }

  /** Slots that nobody holds and that are kept for nobody. */
  get free(): number {
    return this.#free;
  }

  /**
   * The door of one worker. Workers of one tenant share what the tenant gets,
   * and the one that has waited longest comes first; limits that are given
   * again replace the ones before.
   *
   * Once `wait` has settled a slot is kept for this door, until it takes or
   * the signal aborts that it has waited with.
   */
  slotsFor(tenant: string, limits: SlotLimits = {}): Slots {
    const { weight = 1, max = Infinity } = limits;
    if (!(weight > 0 && weight < Infinity) || !(max >= 1)) {
      throw new TypeError(`Cannot share slots by ${weight}, at most ${max}`);
    }
    const standing = this.#tenants.get(tenant) ??
      { held: 0, weight, max, turns: 0 };
    this.#tenants.set(tenant, Object.assign(standing, { weight, max }));
    this.#shareSoon();
    const kept = new Set<() => void>();
    let taken = 0;
    return {
      take: (wanted) => {
        const isKept = kept.size;
        for (const end of kept) end();
        kept.clear();
        const count = this.#take(standing, isKept, wanted);
        taken += count;
        return count;
      },
      free: (count) => {
        if (!(count <= taken)) {
          throw new TypeError(`Cannot free ${count} slots of ${taken}`);
        }
        taken -= count;
        this.#giveBack(standing, count);
      },
      wait: (signal) => this.#wait(standing, kept, signal),
    };
  }

  /** Some slots are kept for the taker already, the others it must be due. */
  #take(standing: Tenant, kept: number, wanted: number): number {
    const wish = { standing, since: this.#wishes++ };
    let count = Math.min(kept, Math.max(0, wanted));
    this.#giveBack(standing, kept - count);
    while (count < wanted && this.#free > 0) {
      const rival = nextWish(this.#waiting, this.#turn);
      const rivals = rival === undefined ? [wish] : [rival, wish];
      const next = nextWish(rivals, this.#turn);
      if (next === undefined) break;
      this.#give(next.standing);
      if (next === rival) this.#serve(rival);
      else count++;
    }
    return count;
  }

  #wait(
    standing: Tenant,
    kept: Set<() => void>,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const endKeeping = () => signal.removeEventListener("abort", onAbort);
    const serve = () => {
      kept.add(endKeeping);
      resolve();
    };
    const waiter: Waiter = { standing, since: this.#wishes++, serve };
    const onAbort = () => {
      this.#waiting.delete(waiter);
      if (kept.delete(endKeeping)) this.#giveBack(standing, 1);
      resolve();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(waiter);
    this.#shareSoon();
    return promise;
  }

  #giveBack(standing: Tenant, count: number): void {
    standing.held -= count;
    this.#free += count;
    this.#shareSoon();
  }

  /**
   * Not at once: a worker that frees a slot and in the same breath takes one is
   * among those who want it, although it does not wait.
   */
  #shareSoon(): void {
    if (this.#isSharing || this.#free === 0 || this.#waiting.size === 0) return;
    this.#isSharing = true;
    queueMicrotask(() => {
      this.#isSharing = false;
      this.#share();
    });
  }

  #share(): void {
    while (this.#free > 0) {
      const next = nextWish(this.#waiting, this.#turn);
      if (next === undefined) return;
      this.#give(next.standing);
      this.#serve(next);
    }
  }

  #give(standing: Tenant): void {
    const { now, turns } = afterTurn(standing, this.#turn);
    this.#turn = now;
    standing.turns = turns;
    standing.held++;
    this.#free--;
  }

  #serve(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    waiter.serve();
  }
}
