/**
 * Where the explorer keeps what it has seen: numbers in long rows, and a set
 * of fingerprints, so that a state costs some twenty bytes and no object.
 *
 * @module
 */

const CHUNK_BITS = 20;
const CHUNK = 2 ** CHUNK_BITS;

/** A row of unsigned 32-bit numbers that grows without being copied. */
export class Numbers {
  readonly #chunks: Uint32Array[] = [];
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** The one at an index; 0 where none is. */
  at(index: number): number {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & (CHUNK - 1)] ?? 0;
  }

  /** Adds one at the end. */
  push(value: number): void {
    const at = this.#length++;
    let chunk = this.#chunks[at >>> CHUNK_BITS];
    if (chunk === undefined) {
      chunk = new Uint32Array(CHUNK);
      this.#chunks.push(chunk);
    }
    chunk[at & (CHUNK - 1)] = value;
  }
}

/** Two halves of a fingerprint of 64 bits. */
export interface Fingerprint {
  /** One half. */
  low: number;
  /** The other. */
  high: number;
}

function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Puts the fingerprint of some words into `into`: two hashes as of Murmur 3. */
export function fingerprint(
  words: Uint32Array,
  length: number,
  into: Fingerprint,
): void {
  let low = 0x9e3779b9;
  let high = 0x7f4a7c15;
  for (let at = 0; at < length; at++) {
    const word = words[at] ?? 0;
    let one = Math.imul(word, 0xcc9e2d51);
    one = Math.imul((one << 15) | (one >>> 17), 0x1b873593);
    low ^= one;
    low = Math.imul((low << 13) | (low >>> 19), 5) + 0xe6546b64;
    let two = Math.imul(word, 0x239b961b);
    two = Math.imul((two << 16) | (two >>> 16), 0xab0e9789);
    high ^= two + low;
    high = Math.imul((high << 17) | (high >>> 15), 5) + 0x0bcaa747;
  }
  into.low = mixed(low ^ length);
  into.high = mixed(high + into.low);
}

/**
 * A set of states, each known by its fingerprint and numbered in the order in
 * which they came. That two of n states have the same fingerprint has a chance
 * of n² / 2⁶⁵: below one in 100,000 for twenty million.
 */
export class StateTable {
  readonly #low = new Numbers();
  readonly #high = new Numbers();
  /** Index of a state and 1; 0 where none is. */
  #slots = new Uint32Array(2 ** 12);

  /** How many there are. */
  get size(): number {
    return this.#low.length;
  }

  /** The number of a state, which is the size before when it is new. */
  add({ low, high }: Fingerprint): number {
    if (this.size * 4 > this.#slots.length * 3) this.#grow();
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = low & mask;; at = (at + 1) & mask) {
      const index = (slots[at] ?? 0) - 1;
      if (index < 0) {
        slots[at] = this.size + 1;
        this.#low.push(low);
        this.#high.push(high);
        return this.size - 1;
      }
      if (this.has(index, low, high)) return index;
    }
  }

  /** Whether the state with a number has this fingerprint. */
  has(index: number, low: number, high: number): boolean {
    return this.#low.at(index) === low && this.#high.at(index) === high;
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.size; index++) {
      let at = this.#low.at(index) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = index + 1;
    }
    this.#slots = slots;
  }
}
