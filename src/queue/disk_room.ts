/**
 * Whether the disk has room for more events, asked only now and then.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";

/** The free disk is looked at once in so many events. */
const LOOK_EVERY = 256;
/**
 * The first look loads the C library, which would cost a program that says
 * little more than all its events; so few of them cannot fill a disk.
 */
const FIRST_LOOK_AT = 32;

/** The room on the disk of one directory. */
export class DiskRoom {
  readonly #files: Pick<BlockingFiles, "freeBytes">;
  readonly #directory: string;
  #isShort = false;
  #left = FIRST_LOOK_AT;

  /** Makes one that has not looked yet. */
  constructor(files: Pick<BlockingFiles, "freeBytes">, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** Whether less than `minBytes` are free for so many events. */
  isShort(count: number, minBytes: number): boolean {
    // While the disk is low, every event looks again.
    if (this.#isShort || this.#left < count) {
      const free = this.#files.freeBytes(this.#directory);
      this.#isShort = free !== undefined && free < minBytes;
      this.#left = LOOK_EVERY;
    }
    this.#left -= count;
    return this.#isShort;
  }
}
