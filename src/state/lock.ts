/**
 * An exclusive lock between processes. Holding a {@linkcode Lock} is the proof
 * that a function asks for when only one process may do what it does.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { FileLock, Host } from "../host/host.ts";

/** First pause between two attempts, in milliseconds; doubles up to the last. */
const FIRST_PAUSE_MS = 5;
const LAST_PAUSE_MS = 40;

/** A lock that this process holds until it is disposed of. */
export interface Lock extends Disposable {
  /** The locked file. */
  readonly path: string;
}

/** Limits of {@linkcode acquireLock}. */
export interface AcquireOptions {
  /** How long to wait, in milliseconds. @default 10000 */
  readonly waitMs?: number;
  /**
   * Asked after each failed attempt: an answer means that the lock is no
   * longer needed, because another process has done the work.
   */
  readonly isStillNeeded?: () => Promise<boolean>;
}

/**
 * Takes the lock on a file, which is created when missing and never removed.
 *
 * @returns the lock, or `not_needed` when `isStillNeeded` said so.
 * @throws {KnownError} `lock_busy` when it stays taken for `waitMs`.
 */
export async function acquireLock(
  host: Pick<Host, "clock" | "files" | "env">,
  path: string,
  options: AcquireOptions = {},
): Promise<Lock | "not_needed"> {
  const waitMs = options.waitMs ?? 10_000;
  const start = host.clock.elapsed();
  let pauseMs = FIRST_PAUSE_MS;
  while (true) {
    const lock = await host.files.tryLock(path, { create: true });
    if (typeof lock === "object") return await claim(host, path, lock);
    if (host.clock.elapsed() - start >= waitMs) break;
    await host.clock.sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
    if (await options.isStillNeeded?.() === false) return "not_needed";
  }
  const holder = await readHolder(host, path);
  throw new KnownError(
    "lock_busy",
    `Cannot take ${path} within ${waitMs} ms: ${holder} holds it`,
    { hint: "Wait for the other command to end, then try again." },
  );
}

async function claim(
  host: Pick<Host, "env">,
  path: string,
  lock: FileLock,
): Promise<Lock> {
  // The content only names the holder in messages; the lock is the kernel's.
  await lock.write(`${host.env.pid}\n`).catch(() => undefined);
  return { path, [Symbol.dispose]: () => lock[Symbol.dispose]() };
}

async function readHolder(
  host: Pick<Host, "files">,
  path: string,
): Promise<string> {
  const text = await host.files.readText(path).catch(() => "");
  return /^\d+$/.test(text.trim())
    ? `process ${text.trim()}`
    : "another process";
}
