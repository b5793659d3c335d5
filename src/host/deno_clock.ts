/**
 * Time through Deno. The first `setTimeout` of a process loads Node's timers,
 * which costs six milliseconds and four MiB; `AbortSignal.timeout` costs
 * neither, but alone it does not keep the process awake.
 *
 * @module
 */

import type { Clock } from "./host.ts";

/** A signal that nobody sends us and that does nothing by default. */
const KEEPER: Deno.Signal = "SIGURG";
const HAS_KEEPER = Deno.build.os !== "windows";

/** A timer that is set for later fires at once. */
const LATEST_MS = 2 ** 31 - 1;

let sleepers = 0;
const keepAwake = () => {};

function beginSleep(): void {
  sleepers++;
  if (sleepers === 1) Deno.addSignalListener(KEEPER, keepAwake);
}

function endSleep(): void {
  sleepers--;
  if (sleepers === 0) Deno.removeSignalListener(KEEPER, keepAwake);
}

let turning: Promise<unknown> | undefined;

/**
 * One turn of the event loop, for all that want one now. No timer is that
 * short: the shortest takes two milliseconds, and this a twentieth of one. What
 * is hashed does not matter.
 */
async function turn(): Promise<void> {
  turning ??= crypto.subtle.digest("SHA-256", new Uint8Array())
    .finally(() => turning = undefined);
  await turning;
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  if (ms <= 0) return turn();
  if (!HAS_KEEPER) return sleepByTimer(ms, signal);
  const { promise, resolve } = Promise.withResolvers<void>();
  const deadline = AbortSignal.timeout(Math.max(0, Math.ceil(ms)));
  const finish = () => {
    deadline.removeEventListener("abort", finish);
    signal?.removeEventListener("abort", finish);
    endSleep();
    resolve();
  };
  beginSleep();
  deadline.addEventListener("abort", finish);
  signal?.addEventListener("abort", finish);
  return promise;
}

function sleepByTimer(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", finish);
  });
}

function later(ms: number, callback: () => void): Disposable {
  // Who listens to the signal of a timeout keeps the process alive.
  const timer = setTimeout(callback, Math.min(ms, LATEST_MS));
  Deno.unrefTimer(timer);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** The real clock. */
export const denoClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep,
  later,
};
