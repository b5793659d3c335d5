/**
 * Jobs as BullMQ keeps them. The body is BullMQ's `data` as it is; the rules
 * travel as one text among BullMQ's options, because only workers read them.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import type {
  Claim,
  DeadReason,
  Job,
  JobError,
  JobRules,
  JobState,
  NewJob,
} from "./job.ts";

/** Highest priority that a job can have. */
const HIGHEST = 100;

/** BullMQ's priorities from ours: its 1 comes first, ours 100. */
export function bullPriority(priority: number): number {
  return HIGHEST + 1 - priority;
}

/** Ours from BullMQ's. */
export function ourPriority(priority: number): number {
  return HIGHEST + 1 - priority;
}

/** Distance of two priorities in the sorted set of what is ready. */
export const PRIORITY_STEP = 0x100000000;

/** Millisecond steps in the sorted set of what is scheduled. */
export const DELAY_STEP = 0x1000;

/** The rules as one text. */
export function writeRules(rules: JobRules): string {
  const { attempts, backoff, timeoutMs, expiresAt } = rules;
  return JSON.stringify([
    attempts,
    backoff.type === "fixed" ? 0 : 1,
    backoff.baseMs,
    backoff.capMs,
    backoff.jitter === "none" ? 0 : 1,
    timeoutMs,
    expiresAt,
  ]);
}

/** The rules from their text. */
export function readRules(text: string): JobRules {
  const numbers: unknown = JSON.parse(text);
  const at = (index: number): number => {
    const value: unknown = Array.isArray(numbers) ? numbers[index] : undefined;
    return typeof value === "number" ? value : 0;
  };
  return {
    attempts: at(0),
    backoff: {
      type: at(1) === 0 ? "fixed" : "exponential",
      baseMs: at(2),
      capMs: at(3),
      jitter: at(4) === 0 ? "none" : "full",
    },
    timeoutMs: at(5),
    expiresAt: at(6),
  };
}

/** BullMQ's options of a job, with ours in `r`. */
export interface BullOptions {
  /** BullMQ's priority. */
  readonly priority: number;
  /** Milliseconds from its being added to its first attempt. */
  readonly delay?: number;
  /** Attempts, for people who look with BullMQ's tools. */
  readonly attempts: number;
  /** What keeps equal jobs away. */
  readonly deduplication?: {
    readonly id: string;
    readonly ttl?: number;
    readonly replace?: true;
    readonly extend?: true;
  };
  /** Our rules. */
  readonly r: string;
}

/** A new job's options as BullMQ takes them. */
export function bullOptions(job: NewJob): BullOptions {
  const { priority, rules, dedupe, runAt, createdAt } = job;
  return {
    priority: bullPriority(priority),
    attempts: rules.attempts,
    r: writeRules(rules),
    ...(runAt > createdAt && { delay: runAt - createdAt }),
    ...(dedupe !== undefined && {
      deduplication: {
        id: dedupe.key,
        ...(dedupe.ttlMs !== undefined && { ttl: dedupe.ttlMs }),
        // Without the second, the first job's time would count for all.
        ...(dedupe.mode === "replace" &&
          { replace: true as const, extend: true as const }),
      },
    }),
  };
}

/** What BullMQ gives of a job that was just claimed. */
export interface ClaimedJob {
  /** Its id. */
  readonly id: string;
  /** Its body. */
  readonly data: string;
  /** Its options; ours are in `r`. */
  readonly opts: object;
  /** Attempts that have ended. */
  readonly attemptsMade: number;
  /** Epoch milliseconds of its being added. */
  readonly timestamp: number;
}

/** A claim from what BullMQ gives. */
export function toClaim(queue: string, token: string, job: ClaimedJob): Claim {
  const rules: unknown = Reflect.get(job.opts, "r");
  return {
    queue,
    id: job.id,
    token,
    body: job.data,
    attempts: job.attemptsMade,
    rules: readRules(typeof rules === "string" ? rules : "[1]"),
    createdAt: job.timestamp,
  };
}

/** The fields of a job in Redis, by name. */
export type JobFields = Readonly<Record<string, string>>;

/** A job's rules from its fields. */
export function rulesOf(fields: JobFields): JobRules {
  const options: unknown = JSON.parse(fields["opts"] ?? "{}");
  const rules: unknown = typeof options === "object" && options !== null
    ? Reflect.get(options, "r")
    : undefined;
  return readRules(typeof rules === "string" ? rules : "[1]");
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined || text === ""
    ? undefined
    : Math.floor(Number(text));
}

function jsonOf(text: string | undefined): JsonValue | undefined {
  return text === undefined || text === "" ? undefined : JSON.parse(text);
}

/** An error as the fields `reason` and `error` keep it. */
export function writeError(error: JobError): string {
  return JSON.stringify([error.name, error.message]);
}

function errorOf(text: string | undefined): JobError | undefined {
  const parts = jsonOf(text);
  if (!Array.isArray(parts)) return undefined;
  return { name: String(parts[0]), message: String(parts[1]) };
}

/**
 * When the next attempt may begin or could have begun, in epoch milliseconds:
 * what a retry has set, else what the job was added with.
 */
export function runAtOf(fields: JobFields): number {
  const again = timeOf(fields["ra"]);
  if (again !== undefined) return again;
  const options: unknown = JSON.parse(fields["opts"] ?? "{}");
  const delay: unknown = typeof options === "object" && options !== null
    ? Reflect.get(options, "delay")
    : undefined;
  return Number(fields["timestamp"] ?? 0) +
    (typeof delay === "number" ? delay : 0);
}

/** A job for people, from its fields and the set it is in. */
export function toJob(
  queue: string,
  id: string,
  state: JobState,
  fields: JobFields,
): Job {
  const isOver = state === "completed" || state === "dead";
  return {
    id,
    queue,
    state,
    data: JSON.parse(fields["data"] ?? "null"),
    priority: ourPriority(Number(fields["priority"] ?? HIGHEST + 1)),
    attempts: Number(fields["atm"] ?? 0),
    maxAttempts: rulesOf(fields).attempts,
    stalls: Number(fields["stc"] ?? 0),
    createdAt: Number(fields["timestamp"] ?? 0),
    runAt: state === "scheduled" ? runAtOf(fields) : undefined,
    startedAt: timeOf(fields["processedOn"]),
    finishedAt: isOver ? timeOf(fields["finishedOn"]) : undefined,
    progress: jsonOf(fields["progress"]),
    result: state === "completed" ? jsonOf(fields["returnvalue"]) : undefined,
    error: state === "completed" ? undefined : errorOf(fields["error"]),
    deadReason: state === "dead"
      ? (fields["reason"] ?? "failed") as DeadReason
      : undefined,
  };
}
