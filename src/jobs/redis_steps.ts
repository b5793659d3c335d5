/**
 * What the answers of Redis mean: pure decisions between a command and the next.
 *
 * @module
 */

import type { JobEvent } from "./backend.ts";
import type { Enqueued, JobState, NewJob, Settlement } from "./job.ts";
import { DELAY_STEP } from "./redis_codec.ts";

/**
 * From which settlement on the next jobs can be claimed on the way: none after
 * it makes a job ready that would have to come first.
 */
export function fetchFrom(
  settlements: readonly Pick<Settlement, "kind">[],
): number {
  return 1 +
    settlements.findLastIndex(({ kind }) =>
      kind === "retry" || kind === "return"
    );
}

/** What adding a job in Redis found. */
export interface Added {
  /** Whether there was a job of its id before. */
  readonly wasThere: boolean;
  /** The id of the job that held its key, if there was one. */
  readonly holder: string | undefined;
  /** The id of the job that is there for it now. */
  readonly id: string;
}

/** What became of a job, from what adding it found. */
export function outcomeOf(
  job: Pick<NewJob, "dedupe" | "id">,
  { wasThere, holder, id }: Added,
): Enqueued {
  if (wasThere || id !== job.id) return { id, status: "duplicate" };
  const isReplaced = job.dedupe !== undefined && holder !== undefined;
  return { id, status: isReplaced ? "replaced" : "enqueued" };
}

/** The places of a job; at most one is there. */
export interface Places {
  /** Score among the ready ones. */
  readonly ready: string | null;
  /** Score among the scheduled ones. */
  readonly scheduled: string | null;
  /** Score among the completed ones. */
  readonly completed: string | null;
  /** Score among the dead ones. */
  readonly dead: string | null;
}

/** The largest score of a scheduled job that is due. */
export function dueScore(nowMs: number): number {
  return (nowMs + 1) * DELAY_STEP - 1;
}

/** A job's state; one that is due is ready although nobody has looked yet. */
export function stateOf(places: Places, nowMs: number): JobState {
  if (places.dead !== null) return "dead";
  if (places.completed !== null) return "completed";
  if (places.scheduled !== null) {
    return Number(places.scheduled) > dueScore(nowMs) ? "scheduled" : "ready";
  }
  return places.ready !== null ? "ready" : "active";
}

const KINDS: ReadonlyMap<string, JobEvent["kind"]> = new Map([
  ["active", "started"],
  ["added", "enqueued"],
  ["completed", "completed"],
  ["delayed", "retried"],
  ["failed", "dead"],
  ["progress", "progress"],
  ["removed", "cancelled"],
  ["stalled", "stalled"],
]);

/**
 * One entry as an event.
 *
 * @param lastAdded the job that the entry before it added: a scheduled one is
 * also said to be delayed, like one that will be tried again.
 */
export function toEvent(
  queue: string,
  fields: ReadonlyMap<string, string>,
  lastAdded: string | undefined,
): JobEvent | undefined {
  const what = fields.get("event") ?? "";
  const id = fields.get("jobId");
  const kind = KINDS.get(what);
  if (kind === undefined || id === undefined) return undefined;
  if (what === "delayed" && id === lastAdded) return undefined;
  // Another job takes the place of one that is removed while it is delayed.
  if (what === "removed" && fields.get("prev") === "delayed") return undefined;
  return { kind, queue, id };
}
