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
const DEFAULT_WAIT_MS = 10_000;

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
  /**
   * What the holder is at, in one line, for whoever finds the lock taken.
   *
   * @default nothing but the process id
   */
  readonly purpose?: string;
}

/** Who holds a lock, as far as its file tells. */
export interface LockHolder {
  /** Process id, where it is known. */
  readonly pid: number | undefined;
  /** What it is at, where it has said so. */
  readonly purpose: string | undefined;
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
  const waitMs = options.waitMs ?? DEFAULT_WAIT_MS;
  const start = host.clock.elapsed();
  let pauseMs = FIRST_PAUSE_MS;
  while (true) {
    const lock = await host.files.tryLock(path, { create: true });
    if (typeof lock === "object") return await claim(host, lock, path, options);
    if (host.clock.elapsed() - start >= waitMs) break;
    await host.clock.sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
    if (await options.isStillNeeded?.() === false) return "not_needed";
  }
  const { pid } = await readLockHolder(host, path);
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  throw new KnownError(
    "lock_busy",
    `Cannot take ${path} within ${waitMs} ms: ${holder} holds it`,
    { hint: "Wait for the other command to end, then try again." },
  );
}

/**
 * Takes the lock like {@linkcode acquireLock}, for work that nobody else does.
 *
 * @throws {KnownError} `lock_busy` when it stays taken for `waitMs`.
 */
export async function takeLock(
  host: Pick<Host, "clock" | "files" | "env">,
  path: string,
  options: Omit<AcquireOptions, "isStillNeeded"> = {},
): Promise<Lock> {
  const { waitMs = DEFAULT_WAIT_MS, purpose } = options;
  const lock = await acquireLock(host, path, {
    waitMs,
    ...purpose === undefined ? {} : { purpose },
  });
  if (lock === "not_needed") throw new TypeError(`${path} is always needed`);
  return lock;
}

async function claim(
  host: Pick<Host, "env">,
  lock: FileLock,
  path: string,
  { purpose }: AcquireOptions,
): Promise<Lock> {
  const lines = [`${host.env.pid}`, ...purpose === undefined ? [] : [purpose]];
  // The content only names the holder in messages; the lock is the kernel's.
  await lock.write(`${lines.join("\n")}\n`).catch(() => undefined);
  return { path, [Symbol.dispose]: () => lock[Symbol.dispose]() };
}

/** Reads who has signed a lock; only true while the lock is taken. */
export async function readLockHolder(
  host: Pick<Host, "files">,
  path: string,
): Promise<LockHolder> {
  const text = await host.files.readText(path).catch(() => "");
  const [first = "", second = ""] = text.split("\n");
  return {
    pid: /^\d+$/.test(first) ? Number(first) : undefined,
    purpose: second === "" ? undefined : second,
  };
}
