/**
 * How the tests of a contract try files.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { type FileLock, type Files, HostError } from "../../src/host/host.ts";

/** Expects a refusal with a code. */
export async function assertRefused(
  code: string,
  run: () => Promise<unknown>,
): Promise<void> {
  const error = await assertRejects(run, HostError);
  assertEquals<string>(error.code, code);
}

/** Locks a file that nobody else has locked. */
export async function takeLock(files: Files, path: string): Promise<FileLock> {
  const lock = await files.tryLock(path, { create: true });
  if (typeof lock === "string") throw new Error(`${path} is ${lock}`);
  return lock;
}
