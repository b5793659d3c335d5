/**
 * Jobs as BullMQ keeps them. The body is BullMQ's `data` as it is; the rules
 * are one text in a field of their own, because only workers read them.
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

/** Puts what the script that adds takes of a job to the end of its arguments. */
export function pushArguments(args: (string | number)[], job: NewJob): void {
  const { id, hasOwnId, priority, dedupe, runAt, createdAt } = job;
  args.push(
    id,
    hasOwnId ? "1" : "",
    job.body,
    writeRules(job.rules),
    bullPriority(priority),
    runAt > createdAt ? runAt : 0,
    dedupe?.key ?? "",
    dedupe?.ttlMs ?? "",
    dedupe?.mode ?? "",
  );
}

/** A claim from the answers about a claimed job: its id, body, rules, … */
export function toClaim(
  queue: string,
  token: string,
  [id, body, rules, createdAt, attempts]: readonly unknown[],
): Claim {
  return {
    queue,
    id: String(id),
    token,
    body: String(body),
    attempts: Number(attempts ?? 0),
    rules: readRules(String(rules)),
    createdAt: Number(createdAt),
  };
}

/** The fields of a job in Redis, by name. */
export type JobFields = Readonly<Record<string, string>>;

/** A job's rules from its fields. */
export function rulesOf(fields: JobFields): JobRules {
  return readRules(fields["r"] ?? "[1]");
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
 * what a retry or its options have set, else when it was added.
 */
export function runAtOf(fields: JobFields): number {
  return timeOf(fields["ra"]) ?? Number(fields["timestamp"] ?? 0);
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
