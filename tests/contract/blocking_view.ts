/**
 * Files of a contract's test, read and written at once.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import type { BlockingFiles } from "../../src/host/blocking_files.ts";
import { HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import type { Check } from "./contract_world.ts";

/** More than a test writes into one file. */
export const LIMIT_BYTES = 1000;

/** The blocking files of the host to try. */
export interface BlockingView {
  /** Its blocking files. */
  readonly blocking: BlockingFiles;
  /** Path of a file of the test. */
  readonly at: (...names: string[]) => string;
}

/** Registers tests that wait for nothing. */
export type CheckBlocking = (
  title: string,
  run: (view: BlockingView) => void,
  options?: { readonly ignore?: boolean },
) => void;

/** Gives each test a directory of its own. */
export function atOnce(check: Check): CheckBlocking {
  return (title, run, options) =>
    check(`blocking: ${title}`, ({ host: { blocking }, tempDir }) => {
      run({ blocking, at: (...names) => joinPath(tempDir, ...names) });
      return Promise.resolve();
    }, options);
}

/** Asserts that the machine refuses, for a reason. */
export function assertRefused(code: string, run: () => unknown): void {
  assertEquals<string>(assertThrows(run, HostError).code, code);
}

/** Adds to a file, which has room for it. */
export function write(
  blocking: BlockingFiles,
  path: string,
  text: string,
): void {
  const outcome = blocking.appendLocked(path, text, LIMIT_BYTES);
  assertEquals(outcome, "appended");
}
