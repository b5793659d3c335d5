/**
 * A list that is always in order.
 *
 * @module
 */

/** Items in the order of a comparison in which no two are equal. */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #items: T[] = [];

  /** Makes an empty list. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** How many there are. */
  get size(): number {
    return this.#items.length;
  }

  /** The first one. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item into its place. */
  add(item: T): void {
    this.#items.splice(this.#placeOf(item), 0, item);
  }

  /**
   * Takes an item out; what its order depends on must not have changed since
   * it was added.
   */
  remove(item: T): void {
    const place = this.#placeOf(item);
    if (this.#items[place] !== item) {
      throw new TypeError("Cannot remove an item: it is not in its place");
    }
    this.#items.splice(place, 1);
  }

  /** Every item, in order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }

  #placeOf(item: T): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#items[middle];
      if (other !== undefined && this.#compare(other, item) < 0) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }
}
