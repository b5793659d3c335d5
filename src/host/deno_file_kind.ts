/**
 * What is at a path, and what may be opened there.
 *
 * @module
 */

import { type FileFacts, HostError } from "./host.ts";

/** Facts about a path, or `undefined` when nothing is there. */
export function statSync(path: string): FileFacts | undefined {
  try {
    const info = Deno.statSync(path);
    const kind = info.isFile
      ? "file"
      : info.isDirectory
      ? "directory"
      : "other";
    return {
      kind,
      size: info.size,
      mode: info.mode === null ? undefined : info.mode & 0o7777,
      modifiedAt: info.mtime?.getTime(),
      uid: info.uid ?? undefined,
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Opening a pipe waits for its other end, perhaps for ever. */
export function refuseSpecial(path: string): void {
  const facts = statSync(path);
  if (facts?.kind === "directory") throw new HostError("is_a_directory", path);
  if (facts?.kind === "other") throw new HostError("io", path);
}

/**
 * Refuses a pipe, which nobody who has to come to an end may open.
 *
 * @throws {HostError} `io`.
 */
export function refusePipe(path: string): void {
  try {
    if (!Deno.statSync(path).isFifo) return;
  } catch {
    // Opening it tells better what is wrong.
    return;
  }
  throw new HostError("io", path);
}

/** What is written into a lock must not end up in a file of somebody else. */
export function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
