/**
 * Whether the disk has room for more jobs, asked only now and then: what is
 * left is for ending the jobs that are there.
 *
 * @module
 */

import type { BlockingFiles } from "../../host/blocking_files.ts";

/** A job counts for at least so much. */
const JOB_BYTES = 4096;
/** The disk is looked at once in so many bytes of jobs. */
const LOOK_EVERY = 256 * JOB_BYTES;
/**
 * The first look loads the C library, which would cost a program that adds
 * little more than all its jobs; so few of them cannot fill a disk.
 */
const FIRST_LOOK_AT = 32 * JOB_BYTES;

/** The room on the disk of one directory. */
export class DiskRoom {
  readonly #files: Pick<BlockingFiles, "freeBytes">;
  readonly #directory: string;
  readonly #minBytes: number;
  #shortOf: number | undefined;
  #left = FIRST_LOOK_AT;

  /** Makes one that has not looked yet. */
  constructor(
    files: Pick<BlockingFiles, "freeBytes">,
    directory: string,
    minBytes: number,
  ) {
    this.#files = files;
    this.#directory = directory;
    this.#minBytes = minBytes;
  }

  /** Bytes that are free if those are too few for more jobs. */
  shortOf(jobs: readonly { readonly body: string }[]): number | undefined {
    const bytes = jobs.reduce(
      (sum, { body }) => sum + Math.max(body.length, JOB_BYTES),
      0,
    );
    // While the disk is low, every job looks again.
    if (this.#shortOf !== undefined || this.#left < bytes) {
      const free = this.#files.freeBytes(this.#directory);
      const isShort = free !== undefined && free < this.#minBytes;
      this.#shortOf = isShort ? free : undefined;
      this.#left = LOOK_EVERY;
    }
    this.#left -= bytes;
    return this.#shortOf;
  }
}
