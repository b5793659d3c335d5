/**
 * What the answers of Redis mean: pure decisions between a command and the next.
 *
 * @module
 */

import type { JobEvent } from "./backend.ts";
import type {
  Enqueued,
  JobState,
  NewJob,
  Settlement,
  SettleResult,
} from "./job.ts";
import { ADDED } from "./redis_add_script.ts";
import { TAKEN_ANSWERS } from "./redis_exchange_script.ts";
import { DELAY_STEP } from "./redis_codec.ts";

/**
 * Jobs in their order, no more than so many together, nor more than so many
 * characters of their bodies; one that has more by itself is alone.
 */
export function inSteps<T extends Pick<NewJob, "body">>(
  jobs: readonly T[],
  mostJobs: number,
  mostCharacters: number,
): readonly (readonly T[])[] {
  const steps: T[][] = [];
  let [step, characters]: [T[], number] = [[], 0];
  for (const job of jobs) {
    const { length } = job.body;
    const isFull = step.length === mostJobs ||
      characters + length > mostCharacters;
    if (step.length === 0 || isFull) {
      [step, characters] = [[], 0];
      steps.push(step);
    }
    step.push(job);
    characters += length;
  }
  return steps;
}

/** What became of a job, from what the script that adds answers. */
export function outcomeOf(id: string, answer: unknown): Enqueued {
  if (typeof answer === "string") return { id: answer, status: "duplicate" };
  const status = answer === ADDED.replaced ? "replaced" : "enqueued";
  return { id, status };
}

/** Some jobs of one queue that end in one step. */
export interface Batch {
  /** The queue. */
  readonly queue: string;
  /** How they end. */
  readonly settlements: readonly Settlement[];
  /** Where each one was among all. */
  readonly places: readonly number[];
}

/** Settlements by queue, in their order, no more than `most` together. */
export function inBatches(
  settlements: readonly Settlement[],
  most: number,
): readonly Batch[] {
  interface Filling extends Batch {
    readonly settlements: Settlement[];
    readonly places: number[];
  }
  const batches: Filling[] = [];
  const open = new Map<string, Filling>();
  settlements.forEach((settlement, place) => {
    const { queue } = settlement.claim;
    let batch = open.get(queue);
    if (batch === undefined || batch.places.length === most) {
      batch = { queue, settlements: [], places: [] };
      open.set(queue, batch);
      batches.push(batch);
    }
    batch.settlements.push(settlement);
    batch.places.push(place);
  });
  return batches;
}

/** The numbers with which BullMQ says that a job is not held any more. */
const LOST_CODES: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);

/** What ending a job gave, from BullMQ's code. */
export function resultOf(code: unknown): SettleResult {
  if (LOST_CODES.has(code)) return "lost";
  if (typeof code === "number" && code >= 0) return "settled";
  throw new TypeError(`BullMQ gave ${code} for a job that ends`);
}

/** What the script that ends and claims jobs answers. */
export interface ExchangeAnswer {
  /** BullMQ's code for each job that was to end. */
  readonly codes: readonly unknown[];
  /** The answers about each claimed job. */
  readonly taken: readonly (readonly unknown[])[];
  /** Epoch milliseconds of the next scheduled job, if BullMQ told. */
  readonly nextAt: number | undefined;
}

/** Reads what the script that ends and claims jobs answers. */
export function toExchanged(answer: unknown): ExchangeAnswer {
  const [codes, flat, nextAt] = Array.isArray(answer) ? answer : [];
  if (!Array.isArray(codes) || !Array.isArray(flat)) {
    throw new TypeError("Redis gave something else for jobs that end");
  }
  const taken: unknown[][] = [];
  for (let at = 0; at < flat.length; at += TAKEN_ANSWERS) {
    taken.push(flat.slice(at, at + TAKEN_ANSWERS));
  }
  return { codes, taken, nextAt: Number(nextAt) || undefined };
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

/** One entry as an event. */
export function toEvent(
  queue: string,
  fields: ReadonlyMap<string, string>,
): JobEvent | undefined {
  const what = fields.get("event") ?? "";
  const id = fields.get("jobId");
  const kind = KINDS.get(what);
  if (kind === undefined || id === undefined) return undefined;
  // Another job takes the place of one that is removed while it is delayed.
  if (what === "removed" && fields.get("prev") === "delayed") return undefined;
  return { kind, queue, id };
}
