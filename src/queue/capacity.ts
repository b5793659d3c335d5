/**
 * What happens to an event when room is short.
 *
 * @module
 */

import type { EventClass } from "./registry.ts";

/** Limits of one project's queue. */
export interface QueueLimits {
  /** Most events with a body. */
  readonly maxRows: number;
  /** Most bytes of bodies. */
  readonly maxBytes: number;
  /** Free disk below which nothing more is captured, in bytes. */
  readonly minFreeBytes: number;
}

/** Limits unless the person sets others. */
export const DEFAULT_LIMITS: QueueLimits = {
  maxRows: 100_000,
  maxBytes: 256 * 1024 * 1024,
  minFreeBytes: 512 * 1024 * 1024,
};

/** Largest overflow file in bytes. */
export const OVERFLOW_LIMIT_BYTES: number = 16 * 1024 * 1024;

/** How full a queue is: `{ rows, bytes }` of what it may hold. */
export interface Fill {
  /** Events with a body. */
  readonly rows: number;
  /** Bytes of their bodies. */
  readonly bytes: number;
}

/** The fuller of the two measures, where 1 is full. */
export function fillOf({ rows, bytes }: Fill, limits: QueueLimits): number {
  return Math.max(rows / limits.maxRows, bytes / limits.maxBytes);
}

/** Share from which a warning is due. */
export const WARN_AT = 0.8;
/** Share from which bodies of delivered events are given up. */
export const RECLAIM_AT = 0.9;
/** Share from which telemetry gives way. */
export const DROP_AT = 0.95;

/** What to do with one more event. */
export type Admission = "capture" | "reclaim_first" | "drop" | "overflow";

/** Decides about one more event, with the queue as it would be with it. */
export function admit(
  kind: EventClass,
  after: Fill,
  limits: QueueLimits,
): Admission {
  const fill = fillOf(after, limits);
  if (fill > 1) return kind === "telemetry" ? "drop" : "overflow";
  if (fill >= DROP_AT && kind === "telemetry") return "drop";
  return fill >= RECLAIM_AT ? "reclaim_first" : "capture";
}
