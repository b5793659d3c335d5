/**
 * Packed states that wait for their turn, in one block of memory.
 *
 * @module
 */

import type { StatePacker } from "./packed_state.ts";
import type { State } from "./protocol_state.ts";
import { unpack } from "./unpacked_state.ts";

/** One layer of a search: states as bytes, each with its length before it. */
export class Frontier {
  #bytes = new Uint8Array(2 ** 16);
  #end = 0;
  #read = 0;

  /** Adds what was packed last. */
  push({ bytes, length }: StatePacker): void {
    if (this.#end + length >= this.#bytes.length) {
      const longer = new Uint8Array(this.#bytes.length * 2);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#end++] = length;
    for (let at = 0; at < length; at++) {
      this.#bytes[this.#end++] = bytes[at] ?? 0;
    }
  }

  /** Whether one is left to be looked at. */
  get hasMore(): boolean {
    return this.#read < this.#end;
  }

  /** The next one. */
  shift(): State {
    const length = this.#bytes[this.#read] ?? 0;
    const state = unpack(this.#bytes, this.#read + 1);
    this.#read += length + 1;
    return state;
  }

  /** Forgets all. */
  clear(): void {
    this.#end = 0;
    this.#read = 0;
  }
}
