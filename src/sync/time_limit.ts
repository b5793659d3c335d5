/**
 * One step of something that has to be over soon.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** How long a step may take, and where its troubles are noted. */
export interface StepLimit {
  /** Milliseconds. */
  readonly ms: number;
  /** Name of the step, for its troubles. */
  readonly name: string;
  /** Gets a line if the step fails or takes too long. */
  readonly troubles: string[];
  /** How long it may tidy up once it was told, in milliseconds. @default 0 */
  readonly graceMs?: number;
}

/** Runs a step; when its time is over it is told so and left to itself. */
export async function withinTime<T>(
  host: Pick<Host, "clock">,
  { ms, name, troubles, graceMs = 0 }: StepLimit,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  if (ms <= 0) {
    troubles.push(`${name}: no time left`);
    return undefined;
  }
  const done = new AbortController();
  const late = new AbortController();
  const timer = host.clock.sleep(ms, done.signal).then(() => {
    if (!done.signal.aborted) late.abort();
    return undefined;
  });
  const ended = act(late.signal).catch((error) => {
    const text = error instanceof Error ? error.message : String(error);
    troubles.push(`${name}: ${text}`);
    return undefined;
  });
  const result = await Promise.race([ended, timer]);
  if (late.signal.aborted) troubles.push(`${name}: not within ${ms} ms`);
  if (late.signal.aborted && graceMs > 0) {
    await Promise.race([ended, host.clock.sleep(graceMs, done.signal)]);
  }
  done.abort();
  return result;
}

/** Steps one after the other, which share a deadline. */
export interface Budget {
  /** What went wrong so far, in words. */
  readonly troubles: readonly string[];
  /** Milliseconds that are used up. */
  usedMs(): number;
  /** Runs a step with a limit of its own, grace and all. */
  attempt<T>(
    limit: {
      readonly name: string;
      readonly ms: number;
      readonly graceMs?: number;
    },
    act: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined>;
}

/** Begins to count the time of some steps. */
export function createBudget(
  host: Pick<Host, "clock">,
  deadlineMs: number,
): Budget {
  const startedAt = host.clock.elapsed();
  const troubles: string[] = [];
  const usedMs = () => host.clock.elapsed() - startedAt;
  return {
    troubles,
    usedMs,
    attempt: async (limit, act) => {
      const { graceMs = 0 } = limit;
      const ms = Math.min(limit.ms, deadlineMs - usedMs()) - graceMs;
      return await withinTime(host, { ...limit, ms, troubles }, act);
    },
  };
}
