/**
 * Waiting for a person: until something happens, a limit passes, or the person
 * gives up.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** How long, and what ends it early. */
export interface WaitOptions {
  /** Limit in milliseconds. */
  readonly limitMs: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** Waits for a value; the clock is let go of in any case. */
export async function waitFor<T>(
  host: Pick<Host, "clock">,
  value: Promise<T>,
  { limitMs, signal }: WaitOptions,
): Promise<
  | { readonly kind: "interrupted" }
  | { readonly kind: "late" }
  | { readonly kind: "value"; readonly value: T }
> {
  const done = new AbortController();
  const over = host.clock.sleep(
    limitMs,
    AbortSignal.any([done.signal, signal]),
  ).then(() =>
    signal.aborted
      ? { kind: "interrupted" } as const
      : { kind: "late" } as const
  );
  try {
    return await Promise.race([
      value.then((value) => ({ kind: "value", value }) as const),
      over,
    ]);
  } finally {
    done.abort();
  }
}
