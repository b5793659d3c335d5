/**
 * Waiting until a queue in memory has work.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** What is waited for. */
export interface Awaited {
  /** Epoch milliseconds of the next work, if any is to come by time alone. */
  readonly nextAt: (nowMs: number) => number | undefined;
  /** Calls back whenever that may have changed. */
  readonly onChange: (callback: () => void) => Disposable;
}

/** A wall clock that is set forward is noticed after so long. */
const LONGEST_MS = 60_000;

/** Settles when there is work or `signal` aborts. */
export async function waitInMemory(
  { clock }: Pick<Host, "clock">,
  { nextAt, onChange }: Awaited,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const nowMs = clock.now();
    const at = nextAt(nowMs);
    if (at !== undefined && at <= nowMs) return;
    const woken = new AbortController();
    const wake = () => woken.abort();
    using _change = onChange(wake);
    signal.addEventListener("abort", wake);
    // Without anything to come, nothing keeps the process awake.
    if (at === undefined) await aborted(woken.signal);
    else await clock.sleep(Math.min(at - nowMs, LONGEST_MS), woken.signal);
    signal.removeEventListener("abort", wake);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
