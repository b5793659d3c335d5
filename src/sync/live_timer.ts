/**
 * A timer that knows when it was far too late.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** A busy machine is late by less, in milliseconds. */
const STALL_MS = 5000;

/** Whether a wait took so long that the machine must have slept. */
export function isLate(waitMs: number, tookMs: number): boolean {
  return tookMs > 2 * waitMs && tookMs - waitMs > STALL_MS;
}

/** What is called back; one of the two. */
export interface TimerEnds {
  /** In time, more or less. */
  readonly onDue: () => void;
  /** More than twice as late. */
  readonly onSlept: () => void;
}

/** Calls back after `ms` milliseconds, unless disposed of before. */
export function startTimer(
  host: Pick<Host, "clock">,
  ms: number,
  { onDue, onSlept }: TimerEnds,
): Disposable {
  const { clock } = host;
  const [ticks, wall] = [clock.elapsed(), clock.now()];
  return clock.later(ms, () => {
    // The clock that never goes back stands still while a machine sleeps.
    const took = Math.max(clock.elapsed() - ticks, clock.now() - wall);
    return isLate(ms, took) ? onSlept() : onDue();
  });
}
