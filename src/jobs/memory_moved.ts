/**
 * What a backend in memory says when its jobs have moved elsewhere.
 *
 * @module
 */

import {
  QueueNotReadyError,
  type Readiness,
  type ReadyCheck,
} from "./readiness.ts";

/** Where such a backend is. */
export const MEMORY_PLACE = "memory";

const CHECK = "jobs are here";

/** Whether jobs could be added and claimed. */
export function readinessOfMemory(movedTo: string | undefined): Readiness {
  const check: ReadyCheck = movedTo === undefined
    ? { check: CHECK, level: "ok", detail: "Jobs are kept in memory." }
    : {
      check: CHECK,
      level: "fail",
      detail: `The jobs have moved to ${movedTo}.`,
      code: "QUEUE_MOVED",
      hint: hintFor(movedTo),
    };
  return { ok: movedTo === undefined, checks: [check], latencyMs: 0 };
}

/** @throws {QueueNotReadyError} when the jobs have moved. */
export function proveNotMoved(movedTo: string | undefined): void {
  if (movedTo === undefined) return;
  throw new QueueNotReadyError(
    `Cannot use the queues in memory: their jobs have moved to ${movedTo}`,
    {
      reason: "QUEUE_MOVED",
      backend: "memory",
      endpoint: MEMORY_PLACE,
      check: CHECK,
    },
    { hint: hintFor(movedTo) },
  );
}

function hintFor(place: string): string {
  return `Use the backend at ${place}`;
}
