/**
 * What may be different in a place in which all was well with delivery, for
 * tests of what its doctor finds.
 *
 * @module
 */

import type { QueueCounts } from "../../src/queue/counts.ts";
import type { SyncFacts } from "../../src/doctor/sync_facts.ts";
import type {
  HolderFacts,
  OpenQueueFacts,
} from "../../src/doctor/sync_queue_facts.ts";
import { COUNTS, NOW, QUEUE, TARGET } from "./sync_facts.ts";

/** An hour in milliseconds. */
export const HOUR = 3_600_000;

/** Numbers of a queue in which events wait. */
export const WAITING: QueueCounts = { ...COUNTS, ready: 2 };

/** A pass that failed an hour ago, for a reason that each test gives. */
export const FAILED = { at: NOW - HOUR, detail: "" };

/** A target that is paused. */
export const PAUSED = {
  "paused_reason": "not_admitted",
  "paused_detail": "",
  "paused_at": NOW - HOUR,
};

/** A target whose circuit is open. */
export const BROKEN = {
  circuit: "open",
  failures: 3,
  "last_error_code": "gateway",
  "last_error": "HTTP 503",
  "next_attempt_at": NOW + 90_000,
  "last_success_at": NOW - 2 * HOUR,
};

/** Something else about the queue. */
export function open(change: Partial<OpenQueueFacts>): Partial<SyncFacts> {
  return { queue: { ...QUEUE, ...change } };
}

/** Events that have waited for this long. */
export function since(
  ageMs: number,
  counts: Partial<QueueCounts> = { ready: 2 },
): Partial<SyncFacts> {
  return open({
    oldestWaitingAt: NOW - ageMs,
    counts: { ...COUNTS, ...counts },
  });
}

/** Something else about the target, while events wait. */
export function toward(
  change: Readonly<Record<string, string | number | null>>,
  counts: QueueCounts = WAITING,
): Partial<SyncFacts> {
  return open({ counts, target: { ...TARGET, ...change } });
}

/** How the last pass ended. */
export function after(reason: OpenQueueFacts["lastPass"]): Partial<SyncFacts> {
  return open({ lastPass: reason });
}

/** Somebody who delivers right now. */
export function held(holder: Partial<HolderFacts>): Partial<SyncFacts> {
  return open({
    counts: { ...COUNTS, inflight: 1 },
    holder: {
      pid: 7,
      role: "daemon",
      isFresh: true,
      isAlive: true,
      ...holder,
    },
  });
}
