/**
 * File operations that are over when they return. Capturing an event needs
 * them: what `emit()` has acknowledged must be on disk, even if the program
 * ends in the next instruction. Everything else takes `Files`.
 *
 * @module
 */

import type { FileFacts } from "./host.ts";

/** Blocking files. Every refusal is a `HostError`. */
export interface BlockingFiles {
  /** Reads UTF-8 text; a file over `maxBytes` (default 1 MiB) is `too_large`. */
  readText(path: string, maxBytes?: number): string;
  /**
   * Reads at most `length` bytes from offset `from` on; fewer at the end of
   * the file, none behind it.
   */
  readSlice(path: string, from: number, length: number): Uint8Array;
  /**
   * Moves the last `maxBytes` bytes of a file that somebody may be appending
   * to into a new file 0600 in the place of `to`, and empties it. What comes
   * in the instant between the two is lost.
   */
  moveTail(path: string, to: string, maxBytes: number): void;
  /** Facts about a path, or `undefined` when nothing is there. */
  stat(path: string): FileFacts | undefined;
  /** Names in a directory, sorted; a missing directory is empty. */
  list(path: string): readonly string[];
  /** Makes a directory and its parents, 0700; an existing one is fine. */
  makeDirectory(path: string): void;
  /** Makes an empty file 0600 unless one is there; its directory must exist. */
  touch(path: string): void;
  /** Renames a file over whatever has the new name. */
  rename(from: string, to: string): void;
  /** Removes a file; a missing one is fine. */
  remove(path: string): void;
  /**
   * Appends and flushes under an exclusive lock on the file, which is made
   * 0600 when missing; its directory must exist. Waits for the lock.
   *
   * @returns `full` when the file would grow over `maxBytes`; then nothing was
   * written.
   */
  appendLocked(
    path: string,
    text: string,
    maxBytes: number,
  ): "appended" | "full";
  /**
   * Hands over what {@linkcode appendLocked} has gathered and empties the file
   * after `use` returned; a throw leaves it as it was. A missing file is empty.
   */
  takeLocked(path: string, use: (text: string) => void): void;
  /** Bytes that an ordinary user may still write there, where it is known. */
  freeBytes(path: string): number | undefined;
  /** Whether a directory is on a network file system, where it is known. */
  isRemote(path: string): boolean | undefined;
}
