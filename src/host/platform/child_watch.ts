/**
 * Tells when children end that Deno does not know of, because they were not
 * started through it.
 *
 * @module
 */

import { reap } from "./posix_spawn.ts";

type Settle = (exitCode: number) => void;

const waiting = new Map<number, Settle>();
let isOpen = false;

/** Begins to listen, for the life of this process, without keeping it alive. */
export function openChildWatch(): void {
  if (isOpen) return;
  isOpen = true;
  Deno.addSignalListener("SIGCHLD", look);
}

/** Settles with the exit code of a child when it ends while we still run. */
export function watchChild(pid: number): Promise<number> {
  openChildWatch();
  const { promise, resolve } = Promise.withResolvers<number>();
  waiting.set(pid, resolve);
  // It may have ended before anybody listened.
  look();
  return promise;
}

function look(): void {
  for (const [pid, settle] of waiting) {
    const exitCode = reap(pid);
    if (exitCode === undefined) continue;
    waiting.delete(pid);
    settle(exitCode);
  }
}
